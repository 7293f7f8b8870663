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

export interface Outputs {
  readonly bundle: string
  readonly bundleHash: string
  readonly secrets: string
  readonly message: string
  readonly dh: readonly string[]
  readonly sharedSecret: string
  readonly transcript: string
  readonly root: string
  readonly headerInitiator: string
  readonly headerResponder: string
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
  const pairing = inputs.pairing === undefined ? Buffer.alloc(0) : bytesOf(inputs.pairing)
  const suite = Buffer.from('X25519 ML-KEM-1024 HKDF-SHA-512', 'ascii')
  const transcript = sha512(field('dure/v1/handshake/transcript', [suite, message, Buffer.from([pairing.length === 16 ? 1 : 0])]))
  const ikm = Buffer.concat([Buffer.alloc(32, 0xff), ...dh, kem.sharedSecret, pairing])
  const okm = hkdf(transcript, ikm, field('dure/v1/handshake/root', []), 96)
  return {
    bundle: hexOf(bundle),
    bundleHash: hexOf(hash),
    secrets: hexOf(secretsTable(inputs, bundle)),
    message: hexOf(message),
    dh: dh.map(hexOf),
    sharedSecret: hexOf(kem.sharedSecret),
    transcript: hexOf(transcript),
    root: hexOf(okm.subarray(0, 32)),
    headerInitiator: hexOf(okm.subarray(32, 64)),
    headerResponder: hexOf(okm.subarray(64, 96)),
  }
}
