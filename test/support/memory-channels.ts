/** The channels of the in-memory store: what its tables hold, how changes touch them, what is asked of them. */
import type {
  ChannelChange, ChannelId, ChannelKeyRow, ChannelLogRow, ChannelRow, ChannelStore, DraftRow, EntryRow, LogId, MediaHash, MediaRow, NodeRow, StaffRow,
} from '../../src/messenger/channels/ports.ts'

type Evidence = Extract<ChannelChange, { readonly add: 'evidence' }>
type Chunk = Extract<ChannelChange, { readonly add: 'media-chunk' }>

export interface ChannelTables {
  channels: Map<ChannelId, ChannelRow>
  channelLogs: Map<string, ChannelLogRow>
  entries: Map<string, EntryRow>
  nodes: Map<string, NodeRow>
  channelKeys: Map<string, ChannelKeyRow>
  drafts: Map<string, DraftRow>
  staff: Map<string, StaffRow>
  evidence: Map<string, Evidence>
  media: Map<MediaHash, Omit<MediaRow, 'chunks'>>
  mediaChunks: Map<string, Chunk>
}

export const emptyChannelTables = (): ChannelTables => ({
  channels: new Map(),
  channelLogs: new Map(),
  entries: new Map(),
  nodes: new Map(),
  channelKeys: new Map(),
  drafts: new Map(),
  staff: new Map(),
  evidence: new Map(),
  media: new Map(),
  mediaChunks: new Map(),
})

export const copyChannelTables = (tables: ChannelTables): ChannelTables => ({
  channels: new Map(tables.channels),
  channelLogs: new Map(tables.channelLogs),
  entries: new Map(tables.entries),
  nodes: new Map(tables.nodes),
  channelKeys: new Map(tables.channelKeys),
  drafts: new Map(tables.drafts),
  staff: new Map(tables.staff),
  evidence: new Map(tables.evidence),
  media: new Map(tables.media),
  mediaChunks: new Map(tables.mediaChunks),
})

/** A table as it may be written in the open group. */
type Writable = <K extends keyof ChannelTables>(name: K) => ChannelTables[K]

const inLog = (channel: ChannelId, log: LogId) => (row: { channel: ChannelId; log: LogId }): boolean => row.channel === channel && row.log === log
const byTime = (a: EntryRow, b: EntryRow): number => a.time - b.time || (a.id < b.id ? -1 : 1)

function removeWhere<Row>(table: Map<string, Row>, gone: (row: Row) => boolean): void {
  for (const [key, row] of table) if (gone(row)) table.delete(key)
}

export function applyChannelChange(tables: () => ChannelTables, writable: Writable, change: ChannelChange): void {
  const here = (channel: ChannelId): boolean => tables().channels.has(channel)
  if ('add' in change) {
    switch (change.add) {
      case 'entry': {
        const key = `${change.row.channel}/${change.row.log}/${change.row.seq}`
        if (here(change.row.channel) && !tables().entries.has(key)) writable('entries').set(key, change.row)
        return
      }
      case 'evidence': {
        const key = `${change.channel}/${change.id}`
        if (!tables().evidence.has(key)) writable('evidence').set(key, change)
        return
      }
      case 'media-chunk': if (here(change.channel)) addChunk(tables, writable, change); return
    }
  }
  if ('cut' in change) {
    const cut = inLog(change.channel, change.log)
    removeWhere(writable('entries'), (row) => cut(row) && row.seq >= change.from)
    removeWhere(writable('nodes'), (row) => cut(row) && (row.index + 1) * 2 ** row.level > change.from)
    return
  }
  if ('remove' in change) {
    switch (change.remove) {
      case 'channel': removeChannel(writable, change.id); return
      case 'channel-key': writable('channelKeys').delete(`${change.channel}/${change.role}`); return
      case 'draft': writable('drafts').delete(change.id); return
      case 'staff': writable('staff').delete(change.id); return
      case 'media': removeMedia(writable, change.hash); return
    }
  }
  switch (change.put) {
    case 'channel': writable('channels').set(change.row.id, change.row); return
    case 'channel-log': if (here(change.row.channel)) writable('channelLogs').set(`${change.row.channel}/${change.row.log}`, change.row); return
    case 'node': {
      const { channel, log, level, index } = change.row
      if (here(channel)) writable('nodes').set(`${channel}/${log}/${level}/${index}`, change.row)
      return
    }
    case 'channel-key': writable('channelKeys').set(`${change.row.channel}/${change.row.role}`, change.row); return
    case 'draft': writable('drafts').set(change.row.id, change.row); return
    case 'staff': writable('staff').set(change.row.id, change.row); return
    case 'channel-read': {
      const entries = writable('entries')
      for (const [key, row] of entries) if (row.channel === change.channel && row.unread) entries.set(key, { ...row, unread: false })
    }
  }
}

function addChunk(tables: () => ChannelTables, writable: Writable, change: Chunk): void {
  const known = tables().media.get(change.hash)
  if (known !== undefined && known.size !== change.size) {
    const held = [...tables().mediaChunks.values()].filter((row) => row.hash === change.hash).reduce((sum, row) => sum + row.bytes.length, 0)
    if (held === known.size) return
    removeWhere(writable('mediaChunks'), (row) => row.hash === change.hash)
  }
  const channels = [...new Set([...(known?.channels ?? []), change.channel])].sort()
  writable('media').set(change.hash, { hash: change.hash, size: change.size, channels })
  const key = `${change.hash}/${change.index}`
  if (!tables().mediaChunks.has(key)) writable('mediaChunks').set(key, change)
}

function removeChannel(writable: Writable, channel: ChannelId): void {
  writable('channels').delete(channel)
  for (const name of ['channelLogs', 'entries', 'nodes', 'channelKeys', 'drafts', 'staff', 'evidence'] as const) {
    removeWhere<{ readonly channel: ChannelId }>(writable(name) as Map<string, { readonly channel: ChannelId }>, (row) => row.channel === channel)
  }
  const media = writable('media')
  for (const row of [...media.values()].filter((each) => each.channels.includes(channel))) {
    const channels = row.channels.filter((other) => other !== channel)
    if (channels.length === 0) removeMedia(writable, row.hash)
    else media.set(row.hash, { ...row, channels })
  }
}

function removeMedia(writable: Writable, hash: MediaHash): void {
  writable('media').delete(hash)
  removeWhere(writable('mediaChunks'), (row) => row.hash === hash)
}

const sizeOf = (rows: readonly { readonly bytes: Uint8Array }[]): number => rows.reduce((sum, { bytes }) => sum + bytes.length, 0)

export function channelReads(tables: () => ChannelTables): ChannelStore {
  const entriesOf = (channel: ChannelId): EntryRow[] => [...tables().entries.values()].filter((row) => row.channel === channel)
  const ofLog = (channel: ChannelId, log: LogId, from: number): EntryRow[] =>
    [...tables().entries.values()].filter((row) => inLog(channel, log)(row) && row.seq >= from).sort((a, b) => a.seq - b.seq)
  const chunksOf = (hash: MediaHash): Chunk[] =>
    [...tables().mediaChunks.values()].filter((row) => row.hash === hash).sort((a, b) => a.index - b.index)

  return {
    channels: () => [...tables().channels.values()],
    channelLogs: (channel) =>
      [...tables().channelLogs.values()].filter((row) => row.channel === channel).sort((a, b) => (a.log < b.log ? -1 : 1)),
    entry: (channel, log, seq) => tables().entries.get(`${channel}/${log}/${seq}`),
    entryById: (channel, id) => entriesOf(channel).find((row) => row.id === id),
    entries: (channel, log, from, count) => ofLog(channel, log, from).slice(0, Math.max(0, count)),
    entryIds: (channel, log, from, to) =>
      new Uint8Array(Buffer.from(ofLog(channel, log, from).filter((row) => row.seq < to).map((row) => row.id).join(''), 'hex')),
    node: (channel, log, level, index) => tables().nodes.get(`${channel}/${log}/${level}/${index}`)?.hash,
    newestEntries: (channel, { kinds, before, limit }) =>
      entriesOf(channel)
        .filter((row) => kinds.includes(row.kind))
        .filter((row) => before === undefined || row.time < before.time || (row.time === before.time && row.id < before.id))
        .sort(byTime)
        .reverse()
        .slice(0, Math.max(0, limit)),
    entriesAbout: (channel, id) => entriesOf(channel).filter((row) => row.about === id).sort(byTime),
    unreadEntries: (channel) => entriesOf(channel).filter((row) => row.unread).length,
    channelKeys: (channel) =>
      [...tables().channelKeys.values()].filter((row) => row.channel === channel).sort((a, b) => (a.role < b.role ? -1 : 1)),
    drafts: (channel) => [...tables().drafts.values()].filter((row) => row.channel === channel),
    staff: () => [...tables().staff.values()],
    evidence: (channel) => [...tables().evidence.values()].filter((row) => row.channel === channel).map((row) => row.bytes),
    media(hash) {
      const row = tables().media.get(hash)
      return row && { ...row, chunks: chunksOf(hash).length }
    },
    mediaChunk: (hash, index) => tables().mediaChunks.get(`${hash}/${index}`)?.bytes,
    mediaChunks: (hash) => chunksOf(hash).map((row) => row.index),
    channelBytes: (channel) =>
      sizeOf(entriesOf(channel)) + sizeOf([...tables().media.values()].filter(({ channels }) => channels.includes(channel)).flatMap(({ hash }) => chunksOf(hash))),
    bytesInUse: () => sizeOf([...tables().entries.values(), ...tables().mediaChunks.values()]),
  }
}
