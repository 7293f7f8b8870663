/** Which files of protocols/ are state machines, and the tests whose work it is to hold each: every mutant of it must fall to them. */

/** Room, machine, files of test/protocols/ROOM: the fast ones first, for a mutant runs until one test fails. */
export const MACHINES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  mailbox: {
    box: ['box', 'node'],
    queue: ['box', 'node'],
    recipient: ['recipient'],
    sender: ['sender'],
    client: ['node'],
    node: ['node'],
    seen: ['parts'],
    reassembly: ['parts'],
  },
  pairing: { inviter: ['walk'], scanner: ['walk'] },
  handshake: { initiate: ['agreement', 'attacks'], respond: ['agreement', 'attacks'], schedule: ['agreement', 'vectors'] },
  ratchet: { encrypt: ['ratchet'], decrypt: ['decrypt', 'ratchet', 'attacks'], skipped: ['skipped', 'ratchet', 'attacks'], taken: ['taken', 'ratchet', 'attacks'], schedule: ['ratchet', 'twin'] },
  session: { open: ['open', 'session'], seal: ['session'], settle: ['settle'], record: ['settle', 'open', 'session'] },
  channel: { state: ['state', 'judge'], judge: ['judge'], author: ['judge', 'rotation'], sync: ['sync', 'evidence'], merkle: ['merkle'], rate: ['rate'] },
}

/** Parts of the titles of tests that take too long to be run for every mutant. */
export const WITHOUT: readonly string[] = [
  '10,000 samples',
  'as far as a clock can tell',
  'is bounded: the one that waited longest',
  'does what its twin does',
  'comes together in any order',
  'refuses any flipped bit',
  'with any byte changed',
  'puts only bucket sizes',
  'in whatever order it is heard; the old key undoes nothing',
]

export const machineFile = (room: string, machine: string): string => `protocols/${room}/${machine}.ts`
export const testFile = (room: string, test: string): string => `test/protocols/${room}/${test}.test.ts`
