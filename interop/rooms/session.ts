import { decodePrekeySecrets, initiate, PAIRING_SECRET, type Responded, respond, verifyBundle } from '../../protocols/handshake/index.ts'
import { decodeDeviceSecrets, verifyDeviceList } from '../../protocols/identity/index.ts'
import { answer, decodeSession, encodeSession, open, seal, type SessionRecord, startSession } from '../../protocols/session/index.ts'
import { noble } from '../../protocols/suite/index.ts'
import { command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { bytes, optional, record, whole } from '../fields.ts'

const party = record({ account: bytes(32), device: bytes(32) })
const secret = optional(bytes(PAIRING_SECRET))
const recordOf = (stored: Uint8Array | undefined): SessionRecord | undefined => stored && decodeSession(noble, stored)

export const session: Commands = {
  start: command({ seed: bytes(), record: optional(bytes()), device: bytes(), list: bytes(), bundle: bytes(), secret, now: whole() }, (asked) => {
    const device = decodeDeviceSecrets(noble, asked.device)
    const { account } = verifyDeviceList(noble, asked.list, asked.now).list
    const handshake = initiate(noble, drawing(asked.seed), {
      device,
      deviceList: asked.list,
      bundle: verifyBundle(noble, asked.bundle, asked.now),
      ...(asked.secret && { secret: asked.secret }),
    })
    const self = { account, device: device.signing.publicKey }
    const started = startSession(noble, recordOf(asked.record), { handshake, self, peer: handshake.peer, now: asked.now })
    return { record: encodeSession(noble, started), message: handshake.message, transcript: handshake.secret.transcript, peer: handshake.peer }
  }),
  seal: command({ seed: bytes(), record: bytes(), content: bytes(), now: whole() }, (asked) => {
    const sealed = seal(noble, drawing(asked.seed), decodeSession(noble, asked.record), asked.content, asked.now)
    return { record: encodeSession(noble, sealed.record), envelope: sealed.envelope }
  }),
  answer: command({ seed: bytes(), record: bytes(), first: bytes(), content: bytes(), now: whole() }, (asked) => {
    const sealed = answer(noble, drawing(asked.seed), decodeSession(noble, asked.record), asked.first, asked.content, asked.now)
    return { record: encodeSession(noble, sealed.record), envelope: sealed.envelope }
  }),
  open: command(
    { record: optional(bytes()), self: party, from: bytes(32), envelope: bytes(), answering: optional(record({ device: bytes(), prekeys: bytes(), secret })), now: whole() },
    ({ self, from, envelope, answering, now, ...asked }) => {
      let answered: Responded | undefined
      const responding = answering && ((message: Uint8Array): Responded => {
        const [device, prekeys] = [decodeDeviceSecrets(noble, answering.device), decodePrekeySecrets(noble, answering.prekeys)]
        answered = respond(noble, { device, prekeys, message, now, ...(answering.secret && { secret: answering.secret }) })
        return answered
      })
      const opened = open(noble, recordOf(asked.record), envelope, { self, peer: from, now, ...(responding && { respond: responding }) })
      const { record: kept, ...said } = opened
      return { record: encodeSession(noble, kept), ...said, peer: kept.peer, transcript: answered?.secret.transcript }
    },
  ),
}
