/**
 * The handshake once more, slowly: written from the README with offsets and sums of its own. It shares the primitives
 * with the real code (X25519, ML-KEM, Ed25519), but no layout, no hashing helper and no key schedule.
 */
import { createHash, createHmac } from 'node:crypto'
import { noble } from '../../protocols/suite/index.ts'

type Bytes = Uint8Array

const bytesOf = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')

/** u32 length of the label, the label, then u32 length and bytes of each field */
function field(label: string, fields: Bytes[]): Buffer {
  let out = Buffer.alloc(0)
  for (const part of [Buffer.from(label, 'ascii'), ...fields]) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    out = Buffer.concat([out, length, part])
  }
  return out
}

const sha512 = (input: Bytes): Buffer => createHash('sha512').update(input).digest()

/** RFC 5869 by hand: extract, then T(1), T(2), ... */
function hkdf(salt: Bytes, ikm: Bytes, info: Bytes, length: number): Buffer {
  const prk = createHmac('sha512', salt).update(ikm).digest()
  let previous = Buffer.alloc(0)
  let out = Buffer.alloc(0)
  for (let counter = 1; out.length < length; counter++) {
    previous = createHmac('sha512', prk).update(previous).update(info).update(Buffer.from([counter])).digest()
    out = Buffer.concat([out, previous])
  }
  return out.subarray(0, length)
}

export interface Inputs {
  readonly oneTime: boolean
  /** 16 bytes of an invite, or undefined */
  readonly pairing: string | undefined
  readonly notAfter: number
  readonly ids: { readonly signedPrekey: number; readonly pqPrekey: number; readonly ratchet: number; readonly oneTimePrekey: number }
  /** secret seeds, hex; 64 bytes for the KEM keys, else 32 */
  readonly responder: {
    readonly signing: string
    readonly agreement: string
    readonly signedPrekey: string
    readonly pqPrekey: string
    readonly ratchetDh: string
    readonly ratchetKem: string
    readonly oneTimePrekey: string
    readonly deviceList: string
  }
  readonly initiator: {
    readonly signing: string
    readonly agreement: string
    readonly ephemeral: string
    /** 32 bytes of ML-KEM coins */
    readonly coins: string
    readonly deviceList: string
  }
}

export interface Agreed {
  readonly transcript: string
  readonly root: string
  readonly headerInitiator: string
  readonly headerResponder: string
}

export interface Outputs extends Agreed {
  readonly bundle: string
  readonly bundleHash: string
  readonly secrets: string
  readonly message: string
  readonly dh: readonly string[]
  readonly sharedSecret: string
}

function bundleTable(inputs: Inputs): Buffer {
  const { responder, ids } = inputs
  const list = bytesOf(responder.deviceList)
  const listAt = inputs.oneTime ? 2906 : 2870
  const out = Buffer.alloc(listAt + 2 + list.length + 64)
  out[0] = 1
  out[1] = inputs.oneTime ? 0x11 : 0x12
  out.set(noble.importSecret('ed25519', bytesOf(responder.signing)).publicKey, 2)
  out.writeBigUInt64BE(BigInt(inputs.notAfter), 34)
  out.writeUInt32BE(ids.signedPrekey, 42)
  out.set(noble.importSecret('x25519', bytesOf(responder.signedPrekey)).publicKey, 46)
  out.writeUInt32BE(ids.pqPrekey, 78)
  out.set(noble.importSecret('ml-kem-1024', bytesOf(responder.pqPrekey)).publicKey, 82)
  out.writeUInt32BE(ids.ratchet, 1650)
  out.set(noble.importSecret('x25519', bytesOf(responder.ratchetDh)).publicKey, 1654)
  out.set(noble.importSecret('ml-kem-768', bytesOf(responder.ratchetKem)).publicKey, 1686)
  if (inputs.oneTime) {
    out.writeUInt32BE(ids.oneTimePrekey, 2870)
    out.set(noble.importSecret('x25519', bytesOf(responder.oneTimePrekey)).publicKey, 2874)
  }
  out.writeUInt16BE(list.length, listAt)
  out.set(list, listAt + 2)
  const end = out.length - 64
  out.set(noble.sign(noble.importSecret('ed25519', bytesOf(responder.signing)).secretKey, field('dure/v1/handshake/bundle', [out.subarray(0, end)])), end)
  return out
}

function secretsTable(inputs: Inputs, bundle: Bytes): Buffer {
  const { responder } = inputs
  const seeds = [responder.signedPrekey, responder.pqPrekey, responder.ratchetDh, responder.ratchetKem]
  if (inputs.oneTime) seeds.push(responder.oneTimePrekey)
  const size = Buffer.alloc(2)
  size.writeUInt16BE(bundle.length)
  return Buffer.concat([Buffer.from([1, inputs.oneTime ? 0x31 : 0x32]), ...seeds.map(bytesOf), size, bundle])
}

function messageTable(inputs: Inputs, hash: Bytes, ephemeral: Bytes, ciphertext: Bytes): Buffer {
  const list = bytesOf(inputs.initiator.deviceList)
  const out = Buffer.alloc(1684 + list.length)
  out[0] = 1
  out[1] = inputs.oneTime ? 0x21 : 0x22
  out.set(hash, 2)
  out.set(noble.importSecret('ed25519', bytesOf(inputs.initiator.signing)).publicKey, 34)
  out.set(ephemeral, 66)
  out.set(ciphertext, 98)
  out.writeUInt32BE(inputs.ids.signedPrekey, 1666)
  out.writeUInt32BE(inputs.ids.pqPrekey, 1670)
  out.writeUInt32BE(inputs.ids.ratchet, 1674)
  out.writeUInt32BE(inputs.oneTime ? inputs.ids.oneTimePrekey : 0, 1678)
  out.writeUInt16BE(list.length, 1682)
  out.set(list, 1684)
  return out
}

export function handshake(inputs: Inputs): Outputs {
  const { initiator, responder } = inputs
  const x = (seed: string) => noble.importSecret('x25519', bytesOf(seed))
  const ika = x(initiator.agreement)
  const ea = x(initiator.ephemeral)
  const ikb = x(responder.agreement)
  const spkb = x(responder.signedPrekey)
  const opkb = x(responder.oneTimePrekey)

  const bundle = bundleTable(inputs)
  const hash = createHash('sha256').update(field('dure/v1/handshake/bundle-hash', [bundle])).digest()
  const pq = noble.importSecret('ml-kem-1024', bytesOf(responder.pqPrekey))
  const kem = noble.encapsulate('ml-kem-1024', pq.publicKey, () => bytesOf(initiator.coins))
  const message = messageTable(inputs, hash, ea.publicKey, kem.ciphertext)

  const dh = [noble.dh(ika.secretKey, spkb.publicKey), noble.dh(ea.secretKey, ikb.publicKey), noble.dh(ea.secretKey, spkb.publicKey)]
  if (inputs.oneTime) dh.push(noble.dh(ea.secretKey, opkb.publicKey))
  const agreed = agree(message, dh, kem.sharedSecret, inputs.pairing)
  return {
    bundle: hexOf(bundle),
    bundleHash: hexOf(hash),
    secrets: hexOf(secretsTable(inputs, bundle)),
    message: hexOf(message),
    dh: dh.map(hexOf),
    sharedSecret: hexOf(kem.sharedSecret),
    ...agreed,
  }
}

/** From shared secrets to session secrets. */
function agree(message: Bytes, dh: readonly Bytes[], sharedSecret: Bytes, secret: string | undefined): Agreed {
  const pairing = secret === undefined ? Buffer.alloc(0) : bytesOf(secret)
  const suite = Buffer.from('X25519 ML-KEM-1024 HKDF-SHA-512', 'ascii')
  const transcript = sha512(field('dure/v1/handshake/transcript', [suite, message, Buffer.from([pairing.length === 16 ? 1 : 0])]))
  const ikm = Buffer.concat([Buffer.alloc(32, 0xff), ...dh, sharedSecret, pairing])
  const okm = hkdf(transcript, ikm, field('dure/v1/handshake/root', []), 96)
  return {
    transcript: hexOf(transcript),
    root: hexOf(okm.subarray(0, 32)),
    headerInitiator: hexOf(okm.subarray(32, 64)),
    headerResponder: hexOf(okm.subarray(64, 96)),
  }
}

// ---------------------------------------------------------------- each side by itself, with somebody it knows only by bytes

/** What a responder publishes and what it keeps for it. */
export function publish(inputs: Pick<Inputs, 'oneTime' | 'notAfter' | 'ids' | 'responder'>): { bundle: string; secrets: string } {
  const whole = { ...inputs, pairing: undefined } as Inputs
  const bundle = bundleTable(whole)
  return { bundle: hexOf(bundle), secrets: hexOf(secretsTable(whole, bundle)) }
}

export interface ReadBundle {
  readonly hash: string
  readonly oneTime: boolean
  readonly device: string
  readonly notAfter: number
  readonly ids: Inputs['ids']
  readonly keys: { readonly signedPrekey: Bytes; readonly pqPrekey: Bytes; readonly ratchetDh: Bytes; readonly ratchetKem: Bytes; readonly oneTimePrekey: Bytes }
  readonly deviceList: string
}

/** The bundle, or what it is refused for. Its device list is for the identity room's twin. */
export function readBundle(hex: string, now: number): ReadBundle | string {
  const bundle = Buffer.from(hex, 'hex')
  if (bundle[0] !== 1 || (bundle[1] !== 0x11 && bundle[1] !== 0x12)) return 'malformed'
  const oneTime = bundle[1] === 0x11
  const listAt = oneTime ? 2906 : 2870
  const listEnd = listAt + 2 + bundle.readUInt16BE(listAt)
  if (bundle.length !== listEnd + 64) return 'malformed'
  const device = bundle.subarray(2, 34)
  if (!noble.verify(device, field('dure/v1/handshake/bundle', [bundle.subarray(0, listEnd)]), bundle.subarray(listEnd))) return 'signature'
  const notAfter = Number(bundle.readBigUInt64BE(34))
  if (now >= notAfter) return 'expired'
  return {
    hash: hexOf(createHash('sha256').update(field('dure/v1/handshake/bundle-hash', [bundle])).digest()),
    oneTime,
    device: hexOf(device),
    notAfter,
    ids: { signedPrekey: bundle.readUInt32BE(42), pqPrekey: bundle.readUInt32BE(78), ratchet: bundle.readUInt32BE(1650), oneTimePrekey: oneTime ? bundle.readUInt32BE(2870) : 0 },
    keys: {
      signedPrekey: bundle.subarray(46, 78),
      pqPrekey: bundle.subarray(82, 1650),
      ratchetDh: bundle.subarray(1654, 1686),
      ratchetKem: bundle.subarray(1686, 2870),
      oneTimePrekey: bundle.subarray(2874, oneTime ? 2906 : 2874),
    },
    deviceList: hexOf(bundle.subarray(listAt + 2, listEnd)),
  }
}

/** @param ikb the agreement key that the device list gives the bundle's device */
export function initiate(own: Inputs['initiator'], { hash, oneTime, ids, keys }: ReadBundle, ikb: string, pairing: string | undefined): Agreed & { readonly message: string } {
  const x = (seed: string) => noble.importSecret('x25519', bytesOf(seed))
  const [ika, ea] = [x(own.agreement), x(own.ephemeral)]
  const kem = noble.encapsulate('ml-kem-1024', keys.pqPrekey, () => bytesOf(own.coins))
  const message = messageTable({ oneTime, ids, initiator: own } as Inputs, bytesOf(hash), ea.publicKey, kem.ciphertext)
  const dh = [noble.dh(ika.secretKey, keys.signedPrekey), noble.dh(ea.secretKey, bytesOf(ikb)), noble.dh(ea.secretKey, keys.signedPrekey)]
  if (oneTime) dh.push(noble.dh(ea.secretKey, keys.oneTimePrekey))
  return { message: hexOf(message), ...agree(message, dh, kem.sharedSecret, pairing) }
}

export interface ReadMessage {
  readonly bundleHash: string
  readonly device: string
  readonly deviceList: string
}

export function readMessage(hex: string): ReadMessage {
  const message = Buffer.from(hex, 'hex')
  const list = message.subarray(1684)
  if (message[0] !== 1 || message.readUInt16BE(1682) !== list.length) throw new Error('malformed')
  return { bundleHash: hexOf(message.subarray(2, 34)), device: hexOf(message.subarray(34, 66)), deviceList: hexOf(list) }
}

/** @param ika the agreement key that the device list gives the message's device */
export function respond(own: Inputs['responder'], oneTime: boolean, hex: string, ika: string, pairing: string | undefined): Agreed {
  const x = (seed: string) => noble.importSecret('x25519', bytesOf(seed)).secretKey
  const message = Buffer.from(hex, 'hex')
  const ea = message.subarray(66, 98)
  const dh = [noble.dh(x(own.signedPrekey), bytesOf(ika)), noble.dh(x(own.agreement), ea), noble.dh(x(own.signedPrekey), ea)]
  if (oneTime) dh.push(noble.dh(x(own.oneTimePrekey), ea))
  const shared = noble.decapsulate(noble.importSecret('ml-kem-1024', bytesOf(own.pqPrekey)).secretKey, message.subarray(98, 1666))
  return agree(message, dh, shared, pairing)
}
