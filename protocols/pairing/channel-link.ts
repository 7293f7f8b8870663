/** The link to a channel: its id, and where somebody who has it may be found. Public, and for as long as the channel lives. */
import { concat, Reader } from '../suite/index.ts'
import { decodeAddress, encodeAddress, withoutPeer } from './address.ts'
import { decodeText, encodeText, KINDS, malformed, readHead, textLength, VERSION } from './text.ts'

/** A node of the channel network. Never a device of a person. */
export interface LinkPeer {
  /** 32 bytes, its Ed25519 key there */
  readonly key: Uint8Array
  /** multiaddrs without the peer's own id, at most `MAX_PEER_ADDRESSES` */
  readonly addresses: readonly string[]
}

export interface ChannelLink {
  /** 32 bytes */
  readonly channel: Uint8Array
  /** hints, at most `MAX_LINK_PEERS`; nobody in them is trusted */
  readonly peers: readonly LinkPeer[]
}

const KEY = 32

/** Hints only: one peer that answers knows the others. */
export const MAX_LINK_PEERS = 4
/** One of the local network, one of the internet, both in IPv4 and IPv6. */
export const MAX_PEER_ADDRESSES = 4
/** What the largest QR code takes (version 40, correction L) of alphanumeric characters. */
const MAX_QR_TEXT = 4_296
const MAX_TABLE = Math.floor(((MAX_QR_TEXT - textLength(0)) * 5) / 8)
export const MAX_LINK_TEXT = textLength(MAX_TABLE)

/**
 * As many of the peers, from the first, as one QR code holds; with addresses as they occur, that is all of them.
 * @throws InviteError malformed: more than the limits, or an address that cannot be carried
 */
export function encodeChannelLink(link: ChannelLink): string {
  if (link.channel.length !== KEY || link.peers.length > MAX_LINK_PEERS) throw malformed()
  const peers = link.peers.map(encodePeer)
  while (table(link.channel, peers).length > MAX_TABLE) peers.pop()
  return encodeText(table(link.channel, peers))
}

/** @throws InviteError */
export function parseChannelLink(text: string): ChannelLink {
  const reader = new Reader(decodeText(text, MAX_LINK_TEXT), malformed)
  readHead(reader, 'channel')
  const channel = reader.take(KEY)
  const count = reader.u8()
  if (count > MAX_LINK_PEERS) throw malformed()
  const peers = Array.from({ length: count }, () => readPeer(reader))
  reader.end()
  return { channel, peers }
}

/** Key, number of addresses, each with its length. @throws InviteError malformed */
export function encodePeer({ key, addresses }: LinkPeer): Uint8Array {
  if (key.length !== KEY || addresses.length > MAX_PEER_ADDRESSES) throw malformed()
  const coded = addresses.map((address) => encodeAddress(withoutPeer(address, key)))
  return concat(key, new Uint8Array([coded.length]), ...coded.flatMap((address) => [new Uint8Array([address.length]), address]))
}

/** @throws InviteError malformed, or what the reader throws */
export function readPeer(reader: Reader): LinkPeer {
  const key = reader.take(KEY)
  const count = reader.u8()
  if (count > MAX_PEER_ADDRESSES) throw malformed()
  return { key, addresses: Array.from({ length: count }, () => decodeAddress(reader.take(reader.u8()))) }
}

const table = (channel: Uint8Array, peers: readonly Uint8Array[]): Uint8Array =>
  concat(new Uint8Array([VERSION, KINDS.channel]), channel, new Uint8Array([peers.length]), ...peers)
