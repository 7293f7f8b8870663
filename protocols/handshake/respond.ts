import type { DeviceId, DeviceSecrets, VerifiedDeviceList } from '../identity/index.ts'
import type { KeyPair, Suite } from '../suite/index.ts'
import { agreementKey, bundleHash, decodeBundle, verifiedList } from './bundle.ts'
import { HandshakeError } from './errors.ts'
import { refusingKeys } from './keys.ts'
import { decodeMessage } from './message.ts'
import type { PrekeySecrets } from './prekeys.ts'
import { deriveSecret, type HandshakeSecret } from './schedule.ts'

export interface Responded {
  readonly secret: HandshakeSecret & {
    /** our key pairs the initiator's first ratchet step was made against */
    readonly ratchet: { readonly dh: KeyPair<'x25519'>; readonly kem: KeyPair<'ml-kem-768'> }
  }
  /** who the message says it is from: true only once its first ratchet message opened under `secret` */
  readonly peer: { readonly list: VerifiedDeviceList; readonly device: DeviceId }
}

/**
 * Answers a first message. Changes and deletes nothing: a wrong message gives an error or a secret that opens nothing,
 * and the prekeys are deleted by the caller after the first ratchet message opened (attack 10).
 * @param options `prekeys` those the message asks for (`peekPrekeyIds`, or the invite it answers); `secret` the invite's
 * one-time pairing secret, 16 bytes; `now` in ms since the epoch
 * @throws HandshakeError malformed | newer-version | wrong-prekeys | device-list | unlisted-device | own-device | key
 */
export function respond(
  suite: Suite,
  options: { device: DeviceSecrets; prekeys: PrekeySecrets; secret?: Uint8Array; message: Uint8Array; now: number },
): Responded {
  const { device, prekeys, secret: pairing, message: bytes, now } = options
  const message = decodeMessage(bytes)
  const bundle = decodeBundle(prekeys.bundle)
  const asksForThese =
    suite.equal(message.bundleHash, bundleHash(suite, prekeys.bundle)) &&
    message.ids.signedPrekey === bundle.signedPrekey.id &&
    message.ids.pqPrekey === bundle.pqPrekey.id &&
    message.ids.ratchet === bundle.ratchet.id &&
    message.ids.oneTimePrekey === bundle.oneTimePrekey?.id // and so the kinds are the same
  if (!asksForThese || !suite.equal(bundle.device, device.signing.publicKey)) throw new HandshakeError('wrong-prekeys')
  if (suite.equal(message.device, device.signing.publicKey)) throw new HandshakeError('own-device')
  const list = verifiedList(suite, message.deviceList, now)
  const agreement = agreementKey(list, message.device)

  const { signedPrekey, oneTimePrekey } = prekeys
  const { dh, kem } = refusingKeys(() => ({
    dh: [
      suite.dh(signedPrekey.secretKey, agreement),
      suite.dh(device.agreement.secretKey, message.ephemeral),
      suite.dh(signedPrekey.secretKey, message.ephemeral),
      ...(oneTimePrekey ? [suite.dh(oneTimePrekey.secretKey, message.ephemeral)] : []),
    ],
    kem: suite.decapsulate(prekeys.pqPrekey.secretKey, message.ciphertext),
  }))
  const secret = deriveSecret(suite, bytes, { dh, kem, pairing })
  return { secret: { ...secret, ratchet: { dh: prekeys.ratchetDh, kem: prekeys.ratchetKem } }, peer: { list, device: message.device } }
}
