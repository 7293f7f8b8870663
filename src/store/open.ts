/** From a directory and what unlocks it to a store. */
import { existsSync, realpathSync, rmSync } from 'node:fs'
import { diskError, makeDurable, openDatabase, reading } from './database.ts'
import { StoreError } from './errors.ts'
import { ensureOwnerFile, prepareHome, type ProfileFiles, profileFiles, type StoreFiles } from './files.ts'
import { Generation } from './generation.ts'
import { keyFileProtection, newDatabaseKey, type Protection, readKey, type Unlock, writeKey } from './key.ts'
import { lockProfile } from './lock.ts'
import { migrate, refuseNewer } from './migrations.ts'
import { createStore, type OpenedStore, verifySuspect } from './store.ts'

interface Opening {
  readonly home: string
  readonly unlock: Unlock
  readonly create?: boolean
}

/** Is there a profile in this directory? One whose making was interrupted before its database is none. */
export function profileExists(home: string): boolean {
  const files = profileFiles(home)
  return existsSync(files.key) && (existsSync(files.database) || existsSync(files.generation))
}

/** How the profile's key is kept, without opening it. */
export function homeProtection(home: string): Protection | 'none' {
  return profileExists(home) ? keyFileProtection(profileFiles(home)) : 'none'
}

/**
 * Opens the profile in `home`, for this process alone. With `create` a missing one is made, protected by `unlock`.
 * @throws StoreError `no-profile`, `locked`, `wrong-passphrase`, `other-protection`, `bad-key-file`, `bad-home`,
 *   `newer-schema`, `corrupt`, `disk-full`, `store-broken`; then nothing was changed and the profile is free
 */
export async function openStore(options: Opening): Promise<OpenedStore> {
  try {
    return await open(options)
  } catch (error) {
    throw diskError(error) ?? error
  }
}

async function open(options: Opening): Promise<OpenedStore> {
  const { home, unlock, create = false } = options
  const exists = profileExists(home)
  if (!exists && !create) throw new StoreError('no-profile', `there is no profile in ${home}`, 'run: dure init')
  prepareHome(home, exists)
  const files = profileFiles(realpathSync(home))
  const release = lockProfile(files)
  try {
    const key = profileExists(home) ? await readKey(files, unlock) : await newKey(files, unlock)
    if (existsSync(files.generation) && !existsSync(files.database)) {
      throw new StoreError('corrupt', 'the database of this profile is missing', 'put dure.db back, or restore a backup into another directory')
    }
    return openLocked(files, key, unlock === 'key-file' ? 'key file' : 'passphrase', release)
  } catch (error) {
    release()
    throw error
  }
}

/**
 * Opens the database of these files under a key that is kept elsewhere, for this process alone; makes it when it is missing.
 * @throws StoreError `locked`, `newer-schema`, `corrupt`, `disk-full`, `store-broken`
 */
export function openStoreWithKey(files: StoreFiles, key: Uint8Array): OpenedStore {
  const release = lockProfile(files)
  try {
    return openLocked(files, key, 'key file', release)
  } catch (error) {
    release()
    throw diskError(error) ?? error
  }
}

function openLocked(files: StoreFiles, key: Uint8Array, protection: Protection, release: () => void): OpenedStore {
  if (existsSync(files.wal)) refuseNewerLog(files, key)
  ensureOwnerFile(files.database)
  const db = openDatabase(files.database, key)
  try {
    return reading(() => {
      refuseNewer(db)
      makeDurable(db)
      verifySuspect(db, files)
      migrate(db)
      const generation = new Generation(db, files, key)
      generation.advance()
      return createStore(db, files, generation, protection, release)
    })
  } catch (error) {
    db.close()
    throw error
  }
}

/** Whoever opens a database to write writes back the log that a killed process left, also when it only looks and goes. */
function refuseNewerLog(files: StoreFiles, key: Uint8Array): void {
  const db = openDatabase(files.database, key, { readonly: true })
  try {
    reading(() => refuseNewer(db))
  } catch (error) {
    // What else is wrong with it is found, and worded, by opening it.
    if (error instanceof StoreError && error.code === 'newer-schema') throw error
  } finally {
    db.close()
    rmSync(`${files.database}-shm`, { force: true })
  }
}

async function newKey(files: ProfileFiles, unlock: Unlock): Promise<Uint8Array> {
  const key = newDatabaseKey()
  await writeKey(files, key, unlock)
  return key
}
