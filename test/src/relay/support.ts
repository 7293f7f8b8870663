/** A relay's mailboxes for tests: stores of both kinds, sessions without a network. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openssl as suite, secureRandom as random } from '../../../src/crypto/index.ts'
import type { MailboxSessions } from '../../../src/net/index.ts'
import type { MailboxStore } from '../../../src/relay/mailbox/ports.ts'
import { createSessions, type SessionsOptions } from '../../../src/relay/mailbox/sessions.ts'
import { openMailboxStore } from '../../../src/relay/store/open.ts'
import { openPostgresStore, type PostgresOptions } from '../../../src/relay/store/postgres-open.ts'
import { createMemoryMailboxStore } from '../../support/memory-mailbox-store.ts'
import { hasPostgres, sharedCluster, stopSharedCluster } from '../../support/postgres.ts'

export { blockId, body, Client, connect, type Ends, tag } from '../../support/mailbox-client.ts'

const homes: string[] = []
after(async () => {
  await stopSharedCluster()
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
})

export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'dure-relay-'))
  homes.push(home)
  return home
}

export const SEED = new Uint8Array(32).fill(7)

export const stores: Readonly<Record<string, () => Promise<MailboxStore>>> = {
  'the encrypted file': async () => openMailboxStore(suite, temporaryHome(), SEED),
  'the in-memory twin': async () => createMemoryMailboxStore(),
  ...(hasPostgres() && { PostgreSQL: async () => openPostgres(await (await sharedCluster()).database()) }),
}

/** As one of several processes would, when they share `home`. */
export const openPostgres = (url: string, home = temporaryHome(), over: Partial<PostgresOptions> = {}): Promise<MailboxStore> =>
  openPostgresStore({ suite, random, url, home, quota: 1024 ** 3, reachable: () => undefined, ...over })

export interface Clock {
  now: number
}

export const openSessions = (store: MailboxStore, clock: Clock, over: Partial<SessionsOptions> = {}): MailboxSessions =>
  createSessions({ suite, random, store, now: () => clock.now, quota: 1024 ** 3, queuesPerHost: 1_000, commandsPerQueue: 100_000, failed: () => undefined, ...over })
