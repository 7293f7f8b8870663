import type { AccountId, DeviceId, DeviceSecrets } from '../identity/index.ts'
import type { Random, Suite } from '../suite/index.ts'
import type { VerifiedBundle } from './bundle.ts'
import { HandshakeError } from './errors.ts'
import { refusingKeys } from './keys.ts'
import { encodeMessage } from './message.ts'
import { deriveSecret, type HandshakeSecret } from './schedule.ts'

export interface Initiated {
  /** travels beside the first ratchet message until the responder has answered */
  readonly message: Uint8Array
  readonly secret: HandshakeSecret & {
    /** public keys for the first ratchet step: X25519 and ML-KEM-768 */
    readonly ratchet: { readonly peerDh: Uint8Array; readonly peerKem: Uint8Array }
  }
  readonly peer: { readonly account: AccountId; readonly device: DeviceId }
}

/**
 * Starts a session with the device of a bundle.
 * @param options `device` and `deviceList` are ours, the list must name the device; `secret` is the one-time pairing
 * secret of an invite, 16 bytes
 * @throws HandshakeError key | own-device
 */
export function initiate(
  suite: Suite,
  random: Random,
  options: { device: DeviceSecrets; deviceList: Uint8Array; bundle: VerifiedBundle; secret?: Uint8Array },
): Initiated {
  const { device, deviceList, secret: pairing } = options
  const { bundle, hash, list, agreement } = options.bundle
  if (suite.equal(bundle.device, device.signing.publicKey)) throw new HandshakeError('own-device')

  const ephemeral = suite.generate('x25519', random)
  const { dh, kem } = refusingKeys(() => ({
    dh: [
      suite.dh(device.agreement.secretKey, bundle.signedPrekey.key),
      suite.dh(ephemeral.secretKey, agreement),
      suite.dh(ephemeral.secretKey, bundle.signedPrekey.key),
      ...(bundle.oneTimePrekey ? [suite.dh(ephemeral.secretKey, bundle.oneTimePrekey.key)] : []),
    ],
    kem: suite.encapsulate('ml-kem-1024', bundle.pqPrekey.key, random),
  }))

  const message = encodeMessage({
    kind: bundle.pqPrekey.kind,
    bundleHash: hash,
    device: device.signing.publicKey,
    ephemeral: ephemeral.publicKey,
    ciphertext: kem.ciphertext,
    ids: {
      signedPrekey: bundle.signedPrekey.id,
      pqPrekey: bundle.pqPrekey.id,
      ratchet: bundle.ratchet.id,
      ...(bundle.oneTimePrekey && { oneTimePrekey: bundle.oneTimePrekey.id }),
    },
    deviceList,
  })
  const secret = deriveSecret(suite, message, { dh, kem: kem.sharedSecret, pairing })
  return {
    message,
    secret: { ...secret, ratchet: { peerDh: bundle.ratchet.dh, peerKem: bundle.ratchet.kem } },
    peer: { account: list.list.account, device: bundle.device },
  }
}
