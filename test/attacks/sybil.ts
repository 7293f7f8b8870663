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
  /** Tries until it is let in, or `patience` ms have passed: victims take ten new callers a second. */
  meet(victim: Follower, patience: number): Promise<void>
}

/** Tries to be let in again after so long. */
const AGAIN_MS = 500

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
    async meet(victim, patience) {
      const address = multiaddr(victim.gossip.addresses()[0] ?? '')
      const end = performance.now() + patience
      while (performance.now() < end) {
        const met = await peer.dial(address).then(() => true, () => false)
        if (met) return
        await new Promise(resolve => setTimeout(resolve, AGAIN_MS * (0.5 + Math.random())))
      }
    },
  }
}
