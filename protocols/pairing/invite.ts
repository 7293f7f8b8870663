/** The invite: what a code on a screen or a link carries. A fixed byte table in base32, so that its QR code stays small. */
import { base32nopad } from '@scure/base'
import type { DeviceId } from '../identity/index.ts'
import { concat, LABEL, labelled, Reader, type Suite, u32 } from '../suite/index.ts'
import { decodeAddress, encodeAddress, MAX_ADDRESS, withoutPeer } from './address.ts'
import { InviteError } from './errors.ts'

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
}

const VERSION = 1
const KINDS = { contact: 1, device: 2, channel: 3, group: 4 } as const
const SHOWN = { screen: 1, link: 2 } as const
const SCHEME = 'DURE:'

/** Dial hints an invite carries; a device that has more is found by the first that works. */
export const MAX_ADDRESSES = 8
/** Longest table, in base32, with its scheme: parsing never looks at more. Fits one QR code (4,296 characters). */
export const MAX_INVITE_TEXT = SCHEME.length + Math.ceil(((88 + MAX_ADDRESSES * (1 + MAX_ADDRESS)) * 8) / 5)
/** Seconds a code on a screen lives: long enough to fumble for a phone, short for a photograph of it (attack 33). */
export const SCREEN_LIFETIME = 10 * 60
/** Seconds a link lives: people answer mail within a week. */
export const LINK_LIFETIME = 7 * 24 * 3600

const malformed = (): InviteError => new InviteError('malformed')

/**
 * `DURE:` and upper-case base32 without padding: alphanumeric in a QR code, and no character in it means anything to a
 * shell, a URL or a mail program.
 * @throws InviteError malformed: more than `MAX_ADDRESSES`, or an address that cannot be carried
 */
export const encodeInvite = (invite: Invite): string => SCHEME + base32nopad.encode(encodeInviteTable(invite))

/**
 * Strict: one invite has one text, but for white space around it and all of it being in lower case.
 * @param now ms since the epoch
 * @throws InviteError
 */
export function parseInvite(text: string, now: number): Invite {
  if (text.length > MAX_INVITE_TEXT + 64) throw new InviteError('too-long')
  const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  if (!/^dure:/i.test(trimmed)) throw new InviteError('not-dure')
  const payload = trimmed.slice(SCHEME.length)
  // Case is folded only after the alphabet was checked: Unicode has letters whose upper case is ASCII.
  if (!/^(?:[A-Z2-7]+|[a-z2-7]+)$/.test(payload)) throw malformed()
  let bytes: Uint8Array
  try {
    bytes = base32nopad.decode(payload.toUpperCase())
  } catch {
    throw malformed()
  }
  const invite = decodeInviteTable(bytes)
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
  )
}

/** Says nothing of expiry. @throws InviteError malformed | newer-version | unknown-kind | other-kind */
export function decodeInviteTable(bytes: Uint8Array): Invite {
  const reader = new Reader(bytes, malformed)
  const version = reader.u8()
  if (version > VERSION) throw new InviteError('newer-version')
  if (version !== VERSION) throw malformed()
  const kind = readKind(reader)
  if (kind !== 'contact') throw new InviteError('other-kind', kind)
  const shown = reader.u8()
  if (shown !== SHOWN.screen && shown !== SHOWN.link) throw malformed()
  const expires = reader.u32()
  const device = reader.take(32)
  const bundleHash = reader.take(32)
  const secret = reader.take(16)
  const count = reader.u8()
  if (count > MAX_ADDRESSES) throw malformed()
  const addresses = Array.from({ length: count }, () => decodeAddress(reader.take(reader.u8())))
  reader.end()
  return { kind, device, bundleHash, secret, expires, inPerson: shown === SHOWN.screen, addresses }
}

function readKind(reader: Reader): keyof typeof KINDS {
  const code = reader.u8()
  for (const [name, value] of Object.entries(KINDS)) if (value === code) return name as keyof typeof KINDS
  throw new InviteError('unknown-kind')
}

/** 16 bytes by which the two talk about an invite; says nothing about its secret. */
export const inviteId = (suite: Suite, secret: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.inviteId, secret)).slice(0, 16)
