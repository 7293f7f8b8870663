/** Pictures of channels, in the chunks they travel in; each is there as long as a channel is that it was stored for. */
import type { ChannelId, MediaHash, MediaRow } from '../messenger/channels/ports.ts'
import type { Channels } from './channels.ts'
import type { Connection } from './database.ts'
import { blob, findable, hex, plainBytes } from './values.ts'

interface MediaColumns {
  ref: number
  size: number
}

type Chunk = { readonly hash: MediaHash; readonly size: number; readonly index: number; readonly bytes: Uint8Array }

export class Media {
  readonly #channels: Channels
  readonly #find
  readonly #held
  readonly #owners
  readonly #chunk
  readonly #chunks
  readonly #bytes
  readonly #insert
  readonly #resize
  readonly #addOwner
  readonly #addChunk
  readonly #dropChunks
  readonly #dropOwners
  readonly #drop

  constructor(db: Connection, channels: Channels) {
    this.#channels = channels
    this.#find = db.prepare<[Buffer], MediaColumns>('SELECT ref, size FROM media WHERE hash = ?')
    this.#held = db.prepare<[number], { chunks: number; bytes: number | null }>(`
      SELECT count(*) AS chunks, sum(length(bytes)) AS bytes FROM media_chunk WHERE media = ?`)
    const owned = 'EXISTS (SELECT 1 FROM media_channel JOIN channel ON ref = channel WHERE media = media.ref AND id IS NOT NULL)'
    this.#owners = db.prepare<[number], Buffer>(`
      SELECT id FROM media_channel JOIN channel ON ref = channel WHERE media = ? AND id IS NOT NULL ORDER BY id`).pluck()
    this.#chunk = db.prepare<[Buffer, number], Buffer>(`
      SELECT bytes FROM media JOIN media_chunk ON media = media.ref WHERE hash = ? AND place = ? AND ${owned}`).pluck()
    this.#chunks = db.prepare<[Buffer], number>(`
      SELECT place FROM media JOIN media_chunk ON media = media.ref WHERE hash = ? AND ${owned} ORDER BY place`).pluck()
    this.#bytes = db.prepare<[number], number | null>(`
      SELECT sum(length(bytes)) FROM media_channel JOIN media_chunk USING (media) WHERE channel = ?`).pluck()
    this.#insert = db.prepare('INSERT INTO media (hash, size) VALUES (?, ?)')
    this.#resize = db.prepare('UPDATE media SET size = ? WHERE ref = ?')
    this.#addOwner = db.prepare('INSERT INTO media_channel (channel, media) VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#addChunk = db.prepare('INSERT INTO media_chunk (media, place, bytes) VALUES (?, ?, ?) ON CONFLICT (media, place) DO NOTHING')
    this.#dropChunks = db.prepare('DELETE FROM media_chunk WHERE media = ?')
    this.#dropOwners = db.prepare('DELETE FROM media_channel WHERE media = ?')
    this.#drop = db.prepare('DELETE FROM media WHERE ref = ?')
  }

  find(hash: MediaHash): MediaRow | undefined {
    const id = findable(hash)
    const row = id === undefined ? undefined : this.#find.get(id)
    const channels = row === undefined ? [] : this.#owners.all(row.ref).map(hex)
    return row === undefined || channels.length === 0
      ? undefined
      : { hash, size: row.size, chunks: this.#held.get(row.ref)?.chunks ?? 0, channels }
  }

  chunk(hash: MediaHash, index: number): Uint8Array | undefined {
    const id = findable(hash)
    const bytes = id === undefined ? undefined : this.#chunk.get(id, index)
    return bytes === undefined ? undefined : plainBytes(bytes)
  }

  chunks(hash: MediaHash): number[] {
    const id = findable(hash)
    return id === undefined ? [] : this.#chunks.all(id)
  }

  bytes(channel: ChannelId): number {
    const ref = this.#channels.ref(channel)
    return ref === undefined ? 0 : (this.#bytes.get(ref) ?? 0)
  }

  add(channel: ChannelId, { hash, size, index, bytes }: Chunk): void {
    const owner = this.#channels.ref(channel)
    if (owner === undefined) return
    const known = this.#find.get(blob(hash))
    const media = known?.ref ?? Number(this.#insert.run(blob(hash), size).lastInsertRowid)
    if (known !== undefined && known.size !== size) {
      if (this.#held.get(media)?.bytes === known.size) return
      this.#dropChunks.run(media)
      this.#resize.run(size, media)
    }
    this.#addOwner.run(owner, media)
    this.#addChunk.run(media, index, bytes)
  }

  remove(hash: MediaHash): void {
    const known = this.#find.get(blob(hash))
    if (known === undefined) return
    this.#dropChunks.run(known.ref)
    this.#dropOwners.run(known.ref)
    this.#drop.run(known.ref)
  }
}
