/**
 * One question to one peer: its reply read frame by frame, bounded in frames, bytes and time, so that a peer that sends without
 * end, or nothing, costs no more than one that answers. What the entries say is judged by who asked.
 */
import {
  decodeSyncFrame, encodeSyncRequest, limits, MAX_EVIDENCE, MAX_PEERS, type Newest, type RangeProof, type SyncFrame, type SyncRequest,
} from '../../../protocols/channel/index.ts'
import { concat, fromHex, toHex } from '../../../protocols/suite/index.ts'
import type { ReplicaContext } from './context.ts'
import { PeerFault } from './peers.ts'
import type { ChannelId, LogId, PeerHint, PeerKey } from './ports.ts'

/** A peer that has not sent a frame for so long has stalled: another is asked meanwhile. */
export const FRAME_MS = 10_000
/** One reply, whatever it carries: a page of 1 MiB at 10 KiB a second. Without it a frame every 9 s would hold a page for 40 minutes. */
const REPLY_MS = 100_000
/** Bytes of entries of one page beyond which a server stops early: four of them on the way are no burden to a small device. */
export const PAGE_BYTES = 1024 * 1024
/** Bytes of one reply with heads: 33 open logs with entries of 64 KiB take half of it. */
export const HEADS_BYTES = 4 * 1024 * 1024
/** One head each of the root log and of all author logs that ever were. */
const MAX_HEADS = 4_097
/** Pieces of evidence one reply tells of: one a log is enough to know all there is to know. */
const MAX_EVIDENCES = 64

/** The newest entry of a log as a peer shows it, with the frontier before it; nothing of it is checked yet. */
export interface ShownHead extends Newest {
  readonly log: LogId
}

/** Entries `from` .. of a log, not checked yet. */
export interface ShownPage {
  readonly from: number
  readonly entries: readonly Uint8Array[]
  readonly proof: RangeProof
}

export async function askHeads(context: ReplicaContext, peer: PeerKey, channel: ChannelId): Promise<ShownHead[]> {
  const heads: ShownHead[] = []
  const request = { type: 'heads', channel: fromHex(channel) } as const
  for await (const frame of replyOf(context, peer, request, { frames: MAX_HEADS, bytes: HEADS_BYTES + limits.MAX_ENTRY })) {
    if (frame.type !== 'head') throw unexpected(frame)
    heads.push({ log: toHex(frame.log), entry: frame.entry, frontier: frame.frontier })
  }
  if (heads[0]?.log !== channel) throw new PeerFault('invalid', 'the head of the root log does not come first')
  if (new Set(heads.map(({ log }) => log)).size !== heads.length) throw new PeerFault('invalid', 'two heads of one log')
  return heads
}

export async function askPage(
  context: ReplicaContext,
  peer: PeerKey,
  asked: { channel: ChannelId; log: LogId; from: number; count: number; size: number },
): Promise<ShownPage> {
  const entries: Uint8Array[] = []
  let declared: { to: number; proof: RangeProof } | undefined
  const request = { type: 'page', ...asked, channel: fromHex(asked.channel), log: fromHex(asked.log) } as const
  for await (const frame of replyOf(context, peer, request, { frames: asked.count + 1, bytes: PAGE_BYTES + 2 * limits.MAX_ENTRY })) {
    if (!declared) {
      if (frame.type !== 'proof' || frame.from !== asked.from || frame.to > asked.from + asked.count) throw unexpected(frame)
      declared = frame
    } else if (frame.type === 'entry') entries.push(frame.entry)
    else throw unexpected(frame)
  }
  if (!declared || entries.length !== declared.to - asked.from) throw new PeerFault('invalid', 'not as many entries as it said')
  return { from: asked.from, entries, proof: declared.proof }
}

export async function* askChunks(
  context: ReplicaContext,
  peer: PeerKey,
  { hash, size, first, count }: { hash: Uint8Array; size: number; first: number; count: number },
): AsyncGenerator<{ index: number; proof: readonly Uint8Array[]; chunk: Uint8Array }> {
  let next = first
  for await (const frame of replyOf(context, peer, { type: 'media', hash, size, first, count }, { frames: count, bytes: limits.MAX_MEDIA * 2 })) {
    if (frame.type !== 'chunk' || frame.index !== next++) throw unexpected(frame)
    yield frame
  }
}

export async function askEvidence(context: ReplicaContext, peer: PeerKey, channel: ChannelId): Promise<Uint8Array[]> {
  const whole: Uint8Array[] = []
  let parts: Uint8Array[] = []
  let bytes = 0
  const bounds = { frames: MAX_EVIDENCES * 8, bytes: MAX_EVIDENCES * MAX_EVIDENCE }
  for await (const frame of replyOf(context, peer, { type: 'evidence', channel: fromHex(channel) }, bounds)) {
    if (frame.type !== 'evidence') throw unexpected(frame)
    parts.push(frame.part)
    bytes += frame.part.length
    if (bytes > MAX_EVIDENCE || whole.length >= MAX_EVIDENCES) throw new PeerFault('flood', 'more evidence than there can be')
    if (!frame.last) continue
    whole.push(concat(...parts))
    parts = []
    bytes = 0
  }
  return whole
}

export async function askPeers(context: ReplicaContext, peer: PeerKey, channel: ChannelId): Promise<PeerHint[]> {
  const hints: PeerHint[] = []
  for await (const frame of replyOf(context, peer, { type: 'peers', channel: fromHex(channel) }, { frames: MAX_PEERS, bytes: MAX_PEERS * 1_024 })) {
    if (frame.type !== 'peer') throw unexpected(frame)
    hints.push({ peer: toHex(frame.peer.key), addresses: frame.peer.addresses })
  }
  return hints
}

const unexpected = (frame: SyncFrame): PeerFault => new PeerFault('invalid', `a frame "${frame.type}" where none may be`)

/** Frames of a whole reply but for its end. @throws PeerFault, GossipError */
async function* replyOf(
  { gossip, clock }: ReplicaContext,
  peer: PeerKey,
  request: SyncRequest,
  most: { readonly frames: number; readonly bytes: number },
): AsyncGenerator<SyncFrame> {
  const leaving = new AbortController()
  const stalled = Promise.withResolvers<never>()
  stalled.promise.catch(() => undefined) // it may come true when nobody waits any more
  const giveUp = (): void => {
    stalled.reject(new PeerFault('stalled', 'nothing came in time'))
    leaving.abort()
  }
  const cancelReply = clock.after(REPLY_MS, giveUp)
  let cancelFrame = (): void => undefined
  const frames = gossip.request(peer, encodeSyncRequest(request), { signal: leaving.signal })[Symbol.asyncIterator]()
  try {
    let count = 0
    let bytes = 0
    for (;;) {
      cancelFrame = clock.after(FRAME_MS, giveUp)
      const next = await Promise.race([frames.next(), stalled.promise])
      cancelFrame()
      if (next.done) throw new PeerFault('gone', 'the reply was cut')
      const frame = decoded(next.value)
      if (frame.type === 'end') return
      if (frame.type === 'refused') throw new PeerFault(frame.code === 'busy' ? 'gone' : 'lacking', `refused: ${frame.code}`)
      bytes += next.value.length
      if (++count > most.frames || bytes > most.bytes) throw new PeerFault('flood', 'more than was asked for')
      yield frame
    }
  } finally {
    cancelFrame()
    cancelReply()
    leaving.abort()
    void Promise.resolve(frames.return?.()).catch(() => undefined)
  }
}

function decoded(bytes: Uint8Array): SyncFrame {
  try {
    return decodeSyncFrame(bytes)
  } catch {
    throw new PeerFault('invalid', 'a frame that is none')
  }
}
