/**
 * What we serve: heads, pages with their proofs, pictures, evidence, peers, of the channels we own, post in or follow openly. One
 * that is followed in private is answered as one that was never heard of.
 */
import {
  type Channel, CHUNK, chunkProof, chunksOf, claimed, decodeSyncRequest, encodeSyncFrame, findTag, frontierAt, leafHash, MAX_EVIDENCE_PART, MAX_PEERS, rangeProof,
  type SyncFrame, type SyncRefusal, type SyncRequest,
} from '../../../protocols/channel/index.ts'
import { fromHex, type Suite, toHex } from '../../../protocols/suite/index.ts'
import type { ReplicaContext } from './context.ts'
import { HEADS_BYTES, PAGE_BYTES } from './pages.ts'
import type { EntryRow, LogId, MediaRow } from './ports.ts'
import { isOpened, type Opened, type Shelf } from './shelf.ts'
import { NotHeldError, subtreesIn } from './tree.ts'

/** Replies on their way at once, over all peers: each may hold a page of 1 MiB. */
const MAX_SERVED = 16
/** Entries read at a time while a page is put together: of the largest, 2 MiB. */
const READ_AT_ONCE = 32
/** Pictures whose chunk hashes are remembered, 10 KiB each: a picture is asked for in several requests, and by many at a time. */
const REMEMBERED_PICTURES = 32

type PageRequest = Extract<SyncRequest, { type: 'page' }>
type MediaRequest = Extract<SyncRequest, { type: 'media' }>

export class Library {
  readonly #context: ReplicaContext
  readonly #shelf: Shelf
  readonly #chunkHashes = new Map<string, Uint8Array[]>()
  #served = 0
  #entriesServed = 0

  constructor(context: ReplicaContext, shelf: Shelf) {
    this.#context = context
    this.#shelf = shelf
  }

  /** In pages, since the start. */
  get entriesServed(): number {
    return this.#entriesServed
  }

  /**
   * Frames of the reply. Each leaves when what it was read from is durable: of an entry of ours that others saw and the next start does not know,
   * there would be another (attack 53).
   * @throws SyncError for what is no request, and what a commit throws
   */
  async *answer(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    const { store } = this.#context
    const request = decodeSyncRequest(bytes)
    if (this.#served >= MAX_SERVED) return yield encodeSyncFrame({ type: 'refused', code: 'busy' })
    this.#served++
    try {
      for (const frame of this.#frames(request)) {
        await store.settled()
        if (frame.type === 'entry') this.#entriesServed++
        yield encodeSyncFrame(frame)
      }
      yield encodeSyncFrame({ type: 'end' })
    } catch (error) {
      // Found out before the first frame: proofs are made before anything is sent.
      if (!(error instanceof Refused)) throw error
      yield encodeSyncFrame({ type: 'refused', code: error.code })
    } finally {
      this.#served--
    }
  }

  /** Of these blinded names, which do we serve? */
  recognises(nonce: Uint8Array, tags: readonly Uint8Array[]): boolean[] {
    const ours = new Set(this.#shelf.all().filter(isServed).map(({ row }) => toHex(findTag(this.#context.suite, fromHex(row.id), nonce))))
    return tags.map((tag) => ours.has(toHex(tag)))
  }

  #frames(request: SyncRequest): Iterable<SyncFrame> {
    if (request.type === 'media') return this.#media(request)
    const known = this.#shelf.get(toHex(request.channel))
    if (!known || !isServed(known)) throw new Refused('unknown')
    switch (request.type) {
      case 'heads': return this.#heads(known)
      case 'page': return this.#page(known, request)
      case 'evidence': return this.#evidence(known)
      case 'peers': return this.#peers(known)
    }
  }

  *#heads({ row, state }: Opened): Generator<SyncFrame> {
    const { store } = this.#context
    let bytes = 0
    const logs: [LogId, number][] = [[row.id, state.root.size], ...[...state.logs].map(([log, { size }]): [LogId, number] => [log, size])]
    for (const [log, size] of logs) {
      const newest = size > 0 ? store.entry(row.id, log, size - 1) : undefined
      if (!newest) continue
      bytes += newest.bytes.length
      if (bytes > HEADS_BYTES) return
      const { nodes } = held(() => frontierAt(size - 1, subtreesIn(this.#context, row.id, log)))
      yield { type: 'head', log: fromHex(log), frontier: nodes, entry: newest.bytes }
    }
  }

  #page({ row, state, floors }: Opened, { log: name, from, count, size }: PageRequest): SyncFrame[] {
    const log = toHex(name)
    const here = log === row.id ? state.root.size : (state.logs.get(log)?.size ?? 0)
    if (size > here || from < (floors.get(log) ?? 0)) throw new Refused('missing')
    const rows = this.#entries(row.id, log, from, count)
    if (rows.length === 0) throw new Refused('missing')
    const to = from + rows.length
    const proof = held(() => rangeProof(from, to, size, subtreesIn(this.#context, row.id, log)))
    return [{ type: 'proof', from, to, proof }, ...rows.map(({ bytes }): SyncFrame => ({ type: 'entry', entry: bytes }))]
  }

  /** As many as make up a page; one at least. */
  #entries(channel: string, log: LogId, from: number, count: number): EntryRow[] {
    const rows: EntryRow[] = []
    let bytes = 0
    while (rows.length < count) {
      const next = this.#context.store.entries(channel, log, from + rows.length, Math.min(READ_AT_ONCE, count - rows.length))
      for (const row of next) {
        bytes += row.bytes.length
        if (bytes > PAGE_BYTES && rows.length > 0) return rows
        rows.push(row)
      }
      if (next.length === 0) break
    }
    return rows
  }

  *#evidence({ row, state }: Opened): Generator<SyncFrame> {
    for (const bytes of inForce(this.#context.suite, state, this.#context.store.evidence(row.id))) {
      for (let at = 0; at < bytes.length; at += MAX_EVIDENCE_PART) {
        const end = Math.min(at + MAX_EVIDENCE_PART, bytes.length)
        yield { type: 'evidence', last: end === bytes.length, part: bytes.subarray(at, end) }
      }
    }
  }

  *#peers({ row }: Opened): Generator<SyncFrame> {
    for (const { peer, addresses } of this.#context.gossip.hints(row.id).slice(0, MAX_PEERS)) {
      if (addresses.length > 0) yield { type: 'peer', peer: { key: fromHex(peer), addresses: addresses.slice(0, 4) } }
    }
  }

  *#media({ hash, size, first, count }: MediaRequest): Generator<SyncFrame> {
    const { store, suite } = this.#context
    const name = toHex(hash)
    const media = store.media(name)
    // What only channels followed in private name was never here.
    if (!media?.channels.some((channel) => this.#serves(channel))) throw new Refused('unknown')
    if (media.size !== size || media.chunks !== chunksOf(size)) throw new Refused('missing')
    const hashes = this.#hashesOf(media)
    for (let index = first; index < first + count; index++) {
      const chunk = store.mediaChunk(name, index)
      if (!chunk) return // removed meanwhile
      yield { type: 'chunk', index, proof: chunkProof(suite, hashes, index), chunk }
    }
  }

  #hashesOf({ hash, size }: MediaRow): Uint8Array[] {
    const { store, suite } = this.#context
    const known = this.#chunkHashes.get(hash)
    if (known) return known
    const hashes = Array.from({ length: Math.ceil(size / CHUNK) }, (_, index) => {
      const chunk = store.mediaChunk(hash, index)
      if (!chunk) throw new Refused('missing')
      return leafHash(suite, chunk)
    })
    if (this.#chunkHashes.size >= REMEMBERED_PICTURES) this.#chunkHashes.delete(this.#chunkHashes.keys().next().value as string)
    this.#chunkHashes.set(hash, hashes)
    return hashes
  }

  #serves(channel: string): boolean {
    const known = this.#shelf.get(channel)
    return known !== undefined && isServed(known)
  }
}

class Refused extends Error {
  readonly code: SyncRefusal

  constructor(code: SyncRefusal) {
    super(`refused: ${code}`)
    this.code = code
  }
}

/** Whose own channel it is, or who posts in it, serves it too. */
const isServed = (known: Parameters<typeof isOpened>[0]): known is Opened => isOpened(known) && known.row.following !== 'private'

/** Of each log the proof of the lowest fork: the others say nothing more, and who asks takes only so many. What a revocation settled is past. */
function inForce(suite: Suite, { cuts }: Channel, all: readonly Uint8Array[]): Iterable<Uint8Array> {
  const lowest = new Map<LogId, { readonly seq: number; readonly bytes: Uint8Array }>()
  for (const bytes of all) {
    const { log, seq } = claimed(suite, bytes)
    const name = toHex(log)
    if (!cuts.has(name) && seq < (lowest.get(name)?.seq ?? Infinity)) lowest.set(name, { seq, bytes })
  }
  return [...lowest.values()].map(({ bytes }) => bytes)
}

function held<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof NotHeldError) throw new Refused('missing')
    throw error
  }
}
