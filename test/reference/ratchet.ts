/**
 * The slow, readable twin of protocols/ratchet, written from its README: own layouts, own key schedule, one mutable object, every
 * header key tried on every message, every skipped key and every commitment kept. Shares only the primitives. Judge of the real one and maker of its vectors.
 */
import { noble } from '../../protocols/suite/index.ts'

type Bytes = Uint8Array

const join = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts))
const number = (value: number): Bytes => new Uint8Array([(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])
const field = (bytes: Bytes): Bytes => join(number(bytes.length), bytes)
const label = (name: string, ...fields: Bytes[]): Bytes => join(field(Buffer.from(`dure/v1/ratchet/${name}`)), ...fields.map(field))

const hash = (name: string, ...fields: Bytes[]): Bytes => noble.hash(label(name, ...fields))
/** Where 16 bytes are enough, and for names. */
const short = (name: string, ...fields: Bytes[]): Bytes => noble.sha256(label(name, ...fields))
const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')
const mask = (a: Bytes, b: Bytes): Bytes => a.map((byte, i) => byte ^ (b[i] as number))

const NONCE = new Uint8Array(12)
/** Length of a sealed announcement: nonce, dh, ek, ct, pn, tag. */
const SEALED = 12 + 32 + 1184 + 1088 + 4 + 16

/** What the next message draws, as seeds. `step` only when it begins a chain. */
export interface Drawn {
  readonly step?: { readonly dh: Bytes; readonly kem: Bytes; readonly coins: Bytes }
  readonly salt: Bytes
}

export class TwinRatchet {
  root: Bytes
  headerSend: Bytes
  headerReceive: Bytes
  /** our secrets, while we wait for an answer to them */
  own: { dh: Bytes; kem: Bytes } | undefined
  /** the peer's public keys, while we owe an answer */
  peer: { dh: Bytes; ek: Bytes } | undefined
  sending: { headerKey: Bytes; chainKey: Bytes; n: number; sealed: Bytes } | undefined
  lastChain = 0
  receiving: { headerKey: Bytes; chainKey: Bytes; n: number } | undefined
  /** `headerKey/n` -> message key */
  readonly skipped = new Map<string, Bytes>()
  /** `headerKey/n` -> commitment of the message that was opened, hex */
  readonly taken = new Map<string, string>()
  readonly headerKeys: Bytes[] = []
  /** header key -> the announcement under it, both hex */
  readonly announced = new Map<string, string>()

  constructor(root: Bytes, headerSend: Bytes, headerReceive: Bytes) {
    this.root = root
    this.headerSend = headerSend
    this.headerReceive = headerReceive
  }

  /** The device as a copy of it would go on. */
  copy(): TwinRatchet {
    const copy = new TwinRatchet(this.root, this.headerSend, this.headerReceive)
    const { own, peer, sending, lastChain, receiving } = this
    Object.assign(copy, { own, peer, sending, lastChain, receiving })
    for (const [name, key] of this.skipped) copy.skipped.set(name, key)
    for (const [name, commitment] of this.taken) copy.taken.set(name, commitment)
    for (const [key, sealed] of this.announced) copy.announced.set(key, sealed)
    copy.headerKeys.push(...this.headerKeys)
    return copy
  }

  encrypt(plaintext: Bytes, associated: Bytes, drawn: Drawn): Bytes {
    if (this.peer) {
      const { dh, kem, coins } = drawn.step as NonNullable<Drawn['step']>
      const dhPair = noble.importSecret('x25519', dh)
      const kemPair = noble.importSecret('ml-kem-768', kem)
      const { ciphertext, sharedSecret } = noble.encapsulate('ml-kem-768', this.peer.ek, () => coins)
      const announcement = join(dhPair.publicKey, kemPair.publicKey, ciphertext, number(this.lastChain))
      const headerKey = this.headerSend
      const nonce = short('nonce', announcement).slice(0, 12)
      const sealed = join(nonce, noble.seal(this.headers(headerKey).sealKey, nonce, announcement, new Uint8Array()))
      const { chainKey, next } = this.step(noble.dh(dhPair.secretKey, this.peer.dh), sharedSecret, sealed)
      this.headerSend = next
      this.sending = { headerKey, chainKey, n: 0, sealed }
      this.own = { dh, kem }
      this.peer = undefined
    }
    const chain = this.sending
    if (!chain) throw new Error('nobody to write to')
    const { chainKey, messageKey } = this.turn(chain.chainKey)
    const salt = short('salt', messageKey, drawn.salt, associated, plaintext).slice(0, 16)
    const { key, commitment } = this.messageKeys(messageKey, salt)
    const body = noble.seal(key, NONCE, plaintext, associated)
    const { numberKey } = this.headers(chain.headerKey)
    const hidden = mask(number(chain.n), short('mask', numberKey, commitment))
    const tag = short('number', numberKey, join(number(chain.n), hidden), commitment).slice(0, 16)
    this.sending = { ...chain, chainKey, n: chain.n + 1 }
    return join(salt, commitment, hidden, tag, chain.sealed, body)
  }

  decrypt(message: Bytes, associated: Bytes): Bytes {
    const [salt, commitment, hidden, tag] = [message.slice(0, 16), message.slice(16, 48), message.slice(48, 52), message.slice(52, 68)]
    const [sealed, body] = [message.slice(68, 68 + SEALED), message.slice(68 + SEALED)]
    for (const headerKey of [...this.headerKeys, this.headerReceive]) {
      const { sealKey, numberKey } = this.headers(headerKey)
      const announcement = noble.open(sealKey, sealed.slice(0, 12), sealed.slice(12), new Uint8Array())
      if (!announcement) continue
      const n = mask(hidden, short('mask', numberKey, commitment))
      if (Buffer.compare(tag, short('number', numberKey, join(n, hidden), commitment).slice(0, 16)) !== 0) throw new Error('number')
      if ((this.announced.get(hex(headerKey)) ?? hex(sealed)) !== hex(sealed)) throw new Error('forked')
      if (headerKey === this.headerReceive) this.begin(announcement, sealed)
      const place = new DataView(n.buffer, n.byteOffset).getUint32(0)
      const name = `${hex(headerKey)}/${place}`
      const messageKey = this.reach(headerKey, place)
      if (!messageKey) throw new Error(this.taken.get(name) === hex(commitment) ? 'duplicate' : 'forked')
      const { key, commitment: expected } = this.messageKeys(messageKey, salt)
      if (Buffer.compare(commitment, expected) !== 0) throw new Error('commitment')
      const plaintext = noble.open(key, NONCE, body, associated)
      if (!plaintext) throw new Error('body')
      this.taken.set(name, hex(commitment))
      return plaintext
    }
    throw new Error('no-key')
  }

  private begin(announcement: Bytes, sealed: Bytes): void {
    if (!this.own) throw new Error('not expected')
    const pn = new DataView(announcement.buffer, announcement.byteOffset).getUint32(2304)
    if (this.receiving) while (this.receiving.n < pn) this.skip()
    const [dh, ek, ct] = [announcement.slice(0, 32), announcement.slice(32, 1216), announcement.slice(1216, 2304)]
    const shared = noble.dh(noble.importSecret('x25519', this.own.dh).secretKey, dh)
    const secret = noble.decapsulate(noble.importSecret('ml-kem-768', this.own.kem).secretKey, ct)
    const headerKey = this.headerReceive
    const { chainKey, next } = this.step(shared, secret, sealed)
    this.headerReceive = next
    this.receiving = { headerKey, chainKey, n: 0 }
    this.headerKeys.push(headerKey)
    this.announced.set(hex(headerKey), hex(sealed))
    this.lastChain = this.sending?.n ?? 0
    this.peer = { dh, ek }
    this.own = undefined
    this.sending = undefined
  }

  private reach(headerKey: Bytes, n: number): Bytes | undefined {
    if (this.receiving?.headerKey === headerKey) while (this.receiving.n <= n) this.skip()
    const name = `${hex(headerKey)}/${n}`
    const messageKey = this.skipped.get(name)
    this.skipped.delete(name)
    return messageKey
  }

  private skip(): void {
    const chain = this.receiving as NonNullable<TwinRatchet['receiving']>
    const { chainKey, messageKey } = this.turn(chain.chainKey)
    this.skipped.set(`${hex(chain.headerKey)}/${chain.n}`, messageKey)
    this.receiving = { ...chain, chainKey, n: chain.n + 1 }
  }

  private step(dh: Bytes, ss: Bytes, sealed: Bytes): { chainKey: Bytes; next: Bytes } {
    const okm = noble.hkdf(this.root, join(dh, ss), label('root', short('announcement', sealed)), 96)
    this.root = okm.slice(0, 32)
    return { chainKey: okm.slice(32, 64), next: okm.slice(64, 96) }
  }

  private headers(headerKey: Bytes): { sealKey: Bytes; numberKey: Bytes } {
    const out = hash('header', headerKey)
    return { sealKey: out.slice(0, 32), numberKey: out.slice(32) }
  }

  private turn(chainKey: Bytes): { chainKey: Bytes; messageKey: Bytes } {
    const out = hash('chain', chainKey)
    return { chainKey: out.slice(0, 32), messageKey: out.slice(32) }
  }

  private messageKeys(messageKey: Bytes, salt: Bytes): { key: Bytes; commitment: Bytes } {
    const out = hash('message', messageKey, salt)
    return { key: out.slice(0, 32), commitment: out.slice(32) }
  }
}

export interface TwinStart {
  readonly root: Bytes
  readonly headerInitiator: Bytes
  readonly headerResponder: Bytes
  readonly dh: Bytes
  readonly kem: Bytes
}

/** Both sides of one start. `dh` and `kem` are the responder's secrets. */
export function twins({ root, headerInitiator, headerResponder, dh, kem }: TwinStart): { initiator: TwinRatchet; responder: TwinRatchet } {
  const initiator = new TwinRatchet(root, headerInitiator, headerResponder)
  initiator.peer = { dh: noble.importSecret('x25519', dh).publicKey, ek: noble.importSecret('ml-kem-768', kem).publicKey }
  const responder = new TwinRatchet(root, headerResponder, headerInitiator)
  responder.own = { dh, kem }
  return { initiator, responder }
}
