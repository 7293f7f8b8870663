/**
 * Has the whole database been replaced by an older copy (attack 101)? A number in the database and the same number in
 * a file beside it grow together; the database always first, so that a crash between the two leaves the file behind
 * and never raises a false alarm. The file ahead of the database means the database is old.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { LABEL, labelled, u64 } from '../../protocols/suite/index.ts'
import type { Connection } from './database.ts'
import { replaceFile, type StoreFiles } from './files.ts'

export class Generation {
  readonly #db: Connection
  readonly #path: string
  readonly #key: Uint8Array
  #number: number

  /** Compares the two, and remembers an alarm in the database until it was acted on. */
  constructor(db: Connection, files: StoreFiles, key: Uint8Array) {
    this.#db = db
    this.#path = files.generation
    this.#key = key
    const inside = db.prepare('SELECT generation FROM profile').pluck().get() as number
    const beside = this.#beside() ?? 0
    if (beside > inside) db.exec('UPDATE profile SET rolled_back = 1')
    this.#number = Math.max(inside, beside)
  }

  /** True until the first commit after an alarm: a crash before it must not swallow the alarm. */
  rolledBack(): boolean {
    return this.#db.prepare('SELECT rolled_back FROM profile').pluck().get() === 1
  }

  /** A copy made before this call is older than the profile from now on. */
  advance(): void {
    this.#number++
    this.#db.prepare('UPDATE profile SET generation = ?').run(this.#number)
    replaceFile(this.#path, `${this.#number} ${this.#tag(this.#number).toString('hex')}\n`)
  }

  /** Undefined when the file is missing or not ours: somebody who can write here could as well replace it by an old one. */
  #beside(): number | undefined {
    if (!existsSync(this.#path)) return undefined
    const match = /^(\d{1,15}) ([0-9a-f]{64})\n$/.exec(readFileSync(this.#path, 'latin1'))
    if (match === null) return undefined
    const number = Number(match[1])
    return timingSafeEqual(this.#tag(number), Buffer.from(match[2] ?? '', 'hex')) ? number : undefined
  }

  #tag(number: number): Buffer {
    return createHmac('sha256', this.#key).update(labelled(LABEL.storeGeneration, u64(number))).digest()
  }
}
