/** The link to a channel: its id, and where somebody who has it may be found. Public, and for as long as the channel lives. */
import { concat, Reader } from '../suite/index.ts'
import { decodeAddress, encodeAddress, withoutPeer } from './address.ts'
import { decodeText, encodeText, KINDS, malformed, MAX_TABLE, readHead, VERSION } from './text.ts'

/** A node of the channel network. Never a device of a person. */
export interface LinkPeer {
  /** 32 bytes, its Ed25519 key there */
  readonly key: Uint8Array
  /** multiaddrs, the best first; read without the peer's own id, at most `MAX_PEER_ADDRESSES` */
  readonly addresses: readonly string[]
}

export interface ChannelLink {
  /** 32 bytes */
  readonly channel: Uint8Array
  /** hints, the best first, read at most `MAX_LINK_PEERS`; nobody in them is trusted */
  readonly peers: readonly LinkPeer[]
}

const KEY = 32

/** Hints only: one peer that answers knows the others. */
export const MAX_LINK_PEERS = 4
/** One of the local network, one of the internet, both in IPv4 and IPv6. */
export const MAX_PEER_ADDRESSES = 4

/**
 * Hints are left out, from the last on, when there are more than the limits or than one QR code holds. So are addresses
 * that cannot be carried: some are said by others, and no stranger's address shall keep a link from being made.
 * @throws InviteError malformed: an id or a key is not 32 bytes
 */
export function encodeChannelLink(link: ChannelLink): string {
  if (link.channel.length !== KEY) throw malformed()
  const peers = link.peers.slice(0, MAX_LINK_PEERS).map(encodePeer)
  while (table(link.channel, peers).length > MAX_TABLE) peers.pop()
  return encodeText(table(link.channel, peers))
}

/** @throws InviteError */
export function parseChannelLink(text: string): ChannelLink {
  const reader = new Reader(decodeText(text), malformed)
  readHead(reader, 'channel')
  const channel = reader.take(KEY)
  const count = reader.u8()
  if (count > MAX_LINK_PEERS) throw malformed()
  const peers = Array.from({ length: count }, () => readPeer(reader))
  reader.end()
  return { channel, peers }
}

/** Key, number of addresses, each with its length. @throws InviteError malformed: the key is not 32 bytes */
export function encodePeer({ key, addresses }: LinkPeer): Uint8Array {
  if (key.length !== KEY) throw malformed()
  const coded = addresses.flatMap((address) => carried(withoutPeer(address, key))).slice(0, MAX_PEER_ADDRESSES)
  return concat(key, new Uint8Array([coded.length]), ...coded.flatMap((address) => [new Uint8Array([address.length]), address]))
}

/** The coding of the address, or nothing. */
function carried(address: string): Uint8Array[] {
  try {
    return [encodeAddress(address)]
  } catch {
    return []
  }
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
