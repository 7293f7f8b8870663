/** One device of an account: its keys, and what its account's list says of it. */
import { concat, type KeyPair, type Random, Reader, SIZE, type Suite } from '../suite/index.ts'
import { DeviceSecretsError } from './errors.ts'

/** 32-byte Ed25519 public key of a device, also its libp2p key. */
export type DeviceId = Uint8Array

export interface DeviceSecrets {
  /** signs prekey bundles and authenticates the device's connections */
  readonly signing: KeyPair<'ed25519'>
  /** the identity key of the handshake */
  readonly agreement: KeyPair<'x25519'>
}

/** What the world knows of a device. */
export interface Device {
  readonly signing: DeviceId
  /** X25519 */
  readonly agreement: Uint8Array
  /** chosen by the owner, at most 64 bytes of UTF-8 */
  readonly name: string
  /** seconds since the epoch */
  readonly addedAt: number
}

export function generateDevice(suite: Suite, random: Random): DeviceSecrets {
  return { signing: suite.generate('ed25519', random), agreement: suite.generate('x25519', random) }
}

/** The public half, for a device list. @param now ms since the epoch */
export function publicDevice(secrets: DeviceSecrets, name: string, now: number): Device {
  return {
    signing: secrets.signing.publicKey,
    agreement: secrets.agreement.publicKey,
    name,
    addedAt: Math.floor(now / 1000),
  }
}

const VERSION = 1

/** 65 bytes: version 1, Ed25519 seed, X25519 scalar. For the encrypted store only. */
export function encodeDeviceSecrets(suite: Suite, secrets: DeviceSecrets): Uint8Array {
  return concat(Uint8Array.of(VERSION), suite.exportSecret(secrets.signing.secretKey), suite.exportSecret(secrets.agreement.secretKey))
}

/** @throws DeviceSecretsError */
export function decodeDeviceSecrets(suite: Suite, bytes: Uint8Array): DeviceSecrets {
  const reader = new Reader(bytes, () => new DeviceSecretsError('malformed'))
  const version = reader.u8()
  if (version > VERSION) throw new DeviceSecretsError('newer-version')
  if (version !== VERSION) throw new DeviceSecretsError('malformed')
  const signing = reader.take(SIZE.ed25519.secretKey)
  const agreement = reader.take(SIZE.x25519.secretKey)
  reader.end()
  return { signing: suite.importSecret('ed25519', signing), agreement: suite.importSecret('x25519', agreement) }
}
