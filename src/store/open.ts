/** From a directory and what unlocks it to a store. */
import { existsSync, realpathSync } from 'node:fs'
import { type Connection, diskError, makeDurable, openDatabase, reading } from './database.ts'
import { StoreError } from './errors.ts'
import { ensureOwnerFile, prepareHome, type ProfileFiles, profileFiles } from './files.ts'
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
  let db: Connection | undefined
  try {
    const key = profileExists(home) ? await readKey(files, unlock) : await newKey(files, unlock)
    if (existsSync(files.generation) && !existsSync(files.database)) {
      throw new StoreError('corrupt', 'the database of this profile is missing', 'put dure.db back, or restore a backup into another directory')
    }
    ensureOwnerFile(files.database)
    const opened = (db = openDatabase(files.database, key))
    return reading(() => {
      refuseNewer(opened)
      makeDurable(opened)
      verifySuspect(opened, files)
      migrate(opened)
      const generation = new Generation(opened, files, key)
      generation.advance()
      return createStore(opened, files, generation, unlock === 'key-file' ? 'key file' : 'passphrase', release)
    })
  } catch (error) {
    db?.close()
    release()
    throw error
  }
}

async function newKey(files: ProfileFiles, unlock: Unlock): Promise<Uint8Array> {
  const key = newDatabaseKey()
  await writeKey(files, key, unlock)
  return key
}
