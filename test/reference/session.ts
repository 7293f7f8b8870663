/**
 * The readable twin of protocols/session: what surrounds a ratchet message, and which of several sessions is the one to send in. Own layouts; gives
 * up no session for its number or its age.
 */
import { noble } from '../../protocols/suite/index.ts'
import type { Drawn, TwinRatchet } from './ratchet.ts'

type Bytes = Uint8Array

const join = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts))
const field = (bytes: Bytes): Bytes => join(number(bytes.length, 4), bytes)
const label = (name: string, ...fields: Bytes[]): Bytes => join(field(Buffer.from(`dure/v1/session/${name}`)), ...fields.map(field))

function number(value: number, length: number): Bytes {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value))
  return new Uint8Array(out.subarray(8 - length))
}

export interface TwinParty {
  readonly account: Bytes
  readonly device: Bytes
}

export const baseOf = (handshake: Bytes): Bytes => noble.sha256(label('base', handshake))

export const associate = (transcript: Bytes, from: TwinParty, to: TwinParty): Bytes =>
  noble.hash(label('associated', transcript, from.account, from.device, to.account, to.device)).slice(0, 32)

const BUCKETS = [4096, 16384, 65536, 131072, 196608, 262144]

export class TwinSession {
  readonly ratchet: TwinRatchet
  readonly #send: Bytes
  readonly #receive: Bytes
  #first: Bytes | undefined
  #index = 0
  #previous: Bytes = new Uint8Array(16)
  #wroteAt = 0

  constructor(options: { ratchet: TwinRatchet; transcript: Bytes; self: TwinParty; peer: TwinParty; first?: Bytes }) {
    this.ratchet = options.ratchet
    this.#send = associate(options.transcript, options.self, options.peer)
    this.#receive = associate(options.transcript, options.peer, options.self)
    this.#first = options.first
  }

  seal(content: Bytes, now: number, drawn: Drawn): Bytes {
    this.#wroteAt = Math.max(now, this.#wroteAt + 1)
    const prefix = join(number(this.#index++, 4), number(this.#wroteAt, 8), this.#previous)
    this.#previous = noble.sha256(label('previous', prefix, content)).slice(0, 16)
    const outside = this.#first ? join(new Uint8Array([1, 1]), number(this.#first.length, 2), this.#first) : new Uint8Array([1, 2])
    const inside = join(prefix, content, new Uint8Array([0x80]))
    const bucket = BUCKETS.find((size) => size >= outside.length + 2420 + inside.length) as number
    const padding = new Uint8Array(bucket - outside.length - 2420 - inside.length)
    return join(outside, this.ratchet.encrypt(join(inside, padding), this.#send, drawn))
  }

  open(envelope: Bytes): { index: number; at: number; previous: Bytes; content: Bytes } {
    const handshake = envelope[1] === 1 ? 2 + (((envelope[2] as number) << 8) | (envelope[3] as number)) : 0
    const plaintext = Buffer.from(this.ratchet.decrypt(envelope.slice(2 + handshake), this.#receive))
    this.#first = undefined
    const content = new Uint8Array(plaintext.subarray(28, plaintext.lastIndexOf(0x80)))
    return { index: plaintext.readUInt32BE(0), at: Number(plaintext.readBigUInt64BE(4)), previous: new Uint8Array(plaintext.subarray(12, 28)), content }
  }
}

interface Known {
  /** hex */
  readonly base: string
  readonly own: boolean
  readonly session: TwinSession
  readonly received: { readonly index: number; readonly previous: string; readonly hash: string }[]
  heard: { peer: number; ours: number } | undefined
  streak: number
  superseded: boolean
}

export interface TwinOpened {
  readonly content: Bytes
  readonly isNewSession: boolean
  readonly historyBroken: boolean
  readonly late: boolean
}

const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')
const linkOf = (index: number, at: number, previous: Bytes, content: Bytes): string =>
  hex(noble.sha256(label('previous', join(number(index, 4), number(at, 8), previous), content)).slice(0, 16))

/** All sessions with one device of a peer; the active one is first. */
export class TwinRecord {
  sessions: Known[] = []
  #wroteAt = 0

  start(session: TwinSession, handshake: Bytes): void {
    for (const earlier of this.sessions) earlier.superseded = true
    this.sessions.unshift({ base: hex(baseOf(handshake)), own: true, session, received: [], heard: undefined, streak: 0, superseded: false })
  }

  /** The active one goes on. */
  startBeside(session: TwinSession, handshake: Bytes): void {
    this.sessions.splice(1, 0, { base: hex(baseOf(handshake)), own: true, session, received: [], heard: undefined, streak: 0, superseded: false })
  }

  seal(content: Bytes, now: number, drawn: Drawn): Bytes {
    this.#wroteAt = Math.max(now, this.#wroteAt + 1)
    return (this.sessions[0] as Known).session.seal(content, this.#wroteAt, drawn)
  }

  /** In the session that the envelope began, wherever it stands. */
  answer(first: Bytes, content: Bytes, now: number, drawn: Drawn): Bytes {
    return this.hello(first.slice(4, 4 + (((first[2] as number) << 8) | (first[3] as number))), content, now, drawn)
  }

  /** In the session that the handshake began. */
  hello(handshake: Bytes, content: Bytes, now: number, drawn: Drawn): Bytes {
    this.#wroteAt = Math.max(now, this.#wroteAt + 1)
    const base = hex(baseOf(handshake))
    return (this.sessions.find((each) => each.base === base) as Known).session.seal(content, this.#wroteAt, drawn)
  }

  /** @param answer a session for a first message that is not known */
  open(envelope: Bytes, now: number, answer: (handshake: Bytes) => TwinSession): TwinOpened {
    if (envelope[1] !== 1) return this.hear(this.sessions, envelope, now)
    const handshake = envelope.slice(4, 4 + (((envelope[2] as number) << 8) | (envelope[3] as number)))
    const base = hex(baseOf(handshake))
    const known = this.sessions.filter((each) => each.base === base)
    if (known.length > 0) return this.hear(known, envelope, now)
    const fresh: Known = { base, own: false, session: answer(handshake), received: [], heard: undefined, streak: 0, superseded: false }
    return this.hear([fresh], envelope, now)
  }

  private hear(candidates: readonly Known[], envelope: Bytes, now: number): TwinOpened {
    for (const known of candidates) {
      const read = attempt(known, envelope)
      if (!read) continue
      const { index, at, previous, content } = read
      const late = this.sessions.some(({ heard }) => heard !== undefined && at < heard.peer)
      const entry = { index, previous: hex(previous), hash: linkOf(index, at, previous, content) }
      const historyBroken = (index === 0 && entry.previous !== '00'.repeat(16)) || known.received.some((other) => contradict(other, entry))
      known.received.push(entry)
      known.heard = { peer: Math.max(at, known.heard?.peer ?? 0), ours: now }
      const isNewSession = !this.sessions.includes(known)
      this.settle(known, isNewSession, now)
      return { content, isNewSession, historyBroken, late }
    }
    throw new Error('decrypt')
  }

  private settle(x: Known, isNew: boolean, now: number): void {
    const y = this.sessions[0]
    if (y === undefined || x === y) {
      this.sessions = y === undefined ? [x] : this.sessions
      for (const each of this.sessions) each.streak = 0
      return
    }
    x.streak += 1
    const [lower, patient] = [x.base < y.base, x.streak >= 5]
    let follows: boolean
    if (!y.heard) follows = (lower || patient) && !x.superseded
    else if ((x.heard as NonNullable<Known['heard']>).peer > y.heard.peer) follows = isNew || lower || patient
    else follows = patient && now - y.heard.ours > 24 * 3_600_000
    const others = this.sessions.filter((each) => each !== x)
    if (follows) x.streak = 0
    this.sessions = follows ? [x, ...others] : isNew ? [y, x, ...others.slice(1)] : this.sessions
  }
}

/** Undefined: it is of another session. */
function attempt({ session }: Known, envelope: Bytes): ReturnType<TwinSession['open']> | undefined {
  try {
    return session.open(envelope)
  } catch (error) {
    if ((error as Error).message === 'no-key') return undefined
    throw error
  }
}

type Entry = Known['received'][number]

function contradict(known: Entry, next: Entry): boolean {
  if (known.index === next.index) return true
  if (known.index === next.index - 1) return known.hash !== next.previous
  return known.index === next.index + 1 && known.previous !== next.hash
}
