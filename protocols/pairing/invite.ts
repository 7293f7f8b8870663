/** The invite: what a code on a screen or a link carries. A fixed byte table in base32, so that its QR code stays small. */
import type { DeviceId } from '../identity/index.ts'
import { concat, LABEL, labelled, Reader, type Suite, u32 } from '../suite/index.ts'
import { decodeAddress, encodeAddress, withoutPeer } from './address.ts'
import { InviteError } from './errors.ts'
import { decodeText, encodeText, KINDS, malformed, readHead, VERSION } from './text.ts'

/** A queue at a node, where the invite can be answered while the device is away. The mailbox room says what the fields are. */
export interface InviteMailbox {
  /** 32 bytes, Ed25519 key of the node */
  readonly node: Uint8Array
  /** 24 bytes, sender id of the queue; its secret follows from the invite's */
  readonly sender: Uint8Array
  /** 32 bytes, the node's key for the queue */
  readonly nodeKey: Uint8Array
  /** multiaddrs of the node without its own peer id, 1 to `MAX_MAILBOX_ADDRESSES` */
  readonly addresses: readonly string[]
}

export interface Invite {
  readonly kind: 'contact'
  /** the inviter's device */
  readonly device: DeviceId
  /** 32 bytes, `bundleHash` of the prekey bundle to fetch */
  readonly bundleHash: Uint8Array
  /** 16 bytes, one-time, mixed into the handshake */
  readonly secret: Uint8Array
  /** seconds since the epoch */
  readonly expires: number
  /** made to be shown on a screen, not to be sent */
  readonly inPerson: boolean
  /** multiaddrs without the device's own peer id, at most `MAX_ADDRESSES` */
  readonly addresses: readonly string[]
  readonly mailbox?: InviteMailbox
}

const SHOWN = { screen: 1, link: 2 } as const

/** Dial hints an invite carries; a device that has more is found by the first that works. */
export const MAX_ADDRESSES = 8
/** Of a node; one that works is enough, and the code stays small. */
export const MAX_MAILBOX_ADDRESSES = 4
const MAILBOX_SENDER = 24
/** Seconds a code on a screen lives: long enough to fumble for a phone, short for a photograph of it (attack 33). */
export const SCREEN_LIFETIME = 10 * 60
/** Seconds a link lives: people answer mail within a week. */
export const LINK_LIFETIME = 7 * 24 * 3600

/** @throws InviteError malformed: more than `MAX_ADDRESSES`, or an address that cannot be carried */
export const encodeInvite = (invite: Invite): string => encodeText(encodeInviteTable(invite))

/**
 * @param now ms since the epoch
 * @throws InviteError
 */
export function parseInvite(text: string, now: number): Invite {
  const invite = decodeInviteTable(decodeText(text))
  if (now >= invite.expires * 1000) throw new InviteError('expired')
  return invite
}

/** @throws InviteError malformed */
export function encodeInviteTable(invite: Invite): Uint8Array {
  const { device, bundleHash, secret, addresses } = invite
  if (device.length !== 32 || bundleHash.length !== 32 || secret.length !== 16 || addresses.length > MAX_ADDRESSES) throw malformed()
  const hints = addresses.map((address) => encodeAddress(withoutPeer(address, device)))
  return concat(
    new Uint8Array([VERSION, KINDS[invite.kind], invite.inPerson ? SHOWN.screen : SHOWN.link]),
    u32(invite.expires),
    device,
    bundleHash,
    secret,
    new Uint8Array([hints.length]),
    ...hints.flatMap((hint) => [new Uint8Array([hint.length]), hint]),
    ...(invite.mailbox ? [encodeMailbox(invite.mailbox)] : []),
  )
}

function encodeMailbox({ node, sender, nodeKey, addresses }: InviteMailbox): Uint8Array {
  const sized = node.length === 32 && sender.length === MAILBOX_SENDER && nodeKey.length === 32
  if (!sized || addresses.length < 1 || addresses.length > MAX_MAILBOX_ADDRESSES) throw malformed()
  const hints = addresses.map((address) => encodeAddress(withoutPeer(address, node)))
  return concat(node, sender, nodeKey, new Uint8Array([hints.length]), ...hints.flatMap((hint) => [new Uint8Array([hint.length]), hint]))
}

function readMailbox(bytes: Uint8Array): InviteMailbox {
  const reader = new Reader(bytes, malformed)
  const [node, sender, nodeKey, count] = [reader.take(32), reader.take(MAILBOX_SENDER), reader.take(32), reader.u8()]
  if (count < 1 || count > MAX_MAILBOX_ADDRESSES) throw malformed()
  const addresses = Array.from({ length: count }, () => decodeAddress(reader.take(reader.u8())))
  reader.end()
  if (addresses.some((address) => withoutPeer(address, node) !== address)) throw malformed()
  return { node, sender, nodeKey, addresses }
}

/** Says nothing of expiry. @throws InviteError malformed | newer-version | unknown-kind | other-kind */
export function decodeInviteTable(bytes: Uint8Array): Invite {
  const reader = new Reader(bytes, malformed)
  readHead(reader, 'contact')
  const shown = reader.u8()
  if (shown !== SHOWN.screen && shown !== SHOWN.link) throw malformed()
  const expires = reader.u32()
  const device = reader.take(32)
  const bundleHash = reader.take(32)
  const secret = reader.take(16)
  const count = reader.u8()
  if (count > MAX_ADDRESSES) throw malformed()
  const addresses = Array.from({ length: count }, () => decodeAddress(reader.take(reader.u8())))
  const tail = reader.rest()
  const mailbox = tail.length > 0 ? { mailbox: readMailbox(tail) } : {}
  return { kind: 'contact', device, bundleHash, secret, expires, inPerson: shown === SHOWN.screen, addresses, ...mailbox }
}

/** 16 bytes by which the two talk about an invite; says nothing about its secret. */
export const inviteId = (suite: Suite, secret: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.inviteId, secret)).slice(0, 16)
