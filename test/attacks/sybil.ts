/** An attacker of the gossip: it takes its place in meshes as everybody does, and passes on what it likes. */
import { gossipsub, type GossipSub, TopicValidatorResult } from '@libp2p/gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { GOSSIP_OPTIONS } from '../../src/net/channels/pubsub.ts'
import { meeting, type Follower } from '../src/net/channels-support.ts'
import { cleanup } from '../src/net/support.ts'

export interface Sybil {
  readonly id: string
  /** Calls whoever of them it is not connected with, one after the other and `pause` ms apart, until the signal says that it is enough. */
  besiege(victims: readonly Follower[], signal: AbortSignal, pause: () => number): Promise<void>
}

export async function sybil(passesOn: (post: string) => boolean): Promise<Sybil> {
  const peer = await createLibp2p({
    transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionMonitor: { enabled: false },
    services: { identify: identify(), pubsub: gossipsub(GOSSIP_OPTIONS) },
  })
  cleanup(async () => {
    for (const connection of peer.getConnections()) connection.abort(new Error('the attack is over'))
    await peer.stop()
  })
  const pubsub: GossipSub = peer.services.pubsub
  const { topic } = meeting()
  pubsub.topicValidators.set(topic, (_, message) => (passesOn(Buffer.from(message.data).toString()) ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore))
  pubsub.subscribe(topic)
  return {
    id: peer.peerId.toString(),
    async besiege(victims, signal, pause) {
      const first = Math.floor(Math.random() * victims.length)
      for (let nth = first; !signal.aborted; nth++) {
        const [address] = victims[nth % victims.length]?.gossip.addresses() ?? []
        const isThere = peer.getConnections().some(({ remoteAddr }) => address?.startsWith(remoteAddr.toString().replace(/\/p2p\/.*/, '')))
        if (address !== undefined && !isThere) await peer.dial(multiaddr(address), { signal }).catch(() => undefined)
        if (!isThere || nth % victims.length === first) await new Promise(resolve => setTimeout(resolve, pause()))
      }
    },
  }
}
