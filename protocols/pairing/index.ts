export {
  type ChannelLink,
  encodeChannelLink,
  encodePeer,
  type LinkPeer,
  MAX_LINK_PEERS,
  MAX_PEER_ADDRESSES,
  parseChannelLink,
  readPeer,
} from './channel-link.ts'
export { NONCE, nonceCommitment, shortCode } from './code.ts'
export { InviteError, type InviteErrorCode, PairingError, type PairingErrorCode } from './errors.ts'
export {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  MAX_PAIRING_ENVELOPE,
  MAX_PAIRING_FRAME,
  pairingFrame,
  type Refusal,
  type Reply,
  type Request,
} from './frames.ts'
export {
  encodeInvite,
  type Invite,
  inviteId,
  type InviteMailbox,
  LINK_LIFETIME,
  MAX_ADDRESSES,
  MAX_MAILBOX_ADDRESSES,
  parseInvite,
  SCREEN_LIFETIME,
} from './invite.ts'
export {
  bundleReply,
  createInvite,
  inviteIdOf,
  type InviteState,
  judgeFetch,
  judgeHello,
  type OpenInvite,
  type UsedInvite,
  useInvite,
} from './inviter.ts'
export { encodeRelayLink, MAX_RELAY_ADDRESSES, parseRelayLink, type RelayLink } from './relay-link.ts'
export {
  ask,
  type AskedInvite,
  authenticates,
  checkBundle,
  fetchRequest,
  hearAnswer,
  helloRequest,
  leftRequest,
  meets,
  type PendingInvite,
  type ScanState,
} from './scanner.ts'
export { decodeInviteState, decodeScanState, encodeInviteState, encodeScanState } from './stored.ts'
export { MAX_TEXT } from './text.ts'
