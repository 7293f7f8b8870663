/**
 * Substring search, newest first. Three sources, each complete for its rows: the newest rows are read (they may not be
 * indexed yet, and a common word is found there at once), older ones are asked of the index, and those that never
 * enter the index (disappearing, edited, very long) are read. Every answer is checked against the text.
 */
import type { AccountKey, StoredMessage } from '../messenger/ports.ts'
import type { Connection } from './database.ts'
import { fold } from './fold.ts'
import type { Messages } from './messages.ts'
import type { Parties } from './parties.ts'
import { RUN, type SearchIndex } from './search-index.ts'

/** Rows read before the index is asked for one or two characters: where those are common, the index would be slow. */
const READ_FIRST = 300

interface TextRow {
  readonly seq: number
  readonly kind: string
  readonly indexed: number
  readonly text: string
}

export class Search {
  readonly #index: SearchIndex
  readonly #messages: Messages
  readonly #parties: Parties
  readonly #newest
  readonly #newestOf
  readonly #scanned
  readonly #scannedOf
  readonly #row

  constructor(db: Connection, parties: Parties, messages: Messages, index: SearchIndex) {
    this.#index = index
    this.#messages = messages
    this.#parties = parties
    const select = <P extends unknown[]>(rest: string) => db.prepare<P, TextRow>(`SELECT seq, kind, indexed, text FROM message ${rest}`)
    this.#newest = select<[]>('ORDER BY seq DESC')
    this.#newestOf = select<[number]>('WHERE contact = ? ORDER BY seq DESC')
    const scanned = `WHERE kind = 'text' AND indexed = 0 AND text <> '' AND seq < ?`
    this.#scanned = select<[number]>(`${scanned} ORDER BY seq DESC`)
    this.#scannedOf = select<[number, number]>(`${scanned} AND +contact = ? ORDER BY seq DESC`)
    this.#row = select<[number]>('WHERE seq = ?')
  }

  search(text: string, page: { readonly contact?: AccountKey; readonly limit: number }): StoredMessage[] {
    const wanted = fold(text)
    const contact = page.contact === undefined ? undefined : this.#parties.find(page.contact)
    if (wanted.trim() === '' || page.limit <= 0 || (page.contact !== undefined && contact === undefined)) return []
    const matches = (row: TextRow): boolean => row.kind === 'text' && fold(row.text).includes(wanted)

    const found: number[] = []
    const full = (): boolean => found.length >= page.limit
    let below = Number.MAX_SAFE_INTEGER
    let mayRead = [...wanted].length < RUN ? READ_FIRST : 0
    for (const row of contact === undefined ? this.#newest.iterate() : this.#newestOf.iterate(contact)) {
      if (full() || (row.seq <= this.#index.indexedUpTo && mayRead-- <= 0)) break
      below = row.seq
      if (matches(row)) found.push(row.seq)
    }
    if (full()) return this.#rows(found)

    const older: number[] = []
    for (const seq of this.#index.candidates(wanted, contact, below)) {
      const row = this.#row.get(seq)
      if (row?.indexed === 1 && matches(row)) older.push(seq)
      if (found.length + older.length >= page.limit) break
    }
    let read = found.length
    for (const row of contact === undefined ? this.#scanned.iterate(below) : this.#scannedOf.iterate(below, contact)) {
      if (read >= page.limit) break
      if (!matches(row)) continue
      older.push(row.seq)
      read++
    }
    return this.#rows([...found, ...older.sort((a, b) => b - a)].slice(0, page.limit))
  }

  #rows(seqs: readonly number[]): StoredMessage[] {
    return seqs.flatMap((seq) => this.#messages.at(seq) ?? [])
  }
}
