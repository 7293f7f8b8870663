/** The stored form of a state: a byte table, written at every message. For the encrypted store only. */
import { Reader, SIZE, type SecretKey, type Suite } from '../suite/index.ts'
import { RatchetError } from './errors.ts'
import { SEALED_ANNOUNCEMENT } from './header.ts'
import { MAX_OLD_CHAINS, MAX_REMEMBERED, MAX_STORED_KEYS } from './limits.ts'
import { type HeaderKeys, KEY } from './schedule.ts'
import type { OldChain, OurTurn, RatchetState, ReceivingChain, SendingChain, SkippedKey, TheirTurn } from './state.ts'
import { ENTRY, type Taken, takenFrom, takenSize } from './taken.ts'

const VERSION = 2
/** Remembered no messages: a state of it is read as one that has forgotten them all. */
const FIRST_VERSION = 1
const TURN = { ours: 0, theirs: 1, theirsSending: 2 } as const
const SENDING = KEY + KEY + 4 + SEALED_ANNOUNCEMENT
/** id, seal key, number key */
const NAMED = 3 * KEY
const SKIPPED = 4 + 8 + KEY
const TURN_SIZE = {
  ours: SIZE.x25519.publicKey + SIZE['ml-kem-768'].publicKey + 4,
  theirs: SIZE.x25519.secretKey + SIZE['ml-kem-768'].secretKey,
}

const memorySize = ({ skipped, taken }: ReceivingChain | OldChain): number => 2 + skipped.length * SKIPPED + 2 + takenSize(taken)

function sizeOf({ turn, receiving, old }: RatchetState): number {
  let size = 1 + 3 * KEY + 1 + 1 + 1
  size += turn.kind === 'ours' ? TURN_SIZE.ours : TURN_SIZE.theirs + (turn.sending ? SENDING : 0)
  if (receiving) size += NAMED + KEY + 4 + memorySize(receiving)
  for (const chain of old) size += NAMED + 8 + memorySize(chain)
  return size
}

/** Shapes and order are in the README. */
export function encodeRatchet(suite: Suite, state: RatchetState): Uint8Array {
  const out = new Uint8Array(sizeOf(state))
  const view = new DataView(out.buffer)
  let at = 0
  const bytes = (part: Uint8Array): void => {
    out.set(part, at)
    at += part.length
  }
  const u8 = (value: number): void => void (out[at++] = value)
  const u16 = (value: number): void => {
    view.setUint16(at, value)
    at += 2
  }
  const u32 = (value: number): void => {
    view.setUint32(at, value)
    at += 4
  }
  const u64 = (value: number): void => {
    view.setBigUint64(at, BigInt(value))
    at += 8
  }
  const memory = ({ skipped, taken }: ReceivingChain | OldChain): void => {
    u16(skipped.length)
    for (const key of skipped) {
      u32(key.n)
      u64(key.at)
      bytes(key.messageKey)
    }
    u16(takenSize(taken) / ENTRY)
    for (const run of taken) bytes(run)
  }
  const named = (chain: ReceivingChain | OldChain): void => {
    bytes(chain.id)
    bytes(chain.sealKey)
    bytes(chain.numberKey)
  }

  const { turn, receiving, old } = state
  u8(VERSION)
  bytes(state.root)
  bytes(state.nextHeaderSend)
  bytes(state.nextHeaderReceive)
  if (turn.kind === 'ours') {
    u8(TURN.ours)
    bytes(turn.peer.dh)
    bytes(turn.peer.kem)
    u32(turn.previous)
  } else {
    u8(turn.sending ? TURN.theirsSending : TURN.theirs)
    bytes(suite.exportSecret(turn.dh))
    bytes(suite.exportSecret(turn.kem))
    if (turn.sending) {
      bytes(turn.sending.numberKey)
      bytes(turn.sending.chainKey)
      u32(turn.sending.n)
      bytes(turn.sending.sealed)
    }
  }
  u8(receiving ? 1 : 0)
  if (receiving) {
    named(receiving)
    bytes(receiving.chainKey)
    u32(receiving.n)
    memory(receiving)
  }
  u8(old.length)
  for (const chain of old) {
    named(chain)
    u64(chain.closedAt)
    memory(chain)
  }
  return out
}

/** @throws RatchetError state */
export function decodeRatchet(suite: Suite, bytes: Uint8Array): RatchetState {
  const fail = (): RatchetError => new RatchetError('state')
  const reader = new Reader(bytes, fail)
  const version = reader.u8()
  if (version !== VERSION && version !== FIRST_VERSION) throw fail()
  const memory = (): Memory => ({ skipped: readSkipped(reader, fail), taken: version === FIRST_VERSION ? [] : readTaken(reader, fail) })
  const [root, nextHeaderSend, nextHeaderReceive] = [reader.take(KEY), reader.take(KEY), reader.take(KEY)]
  const turn = readTurn(suite, reader, fail)
  const present = reader.u8()
  if (present > 1) throw fail()
  const receiving = present === 1 ? readReceiving(reader, memory) : undefined
  const count = reader.u8()
  if (count > MAX_OLD_CHAINS) throw fail()
  const old: OldChain[] = []
  for (let i = 0; i < count; i++) old.push({ ...readNamed(reader), closedAt: reader.u64(), ...memory() })
  reader.end()
  return { root, nextHeaderSend, nextHeaderReceive, turn, ...(receiving && { receiving }), old }
}

function readTurn(suite: Suite, reader: Reader, fail: () => RatchetError): OurTurn | TheirTurn {
  const kind = reader.u8()
  if (kind === TURN.ours) {
    const peer = { dh: reader.take(SIZE.x25519.publicKey), kem: reader.take(SIZE['ml-kem-768'].publicKey) }
    return { kind: 'ours', peer, previous: reader.u32() }
  }
  if (kind !== TURN.theirs && kind !== TURN.theirsSending) throw fail()
  const secret = <K extends 'x25519' | 'ml-kem-768'>(name: K): SecretKey<K> => suite.importSecret(name, reader.take(SIZE[name].secretKey)).secretKey
  const keys = { kind: 'theirs', dh: secret('x25519'), kem: secret('ml-kem-768') } as const
  return kind === TURN.theirs ? keys : { ...keys, sending: readSending(reader) }
}

const readSending = (reader: Reader): SendingChain => ({
  numberKey: reader.take(KEY),
  chainKey: reader.take(KEY),
  n: reader.u32(),
  sealed: reader.take(SEALED_ANNOUNCEMENT),
})

const readNamed = (reader: Reader): HeaderKeys & { id: Uint8Array } => ({
  id: reader.take(KEY),
  sealKey: reader.take(KEY),
  numberKey: reader.take(KEY),
})

type Memory = Pick<ReceivingChain, 'skipped' | 'taken'>

const readReceiving = (reader: Reader, memory: () => Memory): ReceivingChain => ({
  ...readNamed(reader),
  chainKey: reader.take(KEY),
  n: reader.u32(),
  ...memory(),
})

function readTaken(reader: Reader, fail: () => RatchetError): Taken {
  const count = reader.u16()
  if (count > MAX_REMEMBERED) throw fail()
  return takenFrom(reader.take(count * ENTRY))
}

function readSkipped(reader: Reader, fail: () => RatchetError): SkippedKey[] {
  const count = reader.u16()
  if (count > MAX_STORED_KEYS) throw fail()
  const keys: SkippedKey[] = []
  for (let i = 0; i < count; i++) keys.push({ n: reader.u32(), at: reader.u64(), messageKey: reader.take(KEY) })
  return keys
}
