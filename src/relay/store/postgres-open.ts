/** A relay's mailboxes in a PostgreSQL database, for as many processes as share it: the schema, the key that fits, the connections. */
import pg from 'pg'
import { type Random, type Suite, utf8 } from '../../../protocols/suite/index.ts'
import { ConfigError } from '../../config.ts'
import { StoreError } from '../../store/errors.ts'
import type { MailboxStore } from '../mailbox/ports.ts'
import { sharedSeed } from '../home.ts'
import { createPostgresStore, READS, SLOTS } from './postgres.ts'
import { createSealing, type Sealing } from './sealing.ts'

/** One for steps and one for what is due beside the reads, so that nothing waits for a connection until it is given up. */
const CONNECTIONS = READS + 2
/** A database that takes longer is as good as away. */
const TIMEOUT = 10_000
const CONNECT_TIMEOUT = 5_000
/** Drawn once; whoever sets up the schema holds it. */
const SETUP_LOCK = '4918223170035416'

/** Names in indexes are keyed hashes, `keys`, `state` and `body` are sealed. `total` in parts, so that processes do not wait for each other to count. */
const FIRST = `
  CREATE TABLE dure_mailbox.queue (
    recipient BYTEA PRIMARY KEY, sender BYTEA NOT NULL UNIQUE, recipient_key BYTEA NOT NULL UNIQUE, due BIGINT NOT NULL, keys BYTEA NOT NULL, state BYTEA NOT NULL
  ) WITH (fillfactor = 70);
  CREATE INDEX queue_due ON dure_mailbox.queue (due);
  CREATE TABLE dure_mailbox.block (queue BYTEA NOT NULL, seq BIGINT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (queue, seq));
  ALTER TABLE dure_mailbox.queue ALTER COLUMN state SET STORAGE EXTERNAL;
  ALTER TABLE dure_mailbox.block ALTER COLUMN body SET STORAGE EXTERNAL;
  CREATE TABLE dure_mailbox.total (slot INT PRIMARY KEY, queues BIGINT NOT NULL, blocks BIGINT NOT NULL) WITH (fillfactor = 10);
  INSERT INTO dure_mailbox.total SELECT slot, 0, 0 FROM generate_series(0, ${SLOTS - 1}) slot;
`
const STEPS: readonly string[] = [FIRST]
const CHECK = utf8('dure')

export interface PostgresOptions {
  readonly suite: Suite
  readonly random: Random
  /** postgres://; it may hold a password, and is never repeated */
  readonly url: string
  /** where store.key lies */
  readonly home: string
  /** bytes, as the sessions have it */
  readonly quota: number
  /** the database went away (with a code), or is back */
  readonly reachable: (code: string | undefined) => void
}

/** @throws ConfigError when the database cannot be used, or store.key does not fit it; StoreError `newer-schema` */
export async function openPostgresStore({ suite, random, url, home, quota, reachable }: PostgresOptions): Promise<MailboxStore> {
  const settings = settingsOf(url)
  const pool = new pg.Pool({ ...settings, max: CONNECTIONS })
  // A connection that is lost while nobody uses it: the next use makes another.
  pool.on('error', () => undefined)
  try {
    const sealing = await setUp(pool, suite, random, home)
    return await createPostgresStore({ suite, random, sealing, pool, connect: () => new pg.Client(settings), quota, reachable })
  } catch (error) {
    await pool.end()
    throw error instanceof ConfigError || error instanceof StoreError ? error : refused(error)
  }
}

function settingsOf(url: string): pg.ClientConfig {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) throw new ConfigError('the store is not an address of a PostgreSQL database', 'postgres://USER@HOST/DATABASE')
  const limits = `-c lock_timeout=${TIMEOUT} -c idle_in_transaction_session_timeout=${TIMEOUT}`
  return { connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT, query_timeout: 2 * TIMEOUT, statement_timeout: TIMEOUT, options: limits, application_name: 'dure relay', keepAlive: true }
}

/** In the words of the house: what the database says may name hosts and people. */
function refused(error: unknown): ConfigError {
  const code = codeOf(error)
  const [what, todo] = REFUSALS[code] ?? [`the database for the mailboxes cannot be used (${code})`, 'does it run, and does its address hold?']
  return new ConfigError(what, todo)
}

const REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
  '28P01': ['the database refuses the password', 'check the user and the password in its address'],
  '28000': ['the database refuses the user', 'check the user in its address, and pg_hba.conf'],
  '3D000': ['there is no such database', 'make it: createdb --owner USER NAME'],
  '42501': ['the user may not make tables in this database', 'make the user its owner'],
}

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection')

/** One process at a time: the schema, and whether our key fits what is in it. */
async function setUp(pool: pg.Pool, suite: Suite, random: Random, home: string): Promise<Sealing> {
  const client = await pool.connect()
  try {
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${SETUP_LOCK})`)
    await client.query('CREATE SCHEMA IF NOT EXISTS dure_mailbox; CREATE TABLE IF NOT EXISTS dure_mailbox.meta (one INT PRIMARY KEY CHECK (one = 1), version INT NOT NULL, fits BYTEA NOT NULL)')
    const { rows } = await client.query<{ version: number; fits: Uint8Array }>('SELECT version, fits FROM dure_mailbox.meta')
    const [known] = rows
    if (known && known.version > STEPS.length) {
      throw new StoreError('newer-schema', `a newer version of Dure wrote these mailboxes (schema ${known.version}, this one knows ${STEPS.length})`, 'update Dure')
    }
    const sealing = createSealing(suite, random, sharedSeed(home, known === undefined))
    if (known && !sealing.open(['fits'], known.fits)) {
      throw new ConfigError('store.key does not fit the mailboxes in this database', 'copy store.key from the folder of a relay that uses this database, or give this relay a database of its own')
    }
    for (const step of STEPS.slice(known?.version ?? 0)) await client.query(step)
    if (!known) await client.query('INSERT INTO dure_mailbox.meta VALUES (1, $1, $2)', [STEPS.length, sealing.seal(['fits'], CHECK)])
    else await client.query('UPDATE dure_mailbox.meta SET version = $1', [STEPS.length])
    await client.query('COMMIT')
    return sealing
  } finally {
    client.release(true)
  }
}
