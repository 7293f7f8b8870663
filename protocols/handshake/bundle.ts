/**
 * The prekey bundle: what somebody needs to start a session with one device of ours while it sleeps. Signed as a whole
 * by the device key, so no part of it can be exchanged, renumbered or left out (attacks 5, 6).
 */
import { type DeviceId, MAX_DEVICE_LIST, type VerifiedDeviceList, verifyDeviceList } from '../identity/index.ts'
import { concat, LABEL, labelled, labelledParts, Reader, type SecretKey, SIZE, type Suite, u64 } from '../suite/index.ts'
import { HandshakeError, malformed } from './errors.ts'
import { head, type PrekeyKind, prekeyId, readHead, readPrekeyId, readSized, sized } from './layout.ts'

export interface Prekey {
  /** 1 .. 2^32-1, unique among the keys of its kind that the device has out */
  readonly id: number
  readonly key: Uint8Array
}

export interface Bundle {
  readonly device: DeviceId
  /** ms since the epoch; not to be used from then on */
  readonly notAfter: number
  /** X25519 */
  readonly signedPrekey: Prekey
  /** ML-KEM-1024 */
  readonly pqPrekey: Prekey & { readonly kind: PrekeyKind }
  /** X25519; present exactly when `pqPrekey.kind` is one-time */
  readonly oneTimePrekey?: Prekey
  /** what the initiator's first ratchet step is made against: X25519 and ML-KEM-768 */
  readonly ratchet: { readonly id: number; readonly dh: Uint8Array; readonly kem: Uint8Array }
  /** as it travelled */
  readonly deviceList: Uint8Array
}

declare const verified: unique symbol

/** A bundle whose every signature was checked; only `verifyBundle` makes one. */
export interface VerifiedBundle {
  readonly [verified]: true
  readonly bundle: Bundle
  /** `bundleHash` of it as it travelled */
  readonly hash: Uint8Array
  readonly list: VerifiedDeviceList
  /** X25519 agreement key of the device, from its device list */
  readonly agreement: Uint8Array
}

/** Longest bundle: a one-time one with the longest device list. */
export const MAX_BUNDLE = 2_906 + 2 + MAX_DEVICE_LIST + 64

const toSign = (body: Uint8Array): Uint8Array => labelled(LABEL.bundle, body)

export function signBundle(suite: Suite, secret: SecretKey<'ed25519'>, bundle: Bundle): Uint8Array {
  const body = concat(
    head('bundle', bundle.pqPrekey.kind),
    bundle.device,
    u64(bundle.notAfter),
    prekeyId(bundle.signedPrekey.id),
    bundle.signedPrekey.key,
    prekeyId(bundle.pqPrekey.id),
    bundle.pqPrekey.key,
    prekeyId(bundle.ratchet.id),
    bundle.ratchet.dh,
    bundle.ratchet.kem,
    ...(bundle.oneTimePrekey ? [prekeyId(bundle.oneTimePrekey.id), bundle.oneTimePrekey.key] : []),
    sized(bundle.deviceList, MAX_DEVICE_LIST),
  )
  return concat(body, suite.sign(secret, toSign(body)))
}

/** Layout only; nothing is verified. @throws HandshakeError malformed | newer-version */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const reader = new Reader(bytes, malformed)
  const kind = readHead(reader, 'bundle')
  const device = reader.take(SIZE.ed25519.publicKey)
  const notAfter = reader.u64()
  const signedPrekey = { id: readPrekeyId(reader), key: reader.take(SIZE.x25519.publicKey) }
  const pqPrekey = { id: readPrekeyId(reader), key: reader.take(SIZE['ml-kem-1024'].publicKey), kind }
  const ratchet = { id: readPrekeyId(reader), dh: reader.take(SIZE.x25519.publicKey), kem: reader.take(SIZE['ml-kem-768'].publicKey) }
  const oneTimePrekey = kind === 'one-time' ? { id: readPrekeyId(reader), key: reader.take(SIZE.x25519.publicKey) } : undefined
  const deviceList = readSized(reader, MAX_DEVICE_LIST)
  reader.take(SIZE.ed25519.signature)
  reader.end()
  return { device, notAfter, signedPrekey, pqPrekey, ...(oneTimePrekey && { oneTimePrekey }), ratchet, deviceList }
}

/** 32 bytes over the bundle as it travelled: what an invite carries. */
export const bundleHash = (suite: Suite, bytes: Uint8Array): Uint8Array => suite.sha256(...labelledParts(LABEL.bundleHash, bytes))

/**
 * @param now ms since the epoch
 * @throws HandshakeError malformed | newer-version | device-list | unlisted-device | signature | expired
 */
export function verifyBundle(suite: Suite, bytes: Uint8Array, now: number): VerifiedBundle {
  const bundle = decodeBundle(bytes)
  const list = verifiedList(suite, bundle.deviceList, now)
  const agreement = agreementKey(list, bundle.device)
  const end = bytes.length - SIZE.ed25519.signature
  if (!suite.verify(bundle.device, toSign(bytes.subarray(0, end)), bytes.subarray(end))) throw new HandshakeError('signature')
  if (now >= bundle.notAfter) throw new HandshakeError('expired')
  return { bundle, hash: bundleHash(suite, bytes), list, agreement } as Omit<VerifiedBundle, typeof verified> as VerifiedBundle
}

/** @throws HandshakeError device-list, with the reason as its cause */
export function verifiedList(suite: Suite, bytes: Uint8Array, now: number): VerifiedDeviceList {
  try {
    return verifyDeviceList(suite, bytes, now)
  } catch (cause) {
    throw new HandshakeError('device-list', { cause })
  }
}

/** The X25519 key the account's list gives a device. @throws HandshakeError unlisted-device */
export function agreementKey(list: VerifiedDeviceList, device: DeviceId): Uint8Array {
  const entry = list.list.devices.find((candidate) => candidate.signing.every((byte, i) => byte === device[i]))
  if (!entry) throw new HandshakeError('unlisted-device')
  return entry.agreement
}
