/**
 * A damaged database is read from a private copy of it: whoever opens one to write writes back what a killed process left in its log, and whoever
 * only reads lays a file beside it. The copy is encrypted as it is.
 */
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OWNER_FILE, type ProfileFiles, profileFiles } from './files.ts'

/** Read at once. */
const CHUNK = 1024 * 1024
/** Read alone where that failed: a page of the database, so that a bad block of the disk costs no more. */
const PAGE = 4096

/**
 * Copies the database and the log of `from` into a new directory in `parent`.
 * @returns the files of the copy, which has no key, and how to remove it
 */
export function copyDamaged(from: ProfileFiles, parent: string): { files: ProfileFiles; remove: () => void } {
  const home = mkdtempSync(join(parent, 'damaged-'))
  const remove = (): void => rmSync(home, { recursive: true, force: true })
  const files = profileFiles(home)
  try {
    copy(from.database, files.database)
    if (existsSync(from.wal)) copy(from.wal, files.wal)
    return { files, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function copy(from: string, to: string): void {
  const source = openSync(from, 'r')
  try {
    const target = openSync(to, 'wx', OWNER_FILE)
    try {
      for (const bytes of readable((into, at) => readSync(source, into, 0, into.length, at), fstatSync(source).size)) writeFileSync(target, bytes)
    } finally {
      closeSync(target)
    }
  } finally {
    closeSync(source)
  }
}

/**
 * A file from front to end, with zeros for what its disk does not give back: a page of them fails its tag when the database reads it.
 * @param read fills a part of what it is given from a place in the file and says how much
 */
export function* readable(read: (into: Buffer, at: number) => number, size: number): IterableIterator<Buffer> {
  for (let at = 0; at < size; at += CHUNK) {
    const chunk = Buffer.alloc(Math.min(CHUNK, size - at))
    try {
      fill(read, chunk, at)
    } catch (error) {
      if (!isBadBlock(error)) throw error
      for (let page = 0; page < chunk.length; page += PAGE) fillOrBlank(read, chunk.subarray(page, page + PAGE), at + page)
    }
    yield chunk
  }
}

function fillOrBlank(read: (into: Buffer, at: number) => number, page: Buffer, at: number): void {
  try {
    fill(read, page, at)
  } catch (error) {
    if (!isBadBlock(error)) throw error
    page.fill(0)
  }
}

function fill(read: (into: Buffer, at: number) => number, into: Buffer, at: number): void {
  for (let done = 0; done < into.length; ) {
    const length = read(into.subarray(done), at + done)
    if (length === 0) return
    done += length
  }
}

const isBadBlock = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EIO'
