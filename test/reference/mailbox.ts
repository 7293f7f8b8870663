/**
 * The mailbox room once more, from its README: hex strings, node:crypto, one long table after another and no thought for speed. Shares
 * nothing with the room. Judge of the real one and maker of its vectors.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto'

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const hexOf = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString('hex')
export const number = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0')
const field = (hex: string): string => number(hex.length / 2, 4) + hex
const labelled = (name: string, ...fields: string[]): string => [hexOf(Buffer.from(`dure/v1/mailbox/${name}`)), ...fields].map(field).join('')

const hkdf = (salt: string, ikm: string, info: string, length: number): string => hexOf(hkdfSync('sha512', bytesOf(ikm), bytesOf(salt), bytesOf(info), length))
const hmac = (key: string, input: string, length: number): string => createHmac('sha512', bytesOf(key)).update(bytesOf(input)).digest('hex').slice(0, 2 * length)

function aead(key: string, nonce: string, plaintext: string, associated: string): string {
  const cipher = createCipheriv('chacha20-poly1305', bytesOf(key), bytesOf(nonce), { authTagLength: 16 })
  cipher.setAAD(bytesOf(associated), { plaintextLength: plaintext.length / 2 })
  const text = hexOf(cipher.update(bytesOf(plaintext)))
  cipher.final()
  return text + hexOf(cipher.getAuthTag())
}

/** The plaintext; undefined: it was not sealed so. */
function unsealed(key: string, nonce: string, text: string, associated: string): string | undefined {
  const decipher = createDecipheriv('chacha20-poly1305', bytesOf(key), bytesOf(nonce), { authTagLength: 16 })
  decipher.setAAD(bytesOf(associated), { plaintextLength: text.length / 2 - 16 })
  decipher.setAuthTag(bytesOf(text.slice(-32)))
  const plaintext = hexOf(decipher.update(bytesOf(text.slice(0, -32))))
  try {
    decipher.final()
    return plaintext
  } catch {
    return undefined
  }
}

const privateKey = (secret: string) => createPrivateKey({ key: bytesOf(`302e020100300506032b656e04220420${secret}`), format: 'der', type: 'pkcs8' })
const publicKey = (key: string) => createPublicKey({ key: bytesOf(`302a300506032b656e032100${key}`), format: 'der', type: 'spki' })
export const publicOf = (secret: string): string => hexOf(createPublicKey(privateKey(secret)).export({ format: 'der', type: 'spki' })).slice(-64)
export const dh = (secret: string, key: string): string => hexOf(diffieHellman({ privateKey: privateKey(secret), publicKey: publicKey(key) }))

// ---------------------------------------------------------------- keys

export function queueKeys(secret: string): { senderSecret: string; sender: string; layer: string; names: string } {
  const all = hkdf('', secret, labelled('queue'), 96)
  return { senderSecret: all.slice(0, 64), sender: publicOf(all.slice(0, 64)), layer: all.slice(64, 128), names: all.slice(128) }
}

export const requestSecret = (inviteSecret: string): string => hkdf('', inviteSecret, labelled('request'), 32)

// ---------------------------------------------------------------- layer (a)

export const messageHash = (message: string): string => createHash('sha512').update(bytesOf(labelled('message', message))).digest('hex').slice(0, 64)
export const blockId = (names: string, hash: string, place: number): string => hmac(names, labelled('block-id', hash, number(place, 8)), 16)

export function inside(what: 'nothing' | 'part' | 'notice', place: number, message: string, index: number): string {
  const head = {
    nothing: `0100${number(place, 8)}`,
    part: `0101${number(place, 8)}${messageHash(message)}${number(message.length / 2, 4)}${number(index, 2)}`,
    notice: `0102${number(0, 8)}${messageHash(message)}${number(message.length / 2, 4)}0000`,
  }[what]
  const data = what === 'nothing' ? '' : message.slice(2 * 16_384 * index, 2 * 16_384 * (index + 1))
  return (head + data).padEnd(2 * 16_432, '0')
}

export function sealed(layer: string, salt: string, plaintext: string): string {
  const keys = hkdf(salt, layer, labelled('block'), 44)
  return salt + aead(keys.slice(0, 64), keys.slice(64), plaintext, '')
}

/** Of a part what the recipient needs; undefined: not sealed for this queue. */
export function opened(layer: string, block: string): { what: number; number: number; hash: string; length: number; index: number; data: string } | undefined {
  const keys = hkdf(block.slice(0, 64), layer, labelled('block'), 44)
  const plaintext = unsealed(keys.slice(0, 64), keys.slice(64), block.slice(64), '')
  if (plaintext === undefined) return undefined
  const count = (at: number, length: number): number => parseInt(plaintext.slice(2 * at, 2 * (at + length)), 16)
  const [length, index] = [count(42, 4), count(46, 2)]
  const size = Math.max(0, Math.min(16_384, length - 16_384 * index))
  return { what: count(1, 1), number: count(2, 8), hash: plaintext.slice(20, 84), length, index, data: plaintext.slice(96, 96 + 2 * size) }
}

// ---------------------------------------------------------------- frames

const TYPES = { create: 1, secure: 2, subscribe: 3, acknowledge: 4, suspend: 5, delete: 6, info: 7, post: 8, send: 9, read: 10 }
const NODE_TYPES = { hello: 0x80, done: 0x81, created: 0x82, subscribed: 0x83, info: 0x84, notice: 0x85, refused: 0x86, delivery: 0x90, evicted: 0x91, room: 0x92 }
export const NO_ID = '00'.repeat(24)

const head = (type: number, place: number, id: string): string => `01${number(type, 1)}${number(place, 8)}${id}`
const long = (type: string): boolean => ['post', 'send', 'notice', 'delivery'].includes(type)
const whole = (type: string, hex: string): string => hex.padEnd(2 * (long(type) ? 16_640 : 256), '0')

/** `auth` undefined: a create, with zeros in that place. */
export function command(type: keyof typeof TYPES, place: number, id: string, fields: string, auth?: { id: string; clientSecret: string; nodeKey: string; nonce: string }): string {
  const zeros = '00'.repeat(32)
  const bare = whole(type, head(TYPES[type], place, id) + zeros + fields)
  if (!auth) return bare
  const key = hkdf('', dh(auth.clientSecret, auth.nodeKey), labelled('authenticator', auth.id, publicOf(auth.clientSecret) + auth.nodeKey), 32)
  return bare.slice(0, 68) + hmac(key, labelled('command', auth.nonce, bare), 32) + bare.slice(132)
}

export const nodeFrame = (type: keyof typeof NODE_TYPES, place: number, id: string, fields: string): string => whole(type, head(NODE_TYPES[type], place, id) + fields)

/** Layer (b), by the node. */
export function handed(type: 'created' | 'notice' | 'delivery', place: number, id: string, to: { id: string; clientKey: string; nodeSecret: string }, salt: string, plaintext: string): string {
  const keys = hkdf(salt, dh(to.nodeSecret, to.clientKey), labelled('handed', to.id, to.clientKey + publicOf(to.nodeSecret)), 44)
  return salt + aead(keys.slice(0, 64), keys.slice(64), plaintext, head(NODE_TYPES[type], place, id))
}

/** The same by the client. `text` is salt and ciphertext, as long as the table says. */
export function openHanded(type: 'created' | 'notice' | 'delivery', place: number, id: string, from: { id: string; clientSecret: string; nodeKey: string }, text: string): string | undefined {
  const keys = hkdf(text.slice(0, 64), dh(from.clientSecret, from.nodeKey), labelled('handed', from.id, publicOf(from.clientSecret) + from.nodeKey), 44)
  return unsealed(keys.slice(0, 64), keys.slice(64), text.slice(64), head(NODE_TYPES[type], place, id))
}

const nameOf = <T extends string>(types: Record<T, number>, code: number): T => {
  const found = (Object.keys(types) as T[]).find((name) => types[name] === code)
  if (found === undefined) throw new Error('malformed')
  return found
}

/** A frame of either side, with what is behind its head. */
export const readNodeFrame = (frame: string) => ({
  type: nameOf(NODE_TYPES, parseInt(frame.slice(2, 4), 16)),
  place: parseInt(frame.slice(4, 20), 16),
  id: frame.slice(20, 68),
  fields: frame.slice(68),
})
export const readCommand = (frame: string) => ({
  type: nameOf(TYPES, parseInt(frame.slice(2, 4), 16)),
  place: parseInt(frame.slice(4, 20), 16),
  id: frame.slice(20, 68),
  auth: frame.slice(68, 132),
  fields: frame.slice(132),
})

/** What a client's authenticator for this frame must be, by the node. */
export function authenticatorFor(frame: string, nonce: string, of: { id: string; clientKey: string; nodeSecret: string }): string {
  const key = hkdf('', dh(of.nodeSecret, of.clientKey), labelled('authenticator', of.id, of.clientKey + publicOf(of.nodeSecret)), 32)
  return hmac(key, labelled('command', nonce, frame.slice(0, 68) + '00'.repeat(32) + frame.slice(132)), 32)
}

export function readItem(plaintext: string): { seq: number; kind: number; at: number; total: number; body: string } {
  const count = (at: number, length: number): number => parseInt(plaintext.slice(2 * at, 2 * (at + length)), 16)
  return { seq: count(0, 8), kind: count(8, 1), at: count(9, 8), total: count(17, 4), body: plaintext.slice(42) }
}

export const item = (kind: 1 | 2 | 3, seq: number, at: number, total: number, body: string): string =>
  (number(seq, 8) + number(kind, 1) + number(at, 8) + number(total, 4) + body).padEnd(2 * (21 + 16_480), '0')

// ---------------------------------------------------------------- announcement

export interface Queue {
  readonly node: string
  readonly sender: string
  readonly nodeKey: string
  readonly secret: string
  readonly priority: number
  readonly addresses: readonly string[]
}

export const announcement = (revision: number, queues: readonly Queue[]): string =>
  `01${number(revision, 8)}${number(queues.length, 1)}` +
  queues
    .map(({ node, sender, nodeKey, secret, priority, addresses }) => {
      const coded = addresses.map((text) => number(text.length, 1) + hexOf(Buffer.from(text)))
      return node + sender + nodeKey + secret + number(priority, 1) + number(addresses.length, 1) + coded.join('')
    })
    .join('')

// ---------------------------------------------------------------- a queue, as one mutable list

/** What a node answers and does, by the rules of the README. Blocks are named by letters, time is in days. */
export class TwinQueue {
  readonly items: { kind: string; name: string; day: number }[] = []
  readonly gone: string[] = []
  full = false
  suspended = false
  lost = 0
  readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  sweep(day: number): void {
    const old = this.items.filter(({ kind, day: came }) => kind !== 'expired' && day - came >= 21)
    const blocks = old.filter(({ kind }) => kind === 'block').length
    for (const each of old) this.items.splice(this.items.indexOf(each), 1)
    if (old.some(({ kind }) => kind === 'quota')) this.full = false
    if (blocks === 0) return
    this.lost += blocks
    if (this.items[0]?.kind === 'expired') this.items.shift()
    this.items.unshift({ kind: 'expired', name: `${this.lost}`, day })
  }

  send(name: string, day: number): string {
    this.sweep(day)
    if (this.suspended) return 'denied'
    if (this.items.some((each) => each.kind === 'block' && each.name === name) || this.gone.slice(-128).includes(name)) return 'done'
    if (!this.full && this.items.filter(({ kind }) => kind === 'block').length < this.capacity) {
      this.items.push({ kind: 'block', name, day })
      return 'done'
    }
    if (!this.full) this.items.push({ kind: 'quota', name: '', day })
    this.full = true
    return 'quota'
  }

  /** The item at that place, as the recipient saw it. */
  acknowledge(place: number, day: number): void {
    const seen = this.items[place]
    this.sweep(day)
    if (!seen || !this.items.includes(seen)) return
    this.items.splice(this.items.indexOf(seen), 1)
    if (seen.kind === 'block') this.gone.push(seen.name)
    if (seen.kind === 'quota') this.full = false
  }

  suspend(): void {
    this.suspended = true
  }

  get shown(): string[] {
    return this.items.map(({ kind, name }) => (kind === 'block' ? name : kind === 'expired' ? `expired ${name}` : 'quota'))
  }
}
