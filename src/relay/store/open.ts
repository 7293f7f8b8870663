/** A relay's mailboxes: one encrypted file beside its key, for one process. */
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
    const file = join(home, 'mailbox.db')
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

function lock(home: string): () => void {
  try {
    return lockProfile({ home, lock: join(home, 'mailbox.lock'), holder: join(home, 'mailbox.pid') })
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'locked') throw error
    throw new ConfigError(`a relay has the mailboxes in ${home} open`, 'stop that one, or give this one a folder of its own with --home')
  }
}
