/** Vectors of the ratchet room: one conversation with loss and disorder, made by the readable twin. */
import { toHex, utf8 } from '../../protocols/suite/index.ts'
import { type Drawn, type TwinRatchet, twins } from '../../test/reference/ratchet.ts'

/** Seeds that are easy to type into another implementation: one byte, repeated. */
const seed = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte)

const START = { root: seed(0x01, 32), headerInitiator: seed(0x02, 32), headerResponder: seed(0x03, 32), dh: seed(0x04, 32), kem: seed(0x05, 64) }

/** In the order they are sealed; `opened` is when they arrive: before the message of that place is sealed, in this order. */
const SAID: { from: 'initiator' | 'responder'; text: string; begins?: boolean }[] = [
  { from: 'initiator', text: 'one', begins: true },
  { from: 'initiator', text: '' },
  { from: 'initiator', text: '셋' },
  { from: 'responder', text: 'answer to three', begins: true },
  { from: 'initiator', text: 'a new chain', begins: true },
  { from: 'initiator', text: 'its second' },
  { from: 'initiator', text: 'never opened' },
]
const ARRIVES: Record<number, number[]> = { 3: [2], 4: [3], 7: [5, 0, 4, 1] }

export function vectors(): unknown {
  const associated = utf8('associated data')
  const talkers = twins(START)
  const events: unknown[] = []
  const sealed: Uint8Array[] = []
  /** by which message is the first that the copy seals another of */
  const copies = new Map<number, TwinRatchet>()
  for (let place = 0; place <= SAID.length; place++) {
    for (const index of ARRIVES[place] ?? []) {
      const to = SAID[index]?.from === 'initiator' ? 'responder' : 'initiator'
      const plaintext = talkers[to].decrypt(sealed[index] as Uint8Array, associated)
      events.push({ event: 'open', by: to, message: index, plaintext: toHex(plaintext) })
    }
    const said = SAID[place]
    if (!said) break
    const base = 0x10 * (place + 1)
    const step = said.begins ? { dh: seed(base, 32), kem: seed(base + 1, 64), coins: seed(base + 2, 32) } : undefined
    const drawn: Drawn = { salt: seed(base + 3, 16), ...(step && { step }) }
    const plaintext = utf8(said.text)
    copies.set(place, talkers[said.from].copy())
    const message = talkers[said.from].encrypt(plaintext, associated, drawn)
    sealed.push(message)
    events.push({
      event: 'seal',
      by: said.from,
      plaintext: toHex(plaintext),
      draws: [...(step ? [step.dh, step.kem, step.coins] : []), drawn.salt].map(toHex),
      message: toHex(message),
    })
  }
  const second = (place: number, step?: Drawn['step']): string =>
    toHex((copies.get(place) as TwinRatchet).encrypt(utf8('by a copy'), associated, { salt: seed(0xf3, 16), ...(step && { step }) }))
  return {
    about:
      'One conversation in the order it happened. draws: X25519 scalar, ML-KEM-768 seed, encapsulation coins (when a chain begins), salt. refused: after all of it, one of the messages sealed above, altered or cut, or bytes of their own.',
    start: Object.fromEntries(Object.entries(START).map(([name, bytes]) => [name, toHex(bytes)])),
    associated: toHex(associated),
    events,
    refused: [
      { about: 'opened before', by: 'responder', message: 4, error: 'duplicate' },
      { about: 'opened late, and again', by: 'responder', message: 0, error: 'duplicate' },
      { about: 'opened before, and a bit of the salt', by: 'responder', message: 5, flip: 0, error: 'duplicate' },
      { about: 'opened before, and a bit of the body', by: 'responder', message: 5, flip: 2404, error: 'duplicate' },
      { about: 'opened before, and a bit of the commitment', by: 'responder', message: 5, flip: 20, error: 'no-key' },
      { about: 'a second message under the number of one that was opened', by: 'responder', bytes: second(5), error: 'forked' },
      { about: 'the same in an old chain', by: 'responder', bytes: second(1), error: 'forked' },
      { about: 'a second chain under one header key', by: 'responder', bytes: second(4, { dh: seed(0xf0, 32), kem: seed(0xf1, 64), coins: seed(0xf2, 32) }), error: 'forked' },
      { about: 'a bit of the salt', by: 'responder', message: 6, flip: 0, error: 'commitment' },
      { about: 'a bit of the commitment', by: 'responder', message: 6, flip: 20, error: 'no-key' },
      { about: 'a bit of the number', by: 'responder', message: 6, flip: 51, error: 'no-key' },
      { about: 'a bit of what proves the number', by: 'responder', message: 6, flip: 52, error: 'no-key' },
      { about: 'a bit of the announcement’s nonce', by: 'responder', message: 6, flip: 68, error: 'no-key' },
      { about: 'a bit of the announcement', by: 'responder', message: 6, flip: 1000, error: 'no-key' },
      { about: 'a bit of the body', by: 'responder', message: 6, flip: 2404, error: 'body' },
      { about: 'one byte shorter than any message', by: 'responder', message: 1, cut: 2419, error: 'malformed' },
      { about: 'sent back to its author', by: 'initiator', message: 4, error: 'no-key' },
    ],
  }
}
