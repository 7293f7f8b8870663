/**
 * Group commit. Changes are written into an open transaction at once, so that reads see them, and the transaction is
 * made durable when the turn of the event loop ends: one fsync for all that was committed in it.
 */
import type { Change } from '../messenger/ports.ts'
import { type Connection, storeError } from './database.ts'
import { StoreError } from './errors.ts'

/** WAL pages after which they are written back into the database: 4 MiB. */
const CHECKPOINT_PAGES = 1_000

interface Call {
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

export interface CommitHooks<C> {
  apply(change: C): void
  /** Before COMMIT, inside the transaction. */
  complete(): void
  /** After ROLLBACK. */
  forget(): void
  /** Before a checkpoint. */
  checkpoint(): void
  /** The handle is of no more use. */
  broken(): void
}

/** `C`: what a commit is made of. */
export class Commits<C = Change> {
  readonly #db: Connection
  readonly #hooks: CommitHooks<C>
  readonly #begin
  readonly #commit
  readonly #rollback
  readonly #walPages
  readonly #listeners: (() => void)[] = []
  #group: Call[] | undefined
  #turnEnd: NodeJS.Immediate | undefined
  #over: StoreError | undefined
  #checkpointing = false

  constructor(db: Connection, hooks: CommitHooks<C>) {
    this.#db = db
    this.#hooks = hooks
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#rollback = db.prepare('ROLLBACK')
    this.#walPages = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')
  }

  /** No commit will be taken any more. */
  get over(): boolean {
    return this.#over !== undefined
  }

  get open(): boolean {
    return this.#group !== undefined
  }

  onRollback(listener: () => void): void {
    this.#listeners.push(listener)
  }

  commit(changes: readonly C[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) {
        reject(this.#over)
        // Who remembers what it meant to store must hear of it here, too.
        if (this.#over.code !== 'closed') this.#tell()
        return
      }
      try {
        if (this.#group === undefined) {
          this.#begin.run()
          this.#group = []
          // The end of the turn, not of the current job: what arrived together is decrypted job by job.
          this.#turnEnd = setImmediate(() => this.flush())
        }
        this.#group.push({ resolve, reject })
        for (const change of changes) this.#hooks.apply(change)
      } catch (error) {
        this.#group ??= [{ resolve, reject }]
        this.#fail(storeError(error))
      }
    })
  }

  /** All that reads show now is durable. */
  settled(): Promise<void> {
    return this.open ? this.commit([]) : Promise.resolve()
  }

  /** Makes the open group durable now. */
  flush(): void {
    // Flushed early (by a checkpoint, by closing), the end of this turn is not to cut the next group short.
    clearImmediate(this.#turnEnd)
    const group = this.#group
    if (group === undefined) return
    try {
      this.#hooks.complete()
      this.#commit.run()
    } catch (error) {
      this.#fail(storeError(error))
      return
    }
    this.#group = undefined
    for (const call of group) call.resolve()
    this.#checkpointWhenLong()
  }

  #checkpointWhenLong(): void {
    const pages = this.#walPages.get()
    if (this.#checkpointing || pages === undefined || pages.log - pages.checkpointed < CHECKPOINT_PAGES) return
    this.#checkpointing = true
    // A turn later: those who wait for this commit go first.
    setImmediate(() => {
      this.flush()
      if (this.#over === undefined) this.checkpoint('PASSIVE')
      this.#checkpointing = false
    })
  }

  /** Work of the store's own, when no group is open. @returns undefined when it failed; a failing disk ends the handle. */
  aside<T>(work: () => T): T | undefined {
    if (this.#over !== undefined || this.open) return undefined
    try {
      this.#begin.run()
      const result = work()
      this.#commit.run()
      this.#checkpointWhenLong()
      return result
    } catch (error) {
      this.#undo(storeError(error))
      return undefined
    }
  }

  /** Writes the WAL back. Its errors are seen here: SQLite's own checkpoint after a commit would swallow them. */
  checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      this.#hooks.checkpoint()
      this.#db.pragma(`wal_checkpoint(${mode})`)
    } catch (error) {
      const known = storeError(error)
      if (known.code !== 'disk-full') this.#break(known)
    }
  }

  /** No more commits: `why` answers them. */
  end(why: StoreError): void {
    this.#over ??= why
  }

  /** An error that a read or a write met: a failing disk and a damaged page end the handle. */
  failed(error: StoreError): void {
    if (error.code === 'store-broken' || error.code === 'corrupt') this.#break(error)
  }

  #fail(error: StoreError): void {
    const group = this.#group ?? []
    this.#group = undefined
    this.#undo(error)
    this.#tell()
    for (const call of group) call.reject(error)
  }

  /** Who goes back to what is stored may meet the damage that ends the handle; whoever waits for the commit hears of it all the same. */
  #tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        this.failed(error)
      }
    }
  }

  #undo(error: StoreError): void {
    try {
      // A full disk may have rolled back by itself.
      if (this.#db.inTransaction) this.#rollback.run()
    } catch (failed) {
      this.#break(storeError(failed))
    }
    this.#hooks.forget()
    this.failed(error)
  }

  #break(cause: StoreError): void {
    if (this.#over !== undefined) return
    this.#over = cause.code === 'corrupt' ? cause : new StoreError('store-broken', cause.message, cause.hint, cause)
    this.#hooks.broken()
  }
}
