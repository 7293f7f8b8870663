/**
 * The readable twin of protocols/session: what surrounds a ratchet message. Own layouts; knows one session and no choosing between several.
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
