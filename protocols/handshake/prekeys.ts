/**
 * The responder's half of a bundle: the secret keys and the bundle they were published in. One record is one bundle;
 * all its keys are fresh. To be deleted only after a first message made with it was decrypted (attack 10).
 */
import type { DeviceSecrets } from '../identity/index.ts'
import { concat, type KeyPair, type Random, Reader, SIZE, type Suite } from '../suite/index.ts'
import { type Bundle, decodeBundle, MAX_BUNDLE, signBundle } from './bundle.ts'
import { malformed } from './errors.ts'
import { head, readHead, readSized, sized } from './layout.ts'

export interface PrekeyIds {
  readonly signedPrekey: number
  readonly pqPrekey: number
  readonly ratchet: number
  /** its presence makes the bundle a one-time one */
  readonly oneTimePrekey?: number
}

export interface PrekeySecrets {
  /** the signed bytes these keys were published in */
  readonly bundle: Uint8Array
  readonly signedPrekey: KeyPair<'x25519'>
  readonly pqPrekey: KeyPair<'ml-kem-1024'>
  readonly oneTimePrekey?: KeyPair<'x25519'>
  readonly ratchetDh: KeyPair<'x25519'>
  readonly ratchetKem: KeyPair<'ml-kem-768'>
}

/**
 * Fresh keys for one bundle.
 * @param options `notAfter` in ms since the epoch; `deviceList` our own signed list, which must name `device`
 */
export function makeBundle(
  suite: Suite,
  random: Random,
  options: { device: DeviceSecrets; deviceList: Uint8Array; notAfter: number; ids: PrekeyIds },
): { bundle: Uint8Array; secrets: PrekeySecrets } {
  const { device, deviceList, notAfter, ids } = options
  const signedPrekey = suite.generate('x25519', random)
  const pqPrekey = suite.generate('ml-kem-1024', random)
  const ratchetDh = suite.generate('x25519', random)
  const ratchetKem = suite.generate('ml-kem-768', random)
  const oneTimePrekey = ids.oneTimePrekey === undefined ? undefined : { id: ids.oneTimePrekey, pair: suite.generate('x25519', random) }
  const bundle = signBundle(suite, device.signing.secretKey, {
    device: device.signing.publicKey,
    notAfter,
    signedPrekey: { id: ids.signedPrekey, key: signedPrekey.publicKey },
    pqPrekey: { id: ids.pqPrekey, key: pqPrekey.publicKey, kind: oneTimePrekey ? 'one-time' : 'last-resort' },
    ratchet: { id: ids.ratchet, dh: ratchetDh.publicKey, kem: ratchetKem.publicKey },
    ...(oneTimePrekey && { oneTimePrekey: { id: oneTimePrekey.id, key: oneTimePrekey.pair.publicKey } }),
    deviceList,
  })
  return { bundle, secrets: { bundle, signedPrekey, pqPrekey, ...(oneTimePrekey && { oneTimePrekey: oneTimePrekey.pair }), ratchetDh, ratchetKem } }
}

/** For the encrypted store only. */
export function encodePrekeySecrets(suite: Suite, secrets: PrekeySecrets): Uint8Array {
  return concat(
    head('secrets', secrets.oneTimePrekey ? 'one-time' : 'last-resort'),
    suite.exportSecret(secrets.signedPrekey.secretKey),
    suite.exportSecret(secrets.pqPrekey.secretKey),
    suite.exportSecret(secrets.ratchetDh.secretKey),
    suite.exportSecret(secrets.ratchetKem.secretKey),
    ...(secrets.oneTimePrekey ? [suite.exportSecret(secrets.oneTimePrekey.secretKey)] : []),
    sized(secrets.bundle, MAX_BUNDLE),
  )
}

/** @throws HandshakeError malformed (also when the keys are not those of the bundle) | newer-version */
export function decodePrekeySecrets(suite: Suite, bytes: Uint8Array): PrekeySecrets {
  const reader = new Reader(bytes, malformed)
  const kind = readHead(reader, 'secrets')
  const signedPrekey = suite.importSecret('x25519', reader.take(SIZE.x25519.secretKey))
  const pqPrekey = suite.importSecret('ml-kem-1024', reader.take(SIZE['ml-kem-1024'].secretKey))
  const ratchetDh = suite.importSecret('x25519', reader.take(SIZE.x25519.secretKey))
  const ratchetKem = suite.importSecret('ml-kem-768', reader.take(SIZE['ml-kem-768'].secretKey))
  const oneTimePrekey = kind === 'one-time' ? suite.importSecret('x25519', reader.take(SIZE.x25519.secretKey)) : undefined
  const bundle = readSized(reader, MAX_BUNDLE)
  reader.end()
  const secrets = { bundle, signedPrekey, pqPrekey, ...(oneTimePrekey && { oneTimePrekey }), ratchetDh, ratchetKem }
  if (!belongTogether(suite, secrets, decodeBundle(bundle))) throw malformed()
  return secrets
}

function belongTogether(suite: Suite, secrets: PrekeySecrets, bundle: Bundle): boolean {
  return (
    suite.equal(secrets.signedPrekey.publicKey, bundle.signedPrekey.key) &&
    suite.equal(secrets.pqPrekey.publicKey, bundle.pqPrekey.key) &&
    suite.equal(secrets.ratchetDh.publicKey, bundle.ratchet.dh) &&
    suite.equal(secrets.ratchetKem.publicKey, bundle.ratchet.kem) &&
    suite.equal(secrets.oneTimePrekey?.publicKey ?? new Uint8Array(), bundle.oneTimePrekey?.key ?? new Uint8Array())
  )
}
