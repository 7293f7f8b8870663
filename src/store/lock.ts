/**
 * One process a profile (attack 102). The lock is the operating system's, taken through SQLite on a file that is never
 * written: it ends with the process however that ends, so there is no stale lock to recover and no race in recovering it.
 * `lock.pid` only names the holder for people.
 */
import Database from 'better-sqlite3-multiple-ciphers'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { StoreError } from './errors.ts'
import { ensureOwnerFile, replaceFile, type StoreFiles } from './files.ts'

type LockFiles = Pick<StoreFiles, 'home' | 'lock' | 'holder'>

/** @returns how to release it. @throws StoreError `locked` */
export function lockProfile(files: LockFiles): () => void {
  // An existing lock file is left alone: closing a second descriptor of it would drop this process's own lock (POSIX).
  if (!existsSync(files.lock)) ensureOwnerFile(files.lock)
  const lock = new Database(files.lock, { timeout: 0 })
  try {
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw locked(files)
    throw new StoreError('bad-home', `cannot lock ${files.home}`, 'the directory must be writable and on a file system with locks', error)
  }
  try {
    replaceFile(files.holder, `${process.pid}\n`)
  } catch (error) {
    lock.close()
    throw error
  }
  return () => {
    rmSync(files.holder, { force: true })
    lock.close()
  }
}

/**
 * Keeps every process from opening a profile that is only looked at. Nothing is written, so that it works where nothing can be; without a lock
 * file nobody has it open.
 * @returns how to release it. @throws StoreError `locked`
 */
export function lockForReading(files: LockFiles): () => void {
  if (!existsSync(files.lock)) return () => undefined
  const lock = new Database(files.lock, { readonly: true, timeout: 0 })
  try {
    lock.exec('BEGIN; SELECT 1 FROM sqlite_schema')
  } catch (error) {
    lock.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw locked(files)
    throw error
  }
  return () => void lock.close()
}

function locked(files: LockFiles): StoreError {
  const pid = existsSync(files.holder) ? readFileSync(files.holder, 'utf8').trim() : ''
  const who = /^\d{1,10}$/.test(pid) ? `process ${pid}` : 'another process'
  return new StoreError('locked', `${who} has this profile open`, 'use that one, or stop it first')
}
