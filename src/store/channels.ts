/** Channel rows, and the small numbers other rows name channels by. */
import type { ChannelId, ChannelRow, PeerHint } from '../messenger/channels/ports.ts'
import type { Connection } from './database.ts'
import { bit, blob, findable, hex, maybe, orNull, plainBytes, same } from './values.ts'

interface ChannelColumns {
  ref: number
  id: Buffer
  name: string
  following: ChannelRow['following'] | null
  muted: number
  daily_limit: number
  domain: string | null
  domain_checked_at: number | null
  domain_proven_at: number | null
  newest_at: number
  added_at: number
  hints: string
  state: Buffer
}

export class Channels {
  readonly #known = new Map<ChannelId, number>()
  readonly #all
  readonly #find
  readonly #put
  readonly #unname

  constructor(db: Connection) {
    this.#all = db.prepare<[], ChannelColumns>('SELECT * FROM channel WHERE id IS NOT NULL ORDER BY ref')
    this.#find = db.prepare<[Buffer], number>('SELECT ref FROM channel WHERE id = ?').pluck()
    this.#put = db.prepare(`
      INSERT INTO channel (id, name, following, muted, daily_limit, domain, domain_checked_at, domain_proven_at, newest_at, added_at, hints, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, following = excluded.following, muted = excluded.muted,
        daily_limit = excluded.daily_limit, domain = excluded.domain, domain_checked_at = excluded.domain_checked_at,
        domain_proven_at = excluded.domain_proven_at, newest_at = excluded.newest_at, added_at = excluded.added_at,
        hints = excluded.hints, state = excluded.state`)
    this.#unname = db.prepare(`
      UPDATE channel SET id = NULL, name = '', following = NULL, domain = NULL, domain_checked_at = NULL, domain_proven_at = NULL,
        newest_at = 0, added_at = 0, hints = '', state = x'' WHERE ref = ?`)
  }

  all(): ChannelRow[] {
    return this.#all.all().map((row) => ({
      id: hex(row.id),
      name: row.name,
      following: maybe(row.following, same),
      muted: row.muted === 1,
      dailyLimit: row.daily_limit,
      state: plainBytes(row.state),
      hints: JSON.parse(row.hints) as PeerHint[],
      domain: maybe(row.domain, (domain) => ({
        domain, checkedAt: row.domain_checked_at ?? 0, provenAt: maybe(row.domain_proven_at, same),
      })),
      newestAt: row.newest_at,
      addedAt: row.added_at,
    }))
  }

  /** The number of a channel that is here. */
  ref(id: ChannelId): number | undefined {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const bytes = findable(id)
    const ref = bytes === undefined ? undefined : this.#find.get(bytes)
    if (ref !== undefined) this.#known.set(id, ref)
    return ref
  }

  put(row: ChannelRow): void {
    this.#put.run(
      blob(row.id), row.name, orNull(row.following), bit(row.muted), row.dailyLimit, orNull(row.domain?.domain), orNull(row.domain?.checkedAt),
      orNull(row.domain?.provenAt), row.newestAt, row.addedAt, JSON.stringify(row.hints), row.state,
    )
  }

  /** From now on no question finds it; what hangs on its number is swept later. */
  remove(id: ChannelId): void {
    const ref = this.ref(id)
    if (ref === undefined) return
    this.#unname.run(ref)
    this.#known.delete(id)
  }

  /** After a rollback. */
  forget(): void {
    this.#known.clear()
  }
}
