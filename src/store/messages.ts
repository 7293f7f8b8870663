/** Message rows and the questions asked of them. Search is in search.ts. */
import type { AccountKey, MessageId, MessageRow, Page, StoredMessage } from '../messenger/ports.ts'
import type { Connection } from './database.ts'
import type { Parties } from './parties.ts'
import type { SearchIndex } from './search-index.ts'
import { blob, findable, hex, maybe, orNull, plainBytes, same, stateColumns, stateOf } from './values.ts'

/** Rows read at a time when somebody walks through all of them: the walk holds nothing open in between. */
const WALK_ROWS = 500

interface MessageColumns {
  seq: number
  id: Buffer
  contact: number
  direction: MessageRow['direction']
  kind: MessageRow['kind']
  at: number
  stored_at: number
  reply_to: Buffer | null
  edited_at: number | null
  deleted_at: number | null
  expire_after: number
  expires_at: number | null
  read_at: number | null
  receipt: MessageRow['receipt']
  delivery: Exclude<MessageRow['delivery'], 'mailbox' | undefined> | null
  with_mailbox: number
  reactions: string | null
  raw: Buffer | null
  indexed: number
  text: string
  place: number | null
}

/** Where a message stands in its conversation: where it came, but for one that came late. */
const PLACE = 'coalesce(place, seq)'
/**
 * Late ones come in their order, so each takes the first of so many parts of what is left between its neighbours: there is room for more than a
 * thousand in a row, and for a few that come in the other order. Where there is none a message stands where it came.
 */
const PARTS = 64

export class Messages {
  readonly #parties: Parties
  readonly #index: SearchIndex
  #lastSeq: number
  readonly #byId
  readonly #bySeq
  readonly #latest
  readonly #before
  readonly #after
  readonly #walk
  readonly #unread
  readonly #unreadRows
  readonly #owed
  readonly #expired
  readonly #nextExpiry
  readonly #insert
  readonly #update
  readonly #remove
  readonly #placeBefore

  constructor(db: Connection, parties: Parties, index: SearchIndex) {
    this.#parties = parties
    this.#index = index
    const last = db.prepare('SELECT max(seq) FROM message').pluck().get() as number | null
    this.#lastSeq = Math.max(last ?? 0, index.indexedUpTo)
    const select = <P extends unknown[]>(rest: string) => db.prepare<P, MessageColumns>(`SELECT * FROM message ${rest}`)
    this.#byId = select<[Buffer]>('WHERE id = ?')
    this.#bySeq = select<[number]>('WHERE seq = ?')
    this.#latest = select<[number, number]>(`WHERE contact = ? ORDER BY ${PLACE} DESC LIMIT ?`)
    this.#before = select<[number, number, number]>(`WHERE contact = ? AND ${PLACE} < ? ORDER BY ${PLACE} DESC LIMIT ?`)
    this.#after = select<[number, number, number]>(`WHERE contact = ? AND ${PLACE} > ? ORDER BY ${PLACE} LIMIT ?`)
    this.#walk = select<[number, number]>('WHERE seq > ? ORDER BY seq LIMIT ?')
    const unread = `direction = 'in' AND read_at IS NULL AND contact = ?`
    this.#unread = db.prepare<[number], number>(`SELECT count(*) FROM message WHERE ${unread}`).pluck()
    this.#unreadRows = select<[number, number]>(`WHERE ${unread} AND ${PLACE} <= ? ORDER BY ${PLACE}`)
    this.#owed = select<[number]>(`WHERE direction = 'in' AND receipt = 'none' AND kind <> 'notice' ORDER BY seq LIMIT ?`)
    this.#expired = select<[number]>('WHERE expires_at <= ? ORDER BY expires_at, seq')
    this.#nextExpiry = db.prepare<[], number>('SELECT expires_at FROM message WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1').pluck()
    this.#insert = db.prepare(`
      INSERT INTO message (seq, id, contact, direction, kind, at, stored_at, reply_to, edited_at, deleted_at, expire_after, expires_at,
        read_at, receipt, delivery, with_mailbox, reactions, raw, indexed, text, place)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    // What never changes is not named, so that its indexes are not written again.
    this.#update = db.prepare(`
      UPDATE message SET edited_at = ?, deleted_at = ?, expire_after = ?, expires_at = ?, read_at = ?, receipt = ?, delivery = ?,
        with_mailbox = ?, reactions = ?, raw = ?, indexed = ?, text = ? WHERE seq = ?`)
    this.#remove = db.prepare('DELETE FROM message WHERE seq = ?')
    this.#placeBefore = db.prepare<[number, number], number>(`SELECT ${PLACE} FROM message WHERE contact = ? AND ${PLACE} < ? ORDER BY ${PLACE} DESC LIMIT 1`).pluck()
  }

  find(id: MessageId): StoredMessage | undefined {
    const row = this.#columns(id)
    return row === undefined ? undefined : this.#message(row)
  }

  at(seq: number): StoredMessage | undefined {
    const row = this.#bySeq.get(seq)
    return row === undefined ? undefined : this.#message(row)
  }

  history(contact: AccountKey, { before, after, limit }: Page): StoredMessage[] {
    const ref = this.#parties.find(contact)
    if (ref === undefined) return []
    const beside = before ?? after
    if (beside === undefined) return this.#list(this.#latest.all(ref, limit).reverse())
    const found = this.#columns(beside)
    if (found === undefined || found.contact !== ref) return []
    return this.#list(before === undefined ? this.#after.all(ref, placeOf(found), limit) : this.#before.all(ref, placeOf(found), limit).reverse())
  }

  unread(contact: AccountKey): number {
    const ref = this.#parties.find(contact)
    return ref === undefined ? 0 : (this.#unread.get(ref) ?? 0)
  }

  unreadRows(contact: AccountKey, upTo?: MessageId): StoredMessage[] {
    const ref = this.#parties.find(contact)
    const last = upTo === undefined ? undefined : this.#columns(upTo)
    if (ref === undefined || (upTo !== undefined && !last)) return []
    return this.#list(this.#unreadRows.all(ref, last ? placeOf(last) : Number.MAX_SAFE_INTEGER))
  }

  owed(limit: number): StoredMessage[] {
    return this.#list(this.#owed.all(limit))
  }

  expired(now: number): StoredMessage[] {
    return this.#list(this.#expired.all(now))
  }

  nextExpiry(): number | undefined {
    return this.#nextExpiry.get()
  }

  *all(): IterableIterator<StoredMessage> {
    let seq = 0
    for (;;) {
      const rows = this.#list(this.#walk.all(seq, WALK_ROWS))
      yield* rows
      const last = rows.at(-1)
      if (last === undefined) return
      seq = last.seq
    }
  }

  add(row: MessageRow, above?: MessageId): void {
    if (this.#columns(row.id) === undefined) this.#insertAt(++this.#lastSeq, row, above === undefined ? null : this.#placeAbove(row.contact, above))
  }

  put(row: MessageRow): void {
    const old = this.#columns(row.id)
    if (old === undefined) return this.#insertAt(++this.#lastSeq, row, null)
    const moved =
      old.contact !== this.#parties.find(row.contact) || old.direction !== row.direction || old.kind !== row.kind ||
      old.at !== row.at || old.stored_at !== row.storedAt || maybe(old.reply_to, hex) !== row.replyTo
    const indexed = this.#index.changed(old, row)
    if (moved) {
      this.#remove.run(old.seq)
      this.#insertAt(old.seq, row, old.place, indexed)
      return
    }
    this.#update.run(
      orNull(row.editedAt), orNull(row.deletedAt), row.expireAfter, orNull(row.expiresAt), orNull(row.readAt), row.receipt,
      ...deliveryColumns(row), reactionsText(row), orNull(row.raw), indexed, row.text, old.seq,
    )
  }

  remove(id: MessageId): void {
    const old = this.#columns(id)
    if (old === undefined) return
    this.#index.removed(old)
    this.#remove.run(old.seq)
  }

  #placeAbove(contact: AccountKey, above: MessageId): number | null {
    const next = this.#columns(above)
    if (next === undefined || next.contact !== this.#parties.find(contact)) return null
    const end = placeOf(next)
    const start = this.#placeBefore.get(next.contact, end) ?? end - 1
    const place = start + (end - start) / PARTS
    return start < place && place < end ? place : null
  }

  #insertAt(seq: number, row: MessageRow, place: number | null, indexed = this.#index.added(row)): void {
    this.#insert.run(
      seq, blob(row.id), this.#parties.ref(row.contact), row.direction, row.kind, row.at, row.storedAt,
      row.replyTo === undefined ? null : blob(row.replyTo), orNull(row.editedAt), orNull(row.deletedAt), row.expireAfter,
      orNull(row.expiresAt), orNull(row.readAt), row.receipt, ...deliveryColumns(row), reactionsText(row), orNull(row.raw), indexed, row.text, place,
    )
  }

  #columns(id: MessageId): MessageColumns | undefined {
    const bytes = findable(id)
    return bytes === undefined ? undefined : this.#byId.get(bytes)
  }

  #list(rows: MessageColumns[]): StoredMessage[] {
    return rows.map((row) => this.#message(row))
  }

  #message(row: MessageColumns): StoredMessage {
    return {
      seq: row.seq,
      id: hex(row.id),
      contact: this.#parties.key(row.contact),
      direction: row.direction,
      kind: row.kind,
      text: row.text,
      raw: maybe(row.raw, plainBytes),
      at: row.at,
      storedAt: row.stored_at,
      replyTo: maybe(row.reply_to, hex),
      editedAt: maybe(row.edited_at, same),
      deletedAt: maybe(row.deleted_at, same),
      reactions: row.reactions === null ? {} : (JSON.parse(row.reactions) as MessageRow['reactions']),
      expireAfter: row.expire_after,
      expiresAt: maybe(row.expires_at, same),
      readAt: maybe(row.read_at, same),
      receipt: row.receipt,
      delivery: maybe(row.delivery, (state) => stateOf(state, row.with_mailbox)),
    }
  }
}

const placeOf = ({ place, seq }: MessageColumns): number => place ?? seq

const reactionsText = ({ reactions }: MessageRow): string | null => (Object.keys(reactions).length === 0 ? null : JSON.stringify(reactions))

function deliveryColumns({ delivery }: MessageRow): readonly [string | null, 0 | 1] {
  const [state, withMailbox] = stateColumns(delivery)
  return [orNull(state), withMailbox]
}
