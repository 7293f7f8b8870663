/**
 * Takes away what hung on removed channels, in steps small enough to go unnoticed. After a crash it goes on where it was: what is left to
 * do is what is still there.
 */
import type { Connection } from './database.ts'

/** A step takes no more in hand after this time: a message that arrives meanwhile waits for it. */
const STEP_MS = 4
const ROWS = 64
/** Chunks of 32 KiB, and each of their pages is overwritten: as much work as the entries of a step. */
const CHUNKS = 4

export class Sweep {
  readonly #removed
  readonly #log
  readonly #entries
  readonly #nodes
  readonly #dropLog
  readonly #media
  readonly #chunks
  readonly #disown
  readonly #dropMedia
  readonly #dropChannel

  constructor(db: Connection) {
    this.#removed = db.prepare<[], number>('SELECT ref FROM channel WHERE id IS NULL LIMIT 1').pluck()
    this.#log = db.prepare<[number], number>('SELECT ref FROM channel_log WHERE channel = ? LIMIT 1').pluck()
    this.#entries = db.prepare(`DELETE FROM entry WHERE place IN (SELECT place FROM entry WHERE log = ? ORDER BY seq LIMIT ${ROWS})`)
    this.#nodes = db.prepare(`
      DELETE FROM node WHERE log = ? AND (level, place) IN (SELECT level, place FROM node WHERE log = ? ORDER BY level, place LIMIT ${ROWS})`)
    this.#dropLog = db.prepare('DELETE FROM channel_log WHERE ref = ?')
    this.#media = db.prepare<[number], { media: number; shared: number }>(`
      SELECT media, EXISTS (SELECT 1 FROM media_channel AS other WHERE other.media = own.media AND other.channel <> own.channel) AS shared
      FROM media_channel AS own WHERE channel = ? LIMIT 1`)
    this.#chunks = db.prepare(`DELETE FROM media_chunk WHERE ref IN (SELECT ref FROM media_chunk WHERE media = ? ORDER BY place LIMIT ${CHUNKS})`)
    this.#disown = db.prepare('DELETE FROM media_channel WHERE channel = ? AND media = ?')
    this.#dropMedia = db.prepare('DELETE FROM media WHERE ref = ?')
    this.#dropChannel = db.prepare('DELETE FROM channel WHERE ref = ?')
  }

  behind(): boolean {
    return this.#removed.get() !== undefined
  }

  /** Inside a transaction. @returns whether there was anything to do */
  step(): boolean {
    const until = performance.now() + STEP_MS
    let worked = false
    for (let channel = this.#removed.get(); channel !== undefined && performance.now() < until; channel = this.#removed.get()) {
      this.#piece(channel)
      worked = true
    }
    return worked
  }

  #piece(channel: number): void {
    const log = this.#log.get(channel)
    if (log !== undefined) {
      if (this.#entries.run(log).changes === 0 && this.#nodes.run(log, log).changes === 0) this.#dropLog.run(log)
      return
    }
    const own = this.#media.get(channel)
    if (own === undefined) {
      this.#dropChannel.run(channel)
      return
    }
    if (own.shared === 0 && this.#chunks.run(own.media).changes > 0) return
    this.#disown.run(channel, own.media)
    if (own.shared === 0) this.#dropMedia.run(own.media)
  }
}
