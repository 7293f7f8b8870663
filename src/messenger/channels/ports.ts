/**
 * What the channels need from the world: rows of the store, and the network channels travel on. Identifiers are
 * lowercase hex strings here: a `ChannelId`, a `LogId`, an `EntryId` and a `MediaHash` name 32 bytes. A `PeerKey` is the Ed25519 key of
 * a node of the channel network, which is never a device key: who follows what says nothing about who talks with whom.
 */
export type ChannelId = string
export type LogId = string
export type EntryId = string
export type MediaHash = string
export type PeerKey = string

// ---------------------------------------------------------------- store

/** How we take part. `private`: read only; never serve, never announce, never join the gossip. */
export type Following = 'open' | 'private'

export interface ChannelRow {
  readonly id: ChannelId
  /** what we call it; unique among our channels, the name commands use */
  readonly name: string
  /** undefined: we own it, post in it or mirror it, and nobody here reads it */
  readonly following: Following | undefined
  readonly muted: boolean
  /** posts a day that are told one by one; the rest come as one digest. 0: all in the digest */
  readonly dailyLimit: number
  /** `encodeChannel`: keys, certificates, manifest, the root log's state */
  readonly state: Uint8Array
  /** where peers were found, newest first */
  readonly hints: readonly PeerHint[]
  /** what was found out about the domain of the manifest */
  readonly domain: DomainRow | undefined
  /** how many logs there are to sync changes; the newest entry's time is what a list sorts by */
  readonly newestAt: number
  readonly addedAt: number
}

export interface PeerHint {
  readonly peer: PeerKey
  readonly addresses: readonly string[]
}

export interface DomainRow {
  readonly domain: string
  readonly checkedAt: number
  /** the last time both sides named each other */
  readonly provenAt: number | undefined
}

/** One log as far as it is known here: `encodeLog` has its size and frontier; entries `floor` .. size-1 are stored. */
export interface ChannelLogRow {
  readonly channel: ChannelId
  readonly log: LogId
  readonly state: Uint8Array
  readonly floor: number
}

export interface EntryRow {
  readonly channel: ChannelId
  readonly log: LogId
  readonly seq: number
  readonly id: EntryId
  /** the kind byte of the entry */
  readonly kind: number
  /** author's clock, ms */
  readonly time: number
  readonly bytes: Uint8Array
  /** the entry an edit or a withdrawal is about */
  readonly about: EntryId | undefined
  /** a post the person has not seen; false for what was fetched from the past */
  readonly unread: boolean
}

/** Hash of a complete subtree: leaves `index << level` up to `(index + 1) << level` of the log's Merkle tree. */
export interface NodeRow {
  readonly channel: ChannelId
  readonly log: LogId
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

/** A secret of a channel. Lives only in the encrypted database; never exported, never in a view. */
export type ChannelKeyRow =
  /** `secret`: 32-byte seed of the root key in force; `entropy`: behind its 24 words, until the owner has them on paper */
  | { readonly channel: ChannelId; readonly role: 'root'; readonly secret: Uint8Array; readonly entropy: Uint8Array | undefined }
  | { readonly channel: ChannelId; readonly role: 'posting'; readonly secret: Uint8Array }

/** What waits to be signed: the number it gets is only known once the head of our own log is certain. */
export interface DraftRow {
  readonly id: string
  readonly channel: ChannelId
  readonly kind: number
  readonly body: Uint8Array
  readonly at: number
}

/** A person we asked to post for us (`offered`), or a channel that asked us (`invited`). */
export interface StaffRow {
  /** short, typed by people: 6 lowercase base32 characters */
  readonly id: string
  readonly channel: ChannelId
  readonly role: 'offered' | 'invited'
  /** the other side's account */
  readonly account: string
  /** the terms as the content that carried them encodes them */
  readonly terms: Uint8Array
  readonly at: number
}

export interface MediaRow {
  readonly hash: MediaHash
  readonly size: number
  /** chunks stored so far; complete when it is all of them */
  readonly chunks: number
  /** for which channels it was stored, in order of their ids: what only private ones name must not be served */
  readonly channels: readonly ChannelId[]
}

/**
 * Logs, entries, nodes and media belong to a channel that is here: changes to those of one that is not are no changes, so that what
 * was on its way while the person unfollowed leaves nothing behind. Keys, drafts, staff and evidence may come before their channel.
 */
export type ChannelChange =
  | { readonly put: 'channel'; readonly row: ChannelRow }
  /** with its logs, entries, nodes, keys, drafts, staff and evidence; media that was stored for no other channel */
  | { readonly remove: 'channel'; readonly id: ChannelId }
  | { readonly put: 'channel-log'; readonly row: ChannelLogRow }
  /** the first of (channel, log, seq) stays */
  | { readonly add: 'entry'; readonly row: EntryRow }
  /** a log lost its entries from this number on (a rotation or a revocation cut it), and the nodes over any of them */
  | { readonly cut: 'entries'; readonly channel: ChannelId; readonly log: LogId; readonly from: number }
  | { readonly put: 'node'; readonly row: NodeRow }
  | { readonly put: 'channel-key'; readonly row: ChannelKeyRow }
  | { readonly remove: 'channel-key'; readonly channel: ChannelId; readonly role: ChannelKeyRow['role'] }
  | { readonly put: 'draft'; readonly row: DraftRow }
  | { readonly remove: 'draft'; readonly id: string }
  | { readonly put: 'staff'; readonly row: StaffRow }
  | { readonly remove: 'staff'; readonly id: string }
  | { readonly add: 'evidence'; readonly channel: ChannelId; readonly id: string; readonly bytes: Uint8Array }
  | { readonly put: 'channel-read'; readonly channel: ChannelId }
  /** the first stays, and is stored for this channel too. Of media that is not complete, another size begins it anew: the size was a lie */
  | {
      readonly add: 'media-chunk'; readonly channel: ChannelId; readonly hash: MediaHash; readonly size: number; readonly index: number
      readonly bytes: Uint8Array
    }
  | { readonly remove: 'media'; readonly hash: MediaHash }

/** Where a page of posts begins: older than this time and, within it, this id. */
export interface PostCursor {
  readonly time: number
  readonly id: EntryId
}

/** The part of the store that channels use; `commit` and `onRollback` are the store's own. Reads see what was handed to `commit`. */
export interface ChannelStore {
  /** In order of their coming. */
  channels(): ChannelRow[]
  /** In order of their ids. */
  channelLogs(channel: ChannelId): ChannelLogRow[]
  entry(channel: ChannelId, log: LogId, seq: number): EntryRow | undefined
  /** What a person asks for. Reads along the channel's entries, newest first: quick for what is recent, 0.2 s for the oldest of a million. */
  entryById(channel: ChannelId, id: EntryId): EntryRow | undefined
  /** In order of seq, at most `count`. */
  entries(channel: ChannelId, log: LogId, from: number, count: number): EntryRow[]
  /** Ids of entries `from` .. `to` - 1 in order of seq, 32 bytes each, joined; fewer when some are not stored. */
  entryIds(channel: ChannelId, log: LogId, from: number, to: number): Uint8Array
  node(channel: ChannelId, log: LogId, level: number, index: number): Uint8Array | undefined
  /** Entries of these kinds over all logs, newest first by time and id. */
  newestEntries(channel: ChannelId, page: { readonly kinds: readonly number[]; readonly before?: PostCursor; readonly limit: number }): EntryRow[]
  /** Edits and withdrawals of an entry, in order of time and id. */
  entriesAbout(channel: ChannelId, id: EntryId): EntryRow[]
  unreadEntries(channel: ChannelId): number
  channelKeys(channel: ChannelId): ChannelKeyRow[]
  /** In order of their coming, as staff and evidence. */
  drafts(channel: ChannelId): DraftRow[]
  staff(): StaffRow[]
  evidence(channel: ChannelId): Uint8Array[]
  media(hash: MediaHash): MediaRow | undefined
  mediaChunk(hash: MediaHash, index: number): Uint8Array | undefined
  /** numbers of the chunks that are stored */
  mediaChunks(hash: MediaHash): number[]
  /** Of the entries and media of one channel. Reads along all of them: 0.4 s for 200,000 entries. */
  channelBytes(channel: ChannelId): number
  /** What the file takes of the disk, but for space in it that is free again. */
  bytesInUse(): number
}

// ---------------------------------------------------------------- gossip

/** What the validator says of a gossiped message: spread it, drop it, or drop it and hold it against who sent it. */
export type GossipVerdict = 'accept' | 'ignore' | 'reject'

export interface GossipHandlers {
  /** Verify before forward. Quick and synchronous in its judgement; what follows from it happens later. */
  message(channel: ChannelId, from: PeerKey, message: Uint8Array): GossipVerdict
  /**
   * Frames of the reply to one sync request, in order; ends when the reply is whole. Throws for garbage: the stream is
   * reset and counts against the peer.
   */
  answer(from: PeerKey, request: Uint8Array): Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** Of these blinded names (see protocols/channel, "Finding"), which do we serve? One boolean a tag. */
  recognises(nonce: Uint8Array, tags: readonly Uint8Array[]): boolean[]
  /** A peer that has the channel can be asked now: it joined the topic, was found, or answered to a hint. */
  peer(channel: ChannelId, peer: PeerKey): void
  addressesChanged(addresses: readonly string[]): void
}

/** What the network must know to look for a channel; made by protocols/channel, so that net knows no channel. */
export interface Meeting {
  readonly channel: ChannelId
  readonly topic: string
  /** 32 bytes: key of the DHT's provider records */
  readonly providerKey: Uint8Array
  /** open: join the gossip, serve, announce. private: none of it, only ask */
  readonly following: Following
}

/** The channel network: a libp2p node of its own, with its own key. Knows topics, frames and peers; no entry, no proof. */
export interface Gossip {
  serve(handlers: GossipHandlers): void
  start(): Promise<void>
  stop(): Promise<void>
  /** Joins (or changes how) a channel; `hints` are dialled and remembered for it. */
  join(meeting: Meeting, hints: readonly PeerHint[]): void
  leave(channel: ChannelId): void
  /** Only for joined, open channels. Resolves with the number of peers it was handed to; 0 is no error. */
  publish(channel: ChannelId, message: Uint8Array): Promise<number>
  /**
   * One sync request to one peer: frames of its reply as they come. Flow is controlled: a slow reader slows the sender.
   * @throws GossipError 'unreachable' | 'timeout' | 'refused' | 'stopped' | 'oversized'
   */
  request(peer: PeerKey, request: Uint8Array, options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>
  /** Connected peers that have the channel, the best first. */
  peers(channel: ChannelId): PeerKey[]
  /** Looks for more of them: hints, local network, DHT. Found ones are told to `handlers.peer`. Resolves when the search is over. */
  find(channel: ChannelId, signal?: AbortSignal): Promise<void>
  /** A peer that lied or sent garbage: it loses its score, and above a limit its connection. */
  report(peer: PeerKey, fault: 'invalid' | 'stalled' | 'flood'): void
  /** Where we and the peers of a channel can be dialled, ourselves first when we serve. */
  hints(channel: ChannelId): PeerHint[]
  addresses(): readonly string[]
}

export class GossipError extends Error {
  override readonly name = 'GossipError'
  readonly code: 'unreachable' | 'timeout' | 'refused' | 'stopped' | 'oversized'

  constructor(code: GossipError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Nobody could call us at an address we were asked to listen at. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code = 'cannot-listen'

  constructor(refused: readonly { readonly address: string; readonly why: string }[], cause: unknown) {
    super(`cannot listen at ${refused.map(({ address, why }) => `${address}: ${why}`).join('; ')}`, { cause })
  }
}

// ---------------------------------------------------------------- web

/** The one thing that is asked of a web server. */
export interface Web {
  /**
   * Body of https://DOMAIN/.well-known/dure.json. No redirects, no private addresses, bounded in size and time.
   * @throws WebError 'unreachable' | 'refused' (a certificate, a redirect, an address that may not be asked) | 'missing' | 'too-large'
   */
  wellKnown(domain: string): Promise<string>
}

export class WebError extends Error {
  override readonly name = 'WebError'
  readonly code: 'unreachable' | 'refused' | 'missing' | 'too-large'

  constructor(code: WebError['code'], message: string) {
    super(message)
    this.code = code
  }
}
