/** What the mirror keeps: one encrypted file beside the relay's key, of the kind a person's is. */
import { join } from 'node:path'
import { LABEL, labelled, type Suite } from '../../../protocols/suite/index.ts'
import { ConfigError } from '../../config.ts'
import { type OpenedStore, openStoreWithKey, StoreError } from '../../store/index.ts'

const KEY_BYTES = 32

/**
 * @param seed the relay's: the file's key follows from it
 * @throws ConfigError when another process has it open or it is damaged; StoreError `newer-schema`, `disk-full`, `store-broken`
 */
export function openMirrorStore(suite: Suite, home: string, seed: Uint8Array): OpenedStore {
  const file = (end: string): string => join(home, `mirror.${end}`)
  const files = {
    home, database: file('db'), wal: file('db-wal'), lock: file('lock'), holder: file('pid'), generation: file('generation'), suspect: file('suspect'),
  }
  try {
    return openStoreWithKey(files, suite.hkdf(new Uint8Array(0), seed, labelled(LABEL.mirrorStore), KEY_BYTES))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.code === 'locked') throw new ConfigError(`a relay has the mirrors in ${home} open`, 'stop that one, or give this one a folder of its own with --home')
    if (error.code === 'corrupt') throw new ConfigError(`${files.database} is damaged`, 'take mirror.db and mirror.db-wal away and add the channels again: they are fetched anew')
    throw error
  }
}
