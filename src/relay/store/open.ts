/** A relay's mailboxes: one encrypted file beside its key, for one process. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LABEL, labelled, type Suite } from '../../../protocols/suite/index.ts'
import { ConfigError } from '../../config.ts'
import { type Connection, diskError, makeDurable, openDatabase, reading } from '../../store/database.ts'
import { StoreError } from '../../store/errors.ts'
import { ensureOwnerFile } from '../../store/files.ts'
import { lockProfile } from '../../store/lock.ts'
import type { MailboxStore } from '../mailbox/ports.ts'
import { migrate } from './migrations.ts'
import { createStore } from './store.ts'

const KEY_BYTES = 32

/**
 * @param seed the relay's: the file's key follows from it, so that `relay.key` is all there is to keep, and to destroy
 * @throws ConfigError when another process has it open; StoreError `newer-schema`, `corrupt`, `disk-full`, `store-broken`
 */
export function openMailboxStore(suite: Suite, home: string, seed: Uint8Array): MailboxStore {
  const release = lock(home)
  let db: Connection | undefined
  try {
    const file = fileIn(home)
    ensureOwnerFile(file)
    const opened = (db = openDatabase(file, suite.hkdf(new Uint8Array(0), seed, labelled(LABEL.relayStore), KEY_BYTES)))
    return reading(() => {
      makeDurable(opened)
      migrate(opened)
      return createStore(suite, opened, release)
    })
  } catch (error) {
    db?.close()
    release()
    throw diskError(error) ?? error
  }
}

/** How many lie in the file, if there is one. @throws as openMailboxStore */
export async function mailboxesIn(suite: Suite, home: string, seed: Uint8Array): Promise<number> {
  if (!existsSync(fileIn(home))) return 0
  const store = openMailboxStore(suite, home, seed)
  const { queues } = store.size()
  await store.close()
  return queues
}

const fileIn = (home: string): string => join(home, 'mailbox.db')

function lock(home: string): () => void {
  try {
    return lockProfile({ home, lock: join(home, 'mailbox.lock'), holder: join(home, 'mailbox.pid') })
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'locked') throw error
    throw new ConfigError(`a relay has the mailboxes in ${home} open`, 'stop that one, or give this one a folder of its own with --home')
  }
}
