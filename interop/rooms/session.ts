import { decodePrekeySecrets, initiate, PAIRING_SECRET, type Responded, respond, verifyBundle } from '../../protocols/handshake/index.ts'
import { decodeDeviceSecrets, verifyDeviceList } from '../../protocols/identity/index.ts'
import { answer, decodeSession, encodeSession, hello, open, seal, type SessionRecord, startBeside, startSession } from '../../protocols/session/index.ts'
import { noble } from '../../protocols/suite/index.ts'
import { command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { bytes, optional, record, whole } from '../fields.ts'

const party = record({ account: bytes(32), device: bytes(32) })
const secret = optional(bytes(PAIRING_SECRET))
const recordOf = (stored: Uint8Array | undefined): SessionRecord | undefined => stored && decodeSession(noble, stored)

const start = { device: bytes(), list: bytes(), bundle: bytes(), secret, now: whole() }

interface Asked {
  readonly seed: Uint8Array
  readonly device: Uint8Array
  readonly list: Uint8Array
  readonly bundle: Uint8Array
  readonly secret: Uint8Array | undefined
  readonly now: number
}

function begun(asked: Asked, begin: (options: Parameters<typeof startSession>[2]) => SessionRecord): Record<string, unknown> {
  const device = decodeDeviceSecrets(noble, asked.device)
  const { account } = verifyDeviceList(noble, asked.list, asked.now).list
  const handshake = initiate(noble, drawing(asked.seed), {
    device,
    deviceList: asked.list,
    bundle: verifyBundle(noble, asked.bundle, asked.now),
    ...(asked.secret && { secret: asked.secret }),
  })
  const self = { account, device: device.signing.publicKey }
  const started = begin({ handshake, self, peer: handshake.peer, now: asked.now })
  return { record: encodeSession(noble, started), message: handshake.message, transcript: handshake.secret.transcript, peer: handshake.peer }
}

export const session: Commands = {
  start: command({ seed: bytes(), record: optional(bytes()), ...start }, (asked) => begun(asked, (options) => startSession(noble, recordOf(asked.record), options))),
  startBeside: command({ seed: bytes(), record: bytes(), ...start }, (asked) => begun(asked, (options) => startBeside(noble, decodeSession(noble, asked.record), options))),
  seal: command({ seed: bytes(), record: bytes(), content: bytes(), now: whole() }, (asked) => {
    const sealed = seal(noble, drawing(asked.seed), decodeSession(noble, asked.record), asked.content, asked.now)
    return { record: encodeSession(noble, sealed.record), envelope: sealed.envelope }
  }),
  hello: command({ seed: bytes(), record: bytes(), message: bytes(), content: bytes(), now: whole() }, (asked) => {
    const sealed = hello(noble, drawing(asked.seed), decodeSession(noble, asked.record), asked.message, asked.content, asked.now)
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
