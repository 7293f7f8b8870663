/** The encrypted SQLite file: its cipher, its settings, and what its errors mean. */
import Database from 'better-sqlite3-multiple-ciphers'
import { StoreError } from './errors.ts'

export type Connection = Database.Database

/** Page cache in KiB: the working set of a busy profile; the library's default. */
const CACHE_KIB = 16_000

/**
 * Opens the file with its 32-byte key, no passphrase stretching in between. Nothing is read yet.
 * @param options `readonly`: not a byte of the database or of the log beside it is changed; a shared-memory file comes to lie there
 */
export function openDatabase(path: string, key: Uint8Array, { readonly = false }: { readonly?: boolean } = {}): Connection {
  return opened(new Database(path, { readonly, timeout: 0 }), key, (db) => {
    // Exclusive: no shared-memory side file, and no second reader that a running checkpoint would have to wait for. It takes the right to write.
    if (!readonly) db.pragma('locking_mode = EXCLUSIVE')
  })
}

/** Opens a private copy of a damaged file: one that ends too early is read as far as it goes, and of a damaged list of tables what is left of it counts. */
export function openDamaged(path: string, key: Uint8Array): Connection {
  return opened(new Database(path, { timeout: 0 }), key, (db) => {
    db.unsafeMode(true)
    db.pragma('writable_schema = ON')
    db.pragma('locking_mode = EXCLUSIVE')
  })
}

/** @param first what is set before anything is read */
function opened(db: Connection, key: Uint8Array, first: (db: Connection) => void): Connection {
  try {
    db.pragma("cipher='chacha20'")
    db.key(Buffer.from(`raw:${Buffer.from(key).toString('hex')}`))
    first(db)
    db.pragma('temp_store = MEMORY')
    db.pragma('trusted_schema = OFF')
    db.pragma('cell_size_check = ON')
    db.pragma('foreign_keys = ON')
    db.pragma(`cache_size = -${CACHE_KIB}`)
    return db
  } catch (error) {
    db.close()
    throw storeError(error)
  }
}

/** Every commit reaches the medium; what is deleted is overwritten; checkpoints are ours to run and to check. */
export function makeDurable(db: Connection): void {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('fullfsync = ON')
  db.pragma('checkpoint_fullfsync = ON')
  db.pragma('secure_delete = ON')
  db.pragma('wal_autocheckpoint = 0')
}

/** Pages that hold something. */
export function bytesInUse(db: Connection): number {
  const number = (pragma: string): number => db.pragma(pragma, { simple: true }) as number
  return (number('page_count') - number('freelist_count')) * number('page_size')
}

/** What an error of the library or of a file call means for a person. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = error instanceof Database.SqliteError ? error.code : ''
  if (code === 'SQLITE_FULL') return diskFull(error)
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_IOERR_DATA') {
    return new StoreError('corrupt', 'a part of the database is damaged', 'save what is readable into a new profile: dure salvage DIR', error)
  }
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|NOMEM|PERM|INTERNAL)/.test(code)) {
    return new StoreError('store-broken', `the disk failed (${code})`, 'check the disk and start again', error)
  }
  return diskError(error) ?? new StoreError('bad-row', 'the store refused a row', undefined, error)
}

/** What a file call of Node met on a failing or full disk; undefined for everything else. */
export function diskError(error: unknown): StoreError | undefined {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT': return diskFull(error)
    case 'EIO':
    case 'EROFS': return new StoreError('store-broken', `the disk failed (${code})`, 'check the disk and start again', error)
    case 'EMFILE':
    case 'ENFILE': return new StoreError('store-broken', `too many files are open (${code})`, 'raise the limit (ulimit -n) or close other programs, then start again', error)
    default: return undefined
  }
}

const diskFull = (cause: unknown): StoreError => new StoreError('disk-full', 'the disk is full', 'free some space and try again; nothing was lost', cause)

/** Runs a read and words its failure. */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw storeError(error)
  }
}
