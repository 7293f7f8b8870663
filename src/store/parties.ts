/** The 32-byte keys of accounts and devices, each stored once: rows name them by a small number. */
import type { Connection } from './database.ts'
import { StoreError } from './errors.ts'
import { blob, findable, hex } from './values.ts'

export class Parties {
  readonly #known = new Map<string, number>()
  readonly #keys = new Map<number, string>()
  readonly #find
  readonly #insert
  readonly #key

  constructor(db: Connection) {
    this.#find = db.prepare<[Buffer], number>('SELECT ref FROM party WHERE key = ?').pluck()
    this.#insert = db.prepare<[Buffer]>('INSERT INTO party (key) VALUES (?)')
    this.#key = db.prepare<[number], Buffer>('SELECT key FROM party WHERE ref = ?').pluck()
  }

  /** The number of a key, given out now if it has none. */
  ref(key: string): number {
    const known = this.find(key)
    if (known !== undefined) return known
    const ref = Number(this.#insert.run(blob(key)).lastInsertRowid)
    this.#known.set(key, ref)
    return ref
  }

  find(key: string): number | undefined {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const bytes = findable(key)
    const ref = bytes === undefined ? undefined : this.#find.get(bytes)
    if (ref !== undefined) this.#known.set(key, ref)
    return ref
  }

  key(ref: number): string {
    const known = this.#keys.get(ref)
    if (known !== undefined) return known
    const bytes = this.#key.get(ref)
    if (bytes === undefined) throw new StoreError('corrupt', 'a row names a key that is not there', 'save what is readable into a new profile: dure salvage DIR')
    const key = hex(bytes)
    this.#keys.set(ref, key)
    return key
  }

  /** After a rollback: numbers given out in the transaction are gone. */
  forget(): void {
    this.#known.clear()
    this.#keys.clear()
  }
}
