/**
 * The index of text for search: every run of three characters of a folded message, and the shorter runs at its end, as
 * tokens of an FTS5 table without content. Two characters and one are found as the beginning of such a token, so every
 * script and every length has an index. Kept outside the message's own transaction: rows above `indexedUpTo` are not
 * in it yet, and texts that left the messages wait in `unindex` until their tokens are taken out.
 */
import type { MessageRow } from '../messenger/ports.ts'
import type { Connection } from './database.ts'
import { fold } from './fold.ts'

/** Longer texts are read instead: taking n characters out of the index costs n writes, and a contact chooses n. */
const MAX_INDEXED = 1_000
/** Rows read at a time. */
const STEP_ROWS = 64
/** A step takes no more in hand after this time: a message that arrives meanwhile waits for it. */
const STEP_MS = 4
/** Runs asked for at most: the rest is checked against the text. */
const MAX_ASKED = 12
export const RUN = 3
/** Base-36 digits a code point takes: 36^4 > 0x110000. */
const DIGITS = 4
/** No code point begins with z (the last is `nvn3`), so a contact's token never answers for a run of text. */
const CONTACT = 'z'

interface TextColumns {
  readonly seq: number
  readonly contact: number
  readonly indexed: number
  readonly text: string
}

export class SearchIndex {
  #upTo: number
  readonly #rows
  readonly #insert
  readonly #delete
  readonly #advance
  readonly #leave
  readonly #leaving
  readonly #left
  readonly #find

  constructor(db: Connection) {
    this.#upTo = db.prepare('SELECT indexed_up_to FROM profile').pluck().get() as number
    this.#rows = db.prepare<[number, number], TextColumns>('SELECT seq, contact, indexed, text FROM message WHERE seq > ? ORDER BY seq LIMIT ?')
    this.#insert = db.prepare('INSERT INTO gram (rowid, grams) VALUES (?, ?)')
    this.#delete = db.prepare(`INSERT INTO gram (gram, rowid, grams) VALUES ('delete', ?, ?)`)
    this.#advance = db.prepare('UPDATE profile SET indexed_up_to = ?')
    this.#leave = db.prepare('INSERT INTO unindex (seq, contact, text) VALUES (?, ?, ?)')
    this.#leaving = db.prepare<[], TextColumns>('SELECT seq, contact, 1 AS indexed, text FROM unindex ORDER BY seq LIMIT 1')
    this.#left = db.prepare('DELETE FROM unindex WHERE seq = ?')
    this.#find = db.prepare<[string, number], number>('SELECT rowid FROM gram WHERE gram MATCH ? AND rowid < ? ORDER BY rowid DESC').pluck()
  }

  /** Rows up to this one are in the index when their `indexed` says so. */
  get indexedUpTo(): number {
    return this.#upTo
  }

  /** The `indexed` of a new row. What is going to disappear never enters the index: search reads it. */
  added(row: MessageRow): 0 | 1 {
    return row.kind === 'text' && row.text !== '' && row.expireAfter === 0 && row.text.length <= MAX_INDEXED ? 1 : 0
  }

  /** The `indexed` of a row whose message changes; inside the transaction that changes it. */
  changed(old: TextColumns, row: MessageRow): 0 | 1 {
    const wanted = this.added(row)
    if (old.seq > this.#upTo) return wanted
    if (old.indexed === 1 && wanted === 1 && old.text === row.text) return 1
    this.removed(old)
    return 0
  }

  /** Inside the transaction that removes a row or its text. */
  removed(old: TextColumns): void {
    if (old.indexed === 1 && old.seq <= this.#upTo) this.#leave.run(old.seq, old.contact, old.text)
  }

  behind(): boolean {
    return this.#leaving.get() !== undefined || this.#rows.get(this.#upTo, 1) !== undefined
  }

  /** One bounded step of the work that waits, inside a transaction. @returns what to do once that is committed */
  step(): { readonly worked: boolean; readonly committed: () => void } {
    const until = performance.now() + STEP_MS
    let worked = false
    for (let row = this.#leaving.get(); row !== undefined && performance.now() < until; row = this.#leaving.get()) {
      this.#delete.run(row.seq, tokens(row))
      this.#left.run(row.seq)
      worked = true
    }
    let upTo = this.#upTo
    do {
      const rows = this.#rows.all(upTo, STEP_ROWS)
      for (const row of rows) if (row.indexed === 1) this.#insert.run(row.seq, tokens(row))
      const last = rows.at(-1)
      if (last === undefined) break
      upTo = last.seq
      worked = true
    } while (performance.now() < until)
    if (upTo !== this.#upTo) this.#advance.run(upTo)
    return { worked, committed: () => void (this.#upTo = upTo) }
  }

  /** Rows below `seq` that may hold the folded text, newest first; more than hold it, never fewer of those indexed. */
  *candidates(folded: string, contact: number | undefined, below: number): IterableIterator<number> {
    const asked = query(folded).map((token) => (token.length < RUN * DIGITS ? `"${token}"*` : `"${token}"`))
    if (contact !== undefined) asked.push(`"${contactToken(contact)}"`)
    yield* this.#find.iterate(asked.join(' AND '), below)
  }
}

const points = (folded: string): string[] => [...folded].map((point) => (point.codePointAt(0) ?? 0).toString(36).padStart(DIGITS, '0'))
const contactToken = (contact: number): string => CONTACT + contact.toString(36)

function tokens({ text, contact }: TextColumns): string {
  const digits = points(fold(text))
  const runs = new Set(digits.map((_, at) => digits.slice(at, at + RUN).join('')))
  return [contactToken(contact), ...runs].join(' ')
}

/** The runs to ask for, spread over a long text. Only digits of our own: nothing a person types is syntax. */
function query(folded: string): string[] {
  const digits = points(folded)
  if (digits.length <= RUN) return [digits.join('')]
  const runs = digits.length - RUN + 1
  const asked = Math.min(runs, MAX_ASKED)
  const starts = Array.from({ length: asked }, (_, n) => Math.round((n * (runs - 1)) / Math.max(1, asked - 1)))
  return [...new Set(starts.map((at) => digits.slice(at, at + RUN).join('')))]
}
