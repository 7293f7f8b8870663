/** The stored form of a record: a byte table, written at every message. For the encrypted store only. */
import { MAX_HANDSHAKE } from '../envelope/index.ts'
import { decodeRatchet, encodeRatchet, RatchetError } from '../ratchet/index.ts'
import { concat, Reader, type Suite, u32, u64 } from '../suite/index.ts'
import { SessionError } from './errors.ts'
import { LINK, type Received } from './history.ts'
import { MAX_FORGOTTEN, MAX_HISTORY, MAX_OLD_SESSIONS } from './limits.ts'
import { BASE, FORGOTTEN, type Session, type SessionRecord } from './record.ts'

const VERSION = 1
const ID = 32
const FLAG = { own: 1, first: 2, heard: 4, superseded: 8 } as const
const ALL_FLAGS = 15

/** Shapes and order are in the README. */
export function encodeSession(suite: Suite, record: SessionRecord): Uint8Array {
  const { peer, wroteAt, active, old, forgotten } = record
  return concat(
    new Uint8Array([VERSION]),
    peer.account,
    peer.device,
    u64(wroteAt),
    new Uint8Array([forgotten.length]),
    ...forgotten,
    new Uint8Array([1 + old.length]),
    ...[active, ...old].flatMap((session) => sessionParts(suite, session)),
  )
}

function sessionParts(suite: Suite, session: Session): Uint8Array[] {
  const { own, first, heard, superseded } = session
  const flags = (own ? FLAG.own : 0) | (first ? FLAG.first : 0) | (heard ? FLAG.heard : 0) | (superseded ? FLAG.superseded : 0)
  const ratchet = encodeRatchet(suite, session.ratchet)
  return [
    new Uint8Array([flags]),
    session.base,
    session.associated.send,
    session.associated.receive,
    ...(first ? [u32(first.length), first] : []),
    u32(session.sent.count),
    session.sent.previous,
    new Uint8Array([session.received.length]),
    ...session.received.flatMap(({ index, previous, hash }) => [u32(index), previous, hash]),
    ...(heard ? [u64(heard.sentAt), u64(heard.at)] : []),
    u32(session.streak),
    u64(session.leftAt),
    u32(ratchet.length),
    ratchet,
  ]
}

/** @throws SessionError record */
export function decodeSession(suite: Suite, bytes: Uint8Array): SessionRecord {
  const reader = new Reader(bytes, fail)
  if (reader.u8() !== VERSION) throw fail()
  const peer = { account: reader.take(ID), device: reader.take(ID) }
  const wroteAt = reader.u64()
  const forgotten = repeat(reader.u8(), MAX_FORGOTTEN, () => reader.take(FORGOTTEN))
  const [active, ...old] = repeat(reader.u8(), 1 + MAX_OLD_SESSIONS, () => readSession(suite, reader))
  if (!active) throw fail()
  reader.end()
  return { peer, wroteAt, active, old, forgotten }
}

function readSession(suite: Suite, reader: Reader): Session {
  const flags = reader.u8()
  if (flags > ALL_FLAGS) throw fail()
  const base = reader.take(BASE)
  const associated = { send: reader.take(32), receive: reader.take(32) }
  const first = flags & FLAG.first ? reader.take(atMost(reader.u32(), MAX_HANDSHAKE)) : undefined
  const sent = { count: reader.u32(), previous: reader.take(LINK) }
  const received = repeat(reader.u8(), MAX_HISTORY, (): Received => ({ index: reader.u32(), previous: reader.take(LINK), hash: reader.take(LINK) }))
  const heard = flags & FLAG.heard ? { sentAt: reader.u64(), at: reader.u64() } : undefined
  const streak = reader.u32()
  const leftAt = reader.u64()
  const ratchet = readRatchet(suite, reader.take(reader.u32()))
  return {
    base,
    own: (flags & FLAG.own) !== 0,
    ratchet,
    associated,
    ...(first && { first }),
    sent,
    received,
    ...(heard && { heard }),
    streak,
    superseded: (flags & FLAG.superseded) !== 0,
    leftAt,
  }
}

function readRatchet(suite: Suite, bytes: Uint8Array): Session['ratchet'] {
  try {
    return decodeRatchet(suite, bytes)
  } catch (cause) {
    if (cause instanceof RatchetError) throw new SessionError('record', { cause })
    throw cause
  }
}

const fail = (): SessionError => new SessionError('record')

function atMost(count: number, limit: number): number {
  if (count > limit) throw fail()
  return count
}

const repeat = <T>(count: number, limit: number, read: () => T): T[] => Array.from({ length: atMost(count, limit) }, read)
