/** The logs of channels and the inner nodes of their Merkle trees; a log's rows name it by a small number. */
import type { ChannelId, ChannelLogRow, LogId, NodeRow } from '../messenger/channels/ports.ts'
import type { Channels } from './channels.ts'
import type { Connection } from './database.ts'
import { blob, findable, hex, plainBytes } from './values.ts'

interface LogColumns {
  log: Buffer
  floor: number
  state: Buffer
}

export class Logs {
  readonly #channels: Channels
  readonly #known = new Map<string, number>()
  readonly #ids = new Map<number, LogId>()
  readonly #ofChannel
  readonly #find
  readonly #id
  readonly #insert
  readonly #update
  readonly #node
  readonly #putNode
  readonly #cutNodes

  constructor(db: Connection, channels: Channels) {
    this.#channels = channels
    this.#ofChannel = db.prepare<[number], LogColumns>('SELECT log, floor, state FROM channel_log WHERE channel = ? AND state IS NOT NULL ORDER BY log')
    this.#find = db.prepare<[number, Buffer], number>('SELECT ref FROM channel_log WHERE channel = ? AND log = ?').pluck()
    this.#id = db.prepare<[number], Buffer>('SELECT log FROM channel_log WHERE ref = ?').pluck()
    this.#insert = db.prepare('INSERT INTO channel_log (channel, log) VALUES (?, ?)')
    this.#update = db.prepare('UPDATE channel_log SET floor = ?, state = ? WHERE ref = ?')
    this.#node = db.prepare<[number, number, number], Buffer>('SELECT hash FROM node WHERE log = ? AND level = ? AND place = ?').pluck()
    this.#putNode = db.prepare('INSERT OR REPLACE INTO node (log, level, place, hash) VALUES (?, ?, ?, ?)')
    this.#cutNodes = db.prepare('DELETE FROM node WHERE log = ? AND place >= (? >> level)')
  }

  all(channel: ChannelId): ChannelLogRow[] {
    const ref = this.#channels.ref(channel)
    if (ref === undefined) return []
    return this.#ofChannel.all(ref).map((row) => ({ channel, log: hex(row.log), state: plainBytes(row.state), floor: row.floor }))
  }

  put(row: ChannelLogRow): void {
    const ref = this.ref(row.channel, row.log)
    if (ref !== undefined) this.#update.run(row.floor, row.state, ref)
  }

  node(channel: ChannelId, log: LogId, level: number, index: number): Uint8Array | undefined {
    const ref = this.find(channel, log)
    const hash = ref === undefined ? undefined : this.#node.get(ref, level, index)
    return hash === undefined ? undefined : plainBytes(hash)
  }

  putNode({ channel, log, level, index, hash }: NodeRow): void {
    const ref = this.ref(channel, log)
    if (ref !== undefined) this.#putNode.run(ref, level, index, hash)
  }

  /** Forgets the nodes over entries from this number on. */
  cutNodes(ref: number, from: number): void {
    this.#cutNodes.run(ref, from)
  }

  /** The number of a log, given out now if it has none; undefined when its channel is not here. */
  ref(channel: ChannelId, log: LogId): number | undefined {
    const known = this.find(channel, log)
    const owner = this.#channels.ref(channel)
    if (known !== undefined || owner === undefined) return known
    const ref = Number(this.#insert.run(owner, blob(log)).lastInsertRowid)
    this.#known.set(`${owner}/${log}`, ref)
    return ref
  }

  find(channel: ChannelId, log: LogId): number | undefined {
    const owner = this.#channels.ref(channel)
    if (owner === undefined) return undefined
    const name = `${owner}/${log}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const bytes = findable(log)
    const ref = bytes === undefined ? undefined : this.#find.get(owner, bytes)
    if (ref !== undefined) this.#known.set(name, ref)
    return ref
  }

  id(ref: number): LogId {
    const known = this.#ids.get(ref)
    if (known !== undefined) return known
    const id = hex(this.#id.get(ref) ?? Buffer.alloc(0))
    this.#ids.set(ref, id)
    return id
  }

  /** After a rollback, and when a channel is removed: numbers may be given out again. */
  forget(): void {
    this.#known.clear()
    this.#ids.clear()
  }
}
