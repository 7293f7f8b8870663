/** One node of the in-memory channel network that answers as it likes. Its messenger knows nothing of it. */
import { decodeSyncFrame, encodeSyncFrame, type SyncFrame } from '../../protocols/channel/index.ts'
import type { Gossip, PeerKey } from '../../src/messenger/channels/ports.ts'
import type { MemoryGossipNetwork } from './memory-gossip.ts'

/**
 * `omit`: pages without one of their entries, and nothing is passed on. `invent`: entries nobody signed. `hide`: the heads it showed
 * first, for ever. `stall`: no answer at all.
 */
export type Lie = 'omit' | 'invent' | 'hide' | 'stall'

export interface Liar {
  lie: Lie | undefined
}

/** Must come before the node's gossip is first asked for. */
export function makeLiar(network: MemoryGossipNetwork, peer: PeerKey): Liar {
  const honest = network.gossip
  let lie: Lie | undefined
  let firstHeads: Uint8Array[] | undefined
  const answered = (frames: Uint8Array[]): Uint8Array[] => {
    const isHeads = frames.some((bytes) => decodeSyncFrame(bytes).type === 'head')
    if (isHeads) firstHeads ??= frames
    if (lie === 'hide' && isHeads) return firstHeads ?? frames
    if (lie === 'omit') return without(frames)
    return lie === 'invent' ? frames.map((bytes) => encodeSyncFrame(forged(decodeSyncFrame(bytes)))) : frames
  }
  network.gossip = (key): Gossip => {
    const gossip = honest(key)
    if (key !== peer) return gossip
    return {
      ...gossip,
      serve(handlers) {
        gossip.serve({
          ...handlers,
          message: (channel, from, message) => (lie === 'omit' ? 'ignore' : handlers.message(channel, from, message)),
          answer: async function* (from, request) {
            const frames: Uint8Array[] = []
            for await (const frame of handlers.answer(from, request)) frames.push(frame)
            yield* answered(frames)
          },
        })
      },
    }
  }
  return {
    get lie() {
      return lie
    },
    set lie(next) {
      lie = next
      network.silence(peer, next === 'stall')
    },
  }
}

function without(frames: Uint8Array[]): Uint8Array[] {
  const at = frames.findIndex((bytes) => decodeSyncFrame(bytes).type === 'entry')
  return at < 0 ? frames : frames.toSpliced(at, 1)
}

function forged(frame: SyncFrame): SyncFrame {
  return frame.type === 'entry' || frame.type === 'head' ? { ...frame, entry: forgery(frame.entry) } : frame
}

/** As the entry, but for what it says. */
export function forgery(entry: Uint8Array): Uint8Array {
  const bytes = entry.slice()
  const at = bytes.length - 65 // the last byte before the signature
  bytes[at] = (bytes[at] as number) ^ 1
  return bytes
}
