/** The files of a profile and how they are written: only for their owner, whole or not at all. */
import { chmodSync, closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StoreError } from './errors.ts'

const OWNER_DIRECTORY = 0o700
export const OWNER_FILE = 0o600

/** The files of one encrypted database. */
export interface StoreFiles {
  readonly home: string
  readonly database: string
  readonly wal: string
  readonly lock: string
  readonly holder: string
  readonly generation: string
  readonly suspect: string
}

export interface ProfileFiles extends StoreFiles {
  readonly key: string
}

export const profileFiles = (home: string): ProfileFiles => ({
  home,
  key: join(home, 'key.json'),
  database: join(home, 'dure.db'),
  wal: join(home, 'dure.db-wal'),
  lock: join(home, 'lock.db'),
  holder: join(home, 'lock.pid'),
  generation: join(home, 'generation'),
  suspect: join(home, 'suspect'),
})

/**
 * Makes the profile's directory, or takes over one that is ours: nobody else may list it.
 * @throws StoreError `bad-home`: the directory holds other things and others can read it, it may not be meant for us
 */
export function prepareHome(home: string, isProfile: boolean): void {
  mkdirSync(home, { recursive: true, mode: OWNER_DIRECTORY })
  const open = (statSync(home).mode & 0o077) !== 0
  if (!open) return
  if (!isProfile && readdirSync(home).length > 0) {
    throw new StoreError('bad-home', `${home} is not empty and other users can read it`, `choose an empty directory, or: chmod 700 ${home}`)
  }
  chmodSync(home, OWNER_DIRECTORY)
}

/** An empty file only its owner reads; what is there stays. SQLite gives its side files the same mode. */
export function ensureOwnerFile(path: string): void {
  closeSync(openSync(path, 'a', OWNER_FILE))
}

/** After this returns the file holds `text` whatever happens to the machine; before, it held what it held. */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.next`
  const file = openSync(next, 'w', OWNER_FILE)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(next, path)
  syncDirectory(dirname(path))
}

/** As `replaceFile`, and blanks the bytes of the file that was replaced: a best effort, media keep copies of their own. */
export function replaceSecretFile(path: string, text: string): void {
  const old = openSync(path, 'r+')
  try {
    replaceFile(path, text)
    writeSync(old, Buffer.alloc(fstatSync(old).size), 0, undefined, 0)
    fsyncSync(old)
  } finally {
    closeSync(old)
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
