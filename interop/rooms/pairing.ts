import { bundleHash, decodePrekeySecrets, verifyBundle } from '../../protocols/handshake/index.ts'
import { decodeDeviceSecrets } from '../../protocols/identity/index.ts'
import {
  ask,
  type AskedInvite,
  bundleReply,
  checkBundle,
  createInvite,
  decodeInviteState,
  decodeReply,
  decodeRequest,
  decodeScanState,
  encodeChannelLink,
  encodeInvite,
  encodeInviteState,
  encodeRelayLink,
  encodeReply,
  encodeRequest,
  encodeScanState,
  fetchRequest,
  hearAnswer,
  helloRequest,
  type Invite,
  inviteId,
  inviteIdOf,
  type InviteState,
  judgeFetch,
  judgeHello,
  leftRequest,
  type OpenInvite,
  pairingFrame,
  parseChannelLink,
  parseInvite,
  parseRelayLink,
  PairingError,
  type Refusal,
  type Reply,
  type Request,
  shortCode,
  useInvite,
} from '../../protocols/pairing/index.ts'
import { noble } from '../../protocols/suite/index.ts'
import { type Answer, command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { bytes, flag, list, oneOf, optional, record, text, variant, whole } from '../fields.ts'

const addresses = list(text)
const peer = record({ key: bytes(32), addresses })
const mailbox = optional(record({ node: bytes(32), sender: bytes(24), nodeKey: bytes(32), addresses }))

const request = variant('type', {
  fetchBundle: { inviteId: bytes(16) },
  fetchContactBundle: { deviceList: bytes() },
  hello: { inviteId: bytes(16), envelope: bytes() },
  left: { device: bytes(32), inviteId: bytes(16), envelope: bytes() },
})
const reply = variant('type', {
  bundle: { commitment: bytes(32), bundle: bytes() },
  contactBundle: { bundle: bytes() },
  pending: { nonce: bytes(32), envelope: bytes() },
  refused: { code: oneOf('unknown', 'expired', 'used', 'refused') },
})

const wrongStep = (): RangeError => new RangeError('the state is not of that step')

/** @throws RangeError it is used already */
function opened(stored: Uint8Array): OpenInvite {
  const state = decodeInviteState(stored)
  if (state.step !== 'open') throw wrongStep()
  return state
}

/** @throws RangeError it was answered already */
function asked(stored: Uint8Array): AskedInvite {
  const state = decodeScanState(stored)
  if (state.step !== 'asked') throw wrongStep()
  return state
}

/** @throws PairingError malformed: another reply than was asked for */
function replyOf<T extends Reply['type']>(frame: Uint8Array, type: T): Extract<Reply, { type: T }> {
  const decoded = decodeReply(frame)
  if (decoded.type !== type) throw new PairingError('malformed')
  return decoded as Extract<Reply, { type: T }>
}

const refused = (code: Refusal): Uint8Array => encodeReply({ type: 'refused', code })
const invitedBy = ({ bundle, commitment }: Extract<Reply, { type: 'bundle' }>, invite: Invite, now: number): Answer => {
  const { hash, bundle: inside } = verifyBundle(noble, bundle, now)
  checkBundle(noble, invite, { hash, device: inside.device })
  return { bundle, commitment }
}

/** The reply to a fetchBundle, as the table of verdicts has it. */
function replyToFetch(state: InviteState | undefined, verdict: ReturnType<typeof judgeFetch>): Uint8Array {
  if (verdict === 'serve') return bundleReply(noble, state as OpenInvite)
  return refused(verdict === 'late' ? 'used' : verdict)
}

/** The reply to a hello; none to a first one before it opened. */
function replyToHello(state: InviteState | undefined, verdict: ReturnType<typeof judgeHello>): Uint8Array | undefined {
  if (verdict === 'first') return undefined
  return verdict === 'again' && state?.step === 'used' ? state.reply : refused(verdict === 'again' ? 'unknown' : verdict)
}

export const pairing: Commands = {
  // the inviter
  invite: command({ seed: bytes(), device: bytes(), prekeys: bytes(), addresses, inPerson: flag, expires: whole(0xffff_ffff), mailbox }, (given) => {
    const { bundle } = decodePrekeySecrets(noble, given.prekeys)
    const { signing } = decodeDeviceSecrets(noble, given.device)
    const { prekeys, inPerson, expires } = given
    const made = createInvite(drawing(given.seed), { device: signing.publicKey, bundle, bundleHash: bundleHash(noble, bundle), prekeys, addresses: given.addresses, inPerson, expires })
    const state: OpenInvite = given.mailbox ? { ...made, invite: { ...made.invite, mailbox: given.mailbox } } : made
    return { state: encodeInviteState(state), text: encodeInvite(state.invite), id: inviteIdOf(noble, state), secret: state.invite.secret }
  }),
  judgeFetch: command({ state: optional(bytes()), from: bytes(32), now: whole() }, ({ from, now, ...given }) => {
    const state = given.state && decodeInviteState(given.state)
    const verdict = judgeFetch(noble, state, { from, now })
    return { verdict, frame: replyToFetch(state, verdict) }
  }),
  judgeHello: command({ state: optional(bytes()), from: bytes(32), envelope: bytes(), now: whole() }, ({ from, envelope, now, ...given }) => {
    const state = given.state && decodeInviteState(given.state)
    const verdict = judgeHello(noble, state, { from, envelope, now })
    return { verdict, frame: replyToHello(state, verdict) }
  }),
  useInvite: command({ state: bytes(), from: bytes(32), device: bytes(32), envelope: bytes(), answer: bytes(), transcript: bytes(64) }, ({ state, ...used }) => {
    const { state: next, reply: frame, code } = useInvite(noble, opened(state), used)
    return { state: encodeInviteState(next), frame, code }
  }),
  // the scanner
  parse: command({ text, now: whole() }, (given) => {
    const invite = parseInvite(given.text, given.now)
    return { ...invite, id: inviteId(noble, invite.secret), frame: fetchRequest(noble, invite) }
  }),
  checkBundle: command({ text, frame: bytes(), now: whole() }, (given) => invitedBy(replyOf(given.frame, 'bundle'), parseInvite(given.text, given.now), given.now)),
  ask: command({ text, scanned: flag, commitment: bytes(32), hello: bytes(), transcript: bytes(64), device: bytes(32), now: whole() }, (given) => {
    const { scanned, commitment, hello, transcript } = given
    const state = ask(noble, parseInvite(given.text, given.now), { scanned, commitment, hello, transcript })
    return { state: encodeScanState(state), frame: helloRequest(state), left: leftRequest(state, given.device), authentic: state.authentic }
  }),
  hearAnswer: command({ state: bytes(), frame: bytes() }, (given) => {
    const pending = replyOf(given.frame, 'pending')
    const state = hearAnswer(noble, asked(given.state), pending)
    return { state: encodeScanState(state), code: state.code, envelope: pending.envelope }
  }),
  // frames, codes and links by themselves
  code: command({ transcript: bytes(64), nonce: bytes(32) }, ({ transcript, nonce }) => ({ code: shortCode(noble, transcript, nonce) })),
  request: command({ request }, (given) => ({ frame: encodeRequest(given.request as unknown as Request) })),
  readRequest: command({ frame: bytes() }, ({ frame }) => ({ request: decodeRequest(frame) })),
  reply: command({ reply }, (given) => ({ frame: encodeReply(given.reply as unknown as Reply) })),
  readReply: command({ frame: bytes() }, ({ frame }) => ({ reply: decodeReply(frame) })),
  pairingFrame: command({ bytes: bytes() }, (given) => ({ frame: pairingFrame(given.bytes) ?? null })),
  channelLink: command({ channel: bytes(32), peers: list(peer) }, (link) => ({ text: encodeChannelLink(link) })),
  parseChannelLink: command({ text }, (given) => ({ ...parseChannelLink(given.text) })),
  relayLink: command({ key: bytes(32), addresses }, (link) => ({ text: encodeRelayLink(link) })),
  parseRelayLink: command({ text }, (given) => ({ ...parseRelayLink(given.text) })),
}
