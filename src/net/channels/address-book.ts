/** Where peers listen, as they or others say, and what of that we are willing to call. */
import type { PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { PeerKey } from '../../messenger/channels/ports.ts'
import { dialable, isLoopback, type Surroundings } from '../addresses.ts'
import { resolveTarget } from '../surroundings.ts'
import { MAX_ADDRESS_BOOK } from './limits.ts'

export interface AddressBook {
  remember(peer: PeerKey, addresses: readonly string[]): void
  of(peer: PeerKey): readonly string[] | undefined
  /** What of a peer's addresses we would call, and the hosts among them that somebody has to pay for. */
  sift(peer: PeerId, addresses: readonly string[]): { readonly usable: string[]; readonly hosts: string[] }
  /** What is called: names are looked up, and each result judged. */
  resolve(peer: PeerId, addresses: readonly string[]): Promise<Multiaddr[]>
}

export interface AddressQuestions {
  surroundings(): Surroundings
  /** addresses of a transport that was put in place of ours */
  foreign(address: string): boolean
}

export function createAddressBook({ surroundings, foreign }: AddressQuestions): AddressBook {
  const book = new Map<PeerKey, readonly string[]>()
  const own = (addresses: readonly string[]): string[] => addresses.filter(address => !foreign(address))

  return {
    remember(peer, addresses) {
      if (addresses.length === 0) return
      book.delete(peer)
      book.set(peer, addresses)
      for (const oldest of book.keys()) {
        if (book.size <= MAX_ADDRESS_BOOK) break
        book.delete(oldest)
      }
    },
    of: peer => book.get(peer),
    sift(peer, addresses) {
      const targets = dialable(own(addresses), peer.toString(), surroundings())
      return {
        usable: [...targets.map(({ address }) => address.toString()), ...addresses.filter(foreign)],
        // Loopback is for networks on one machine.
        hosts: targets.filter(({ kind, host }) => kind === 'ip' && !isLoopback(host)).map(({ host }) => host),
      }
    },
    async resolve(peer, addresses) {
      const around = surroundings()
      const targets = dialable(own(addresses), peer.toString(), around)
      const resolved = (await Promise.all(targets.map(target => resolveTarget(target, around)))).flat()
      return [...resolved, ...addresses.filter(foreign)].map(address => multiaddr(`${withoutPeer(address)}/p2p/${peer}`))
    },
  }
}

const withoutPeer = (address: string): string => address.replace(/\/p2p\/[^/]+$/, '')
