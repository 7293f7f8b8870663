import {
  bundleHash,
  decodePrekeySecrets,
  encodePrekeySecrets,
  type HandshakeSecret,
  initiate,
  makeBundle,
  PAIRING_SECRET,
  type PrekeyIds,
  respond,
  verifyBundle,
} from '../../protocols/handshake/index.ts'
import { decodeDeviceSecrets } from '../../protocols/identity/index.ts'
import { noble } from '../../protocols/suite/index.ts'
import { type Answer, command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { bytes, optional, record, whole } from '../fields.ts'

const id = whole(0xffff_ffff)
const ids = record({ signedPrekey: id, pqPrekey: id, ratchet: id, oneTimePrekey: optional(id) })
const secret = optional(bytes(PAIRING_SECRET))

const secretOf = ({ root, headerInitiator, headerResponder, transcript }: HandshakeSecret): Answer => ({ root, headerInitiator, headerResponder, transcript })

export const handshake: Commands = {
  bundle: command({ seed: bytes(), device: bytes(), list: bytes(), notAfter: whole(), ids }, (asked) => {
    const made = makeBundle(noble, drawing(asked.seed), {
      device: decodeDeviceSecrets(noble, asked.device),
      deviceList: asked.list,
      notAfter: asked.notAfter,
      ids: asked.ids as PrekeyIds,
    })
    return { bundle: made.bundle, hash: bundleHash(noble, made.bundle), prekeys: encodePrekeySecrets(noble, made.secrets) }
  }),
  readBundle: command({ bundle: bytes(), now: whole() }, (asked) => {
    const { bundle, hash, list, agreement } = verifyBundle(noble, asked.bundle, asked.now)
    return { ...bundle, hash, account: list.list.account, agreement }
  }),
  initiate: command({ seed: bytes(), device: bytes(), list: bytes(), bundle: bytes(), secret, now: whole() }, (asked) => {
    const begun = initiate(noble, drawing(asked.seed), {
      device: decodeDeviceSecrets(noble, asked.device),
      deviceList: asked.list,
      bundle: verifyBundle(noble, asked.bundle, asked.now),
      ...(asked.secret && { secret: asked.secret }),
    })
    return { message: begun.message, ...secretOf(begun.secret), ...begun.secret.ratchet, ...begun.peer }
  }),
  respond: command({ device: bytes(), prekeys: bytes(), message: bytes(), secret, now: whole() }, (asked) => {
    const { secret: agreed, peer } = respond(noble, {
      device: decodeDeviceSecrets(noble, asked.device),
      prekeys: decodePrekeySecrets(noble, asked.prekeys),
      message: asked.message,
      now: asked.now,
      ...(asked.secret && { secret: asked.secret }),
    })
    const { dh, kem } = agreed.ratchet
    return { ...secretOf(agreed), dh: noble.exportSecret(dh.secretKey), kem: noble.exportSecret(kem.secretKey), account: peer.list.list.account, device: peer.device }
  }),
}
