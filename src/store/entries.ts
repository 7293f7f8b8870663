/** The signed entries of channels. */
import type { ChannelId, EntryId, EntryRow, LogId, PostCursor } from '../messenger/channels/ports.ts'
import type { Channels } from './channels.ts'
import type { Connection } from './database.ts'
import type { Logs } from './logs.ts'
import { bit, blob, findable, hex, maybe, plainBytes } from './values.ts'

interface EntryColumns {
  log: number
  seq: number
  kind: number
  time: number
  unread: number
  id: Buffer
  about: Buffer | null
  bytes: Buffer
}

interface PlaceColumns {
  place: number
  time: number
  id: Buffer
}

export class Entries {
  readonly #channels: Channels
  readonly #logs: Logs
  readonly #at
  readonly #byPlace
  readonly #byId
  readonly #run
  readonly #ids
  readonly #nextKind
  readonly #newest
  readonly #about
  readonly #unread
  readonly #bytes
  readonly #insert
  readonly #cut
  readonly #read

  constructor(db: Connection, channels: Channels, logs: Logs) {
    this.#channels = channels
    this.#logs = logs
    const select = <P extends unknown[]>(rest: string) => db.prepare<P, EntryColumns>(`SELECT * FROM entry WHERE ${rest}`)
    this.#at = select<[number, number]>('log = ? AND seq = ?')
    this.#byPlace = select<[number]>('place = ?')
    // Along the index of newest posts. One by id would be written to in 256 places for a page of 256: two thirds of the cost of a sync.
    this.#byId = db.prepare<[number, number, Buffer], number>(`
      SELECT place FROM entry WHERE channel = ? AND kind = ? AND id = ? ORDER BY time DESC LIMIT 1`).pluck()
    this.#run = select<[number, number, number]>('log = ? AND seq >= ? ORDER BY seq LIMIT ?')
    this.#ids = db.prepare<[number, number, number], Buffer>('SELECT id FROM entry WHERE log = ? AND seq >= ? AND seq < ? ORDER BY seq').pluck()
    this.#nextKind = db.prepare<[number, number], number>('SELECT kind FROM entry WHERE channel = ? AND kind > ? ORDER BY kind LIMIT 1').pluck()
    this.#newest = db.prepare<[number, number, number, Buffer, number], PlaceColumns>(`
      SELECT place, time, id FROM entry WHERE channel = ? AND kind = ? AND (time, id) < (?, ?) ORDER BY time DESC, id DESC LIMIT ?`)
    this.#about = select<[number, Buffer]>('channel = ? AND about = ? ORDER BY time, id')
    this.#unread = db.prepare<[number], number>('SELECT count(*) FROM entry WHERE channel = ? AND unread = 1').pluck()
    this.#bytes = db.prepare<[number], number | null>('SELECT sum(length(bytes)) FROM entry WHERE channel = ?').pluck()
    this.#insert = db.prepare(`
      INSERT INTO entry (channel, log, seq, kind, time, unread, id, about, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (log, seq) DO NOTHING`)
    this.#cut = db.prepare('DELETE FROM entry WHERE log = ? AND seq >= ?')
    this.#read = db.prepare('UPDATE entry SET unread = 0 WHERE channel = ? AND unread = 1')
  }

  at(channel: ChannelId, log: LogId, seq: number): EntryRow | undefined {
    const ref = this.#logs.find(channel, log)
    const row = ref === undefined ? undefined : this.#at.get(ref, seq)
    return row === undefined ? undefined : this.#row(channel, row)
  }

  find(channel: ChannelId, id: EntryId): EntryRow | undefined {
    const ref = this.#channels.ref(channel)
    const bytes = findable(id)
    if (ref === undefined || bytes === undefined) return undefined
    for (const kind of this.#kinds(ref)) {
      const place = this.#byId.get(ref, kind, bytes)
      const row = place === undefined ? undefined : this.#byPlace.get(place)
      if (row !== undefined) return this.#row(channel, row)
    }
    return undefined
  }

  run(channel: ChannelId, log: LogId, from: number, count: number): EntryRow[] {
    const ref = this.#logs.find(channel, log)
    return ref === undefined ? [] : this.#run.all(ref, from, Math.max(0, count)).map((row) => this.#row(channel, row))
  }

  ids(channel: ChannelId, log: LogId, from: number, to: number): Uint8Array {
    const ref = this.#logs.find(channel, log)
    return ref === undefined ? new Uint8Array() : plainBytes(Buffer.concat(this.#ids.all(ref, from, to)))
  }

  newest(channel: ChannelId, page: { readonly kinds: readonly number[]; readonly before?: PostCursor; readonly limit: number }): EntryRow[] {
    const ref = this.#channels.ref(channel)
    if (ref === undefined || page.limit <= 0) return []
    const time = page.before?.time ?? Number.MAX_SAFE_INTEGER
    const id = Buffer.from(page.before?.id ?? '', 'hex')
    return this.#kinds(ref)
      .filter((kind) => page.kinds.includes(kind))
      .flatMap((kind) => this.#newest.all(ref, kind, time, id, page.limit))
      .sort((a, b) => b.time - a.time || b.id.compare(a.id))
      .slice(0, page.limit)
      .flatMap(({ place }) => this.#byPlace.all(place))
      .map((row) => this.#row(channel, row))
  }

  about(channel: ChannelId, id: EntryId): EntryRow[] {
    const ref = this.#channels.ref(channel)
    const bytes = findable(id)
    return ref === undefined || bytes === undefined ? [] : this.#about.all(ref, bytes).map((row) => this.#row(channel, row))
  }

  unread(channel: ChannelId): number {
    const ref = this.#channels.ref(channel)
    return ref === undefined ? 0 : (this.#unread.get(ref) ?? 0)
  }

  bytes(channel: ChannelId): number {
    const ref = this.#channels.ref(channel)
    return ref === undefined ? 0 : (this.#bytes.get(ref) ?? 0)
  }

  add(row: EntryRow): void {
    const log = this.#logs.ref(row.channel, row.log)
    if (log === undefined) return
    const about = row.about === undefined ? null : blob(row.about)
    this.#insert.run(this.#channels.ref(row.channel), log, row.seq, row.kind, row.time, bit(row.unread), blob(row.id), about, row.bytes)
  }

  cut(channel: ChannelId, log: LogId, from: number): void {
    const ref = this.#logs.find(channel, log)
    if (ref === undefined) return
    this.#cut.run(ref, from)
    this.#logs.cutNodes(ref, from)
  }

  read(channel: ChannelId): void {
    const ref = this.#channels.ref(channel)
    if (ref !== undefined) this.#read.run(ref)
  }

  /** The kinds a channel has entries of: one step in the index for each, however many entries there are. */
  #kinds(channel: number): number[] {
    const kinds: number[] = []
    for (let kind = this.#nextKind.get(channel, -1); kind !== undefined; kind = this.#nextKind.get(channel, kind)) kinds.push(kind)
    return kinds
  }

  #row(channel: ChannelId, { log, seq, kind, time, unread, id, about, bytes }: EntryColumns): EntryRow {
    return { channel, log: this.#logs.id(log), seq, id: hex(id), kind, time, bytes: plainBytes(bytes), about: maybe(about, hex), unread: unread === 1 }
  }
}
