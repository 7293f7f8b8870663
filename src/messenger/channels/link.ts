/** Links of channels: which one, and where somebody has it. */
import { encodeChannelLink, InviteError, type LinkPeer, MAX_LINK_PEERS, MAX_PEER_ADDRESSES, parseChannelLink } from '../../../protocols/pairing/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { MessengerError } from '../errors.ts'
import type { ChannelId, PeerHint } from './ports.ts'

/** @throws MessengerError 'invite-invalid' */
export function readLink(link: string): { readonly id: ChannelId; readonly hints: readonly PeerHint[] } {
  try {
    const { channel, peers } = parseChannelLink(link)
    return { id: toHex(channel), hints: peers.map(({ key, addresses }) => ({ peer: toHex(key), addresses })) }
  } catch (error) {
    if (!(error instanceof InviteError)) throw error
    const hint = error.code === 'other-kind' ? 'a code of a person is read by dure pair' : 'copy the whole of it'
    throw new MessengerError('invite-invalid', 'this is not the link of a channel', hint)
  }
}

/** As many of the peers and addresses as a link carries, the first ones first. */
export function writeLink(id: ChannelId, hints: readonly PeerHint[]): string {
  const peers = hints.flatMap(({ peer, addresses }): LinkPeer[] => {
    const hint = { key: fromHex(peer), addresses: addresses.filter((address) => canBeCarried(peer, address)).slice(0, MAX_PEER_ADDRESSES) }
    return hint.addresses.length > 0 ? [hint] : []
  })
  return encodeChannelLink({ channel: fromHex(id), peers: peers.slice(0, MAX_LINK_PEERS) })
}

/** Addresses of a kind that links have no form for are left out. */
function canBeCarried(peer: string, address: string): boolean {
  try {
    encodeChannelLink({ channel: new Uint8Array(32), peers: [{ key: fromHex(peer), addresses: [address] }] })
    return true
  } catch {
    return false
  }
}
