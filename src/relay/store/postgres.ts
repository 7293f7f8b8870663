/**
 * `MailboxStore` in PostgreSQL. What is asked while a transaction is on its way goes into the next one: queues locked in one order, decided,
 * written, one COMMIT. One such transaction a process at a time, so that what leaves keeps its order; more at once takes more processes.
 */
import type pg from 'pg'
import { decodeQueue, encodeQueue, ID, type Queue } from '../../../protocols/mailbox/index.ts'
import { type Random, type Suite, toHex, u64 } from '../../../protocols/suite/index.ts'
import { StoreError } from '../../store/errors.ts'
import { BLOCK_BYTES, bytesOf } from '../mailbox/limits.ts'
import { type Acted, dueAt, type MailboxStore, type Name, type QueueChange, type StoreSize } from '../mailbox/ports.ts'
import { DatabaseAway } from './errors.ts'
import { codeOf } from './postgres-open.ts'
import type { Sealing } from './sealing.ts'
import { keysOf } from './store.ts'

/** Parts of the total. */
export const SLOTS = 64
/** Steps of one transaction: 2 MiB of blocks, some 30 ms of locks. */
const MOST_STEPS = 128
/** So near the quota (a full transaction of 64 processes) they go one after the other, so that together they never pass it. */
const NEAR = 64 * MOST_STEPS * BLOCK_BYTES
/** Drawn once. */
const QUOTA_LOCK = '4918223170035417'
const CHANNEL = 'dure_mailbox'
/** Ids of one notification: sealed and in base64 they stay below the 8,000 bytes of a payload. */
const IDS_OF_ONE = 200
const INSTANCE = 16
const FIRST_WAIT = 100
const LONGEST_WAIT = 5_000
/** Bodies of one read. */
const MOST_BODIES = 64
/** Reads at once: more would wait for each other in the database. */
export const READS = 2

const COLUMN: Readonly<Record<Name, string>> = { recipient: 'recipient', sender: 'sender', recipientKey: 'recipient_key' }
const NAMES = ['recipient', 'sender', 'recipientKey'] as const
// Who asks for a queue that is not there makes the same way through the index to the next row, or the first, locks and opens it (attack 62).
const FIND = `
  SELECT recipient, sender, recipient_key, keys, state FROM dure_mailbox.queue WHERE recipient = ANY (ARRAY(${NAMES.map(
    (by, n) => `
    SELECT coalesce(
      (SELECT recipient FROM dure_mailbox.queue WHERE ${COLUMN[by]} >= asked ORDER BY ${COLUMN[by]} LIMIT 1),
      (SELECT recipient FROM dure_mailbox.queue ORDER BY ${COLUMN[by]} LIMIT 1)) FROM unnest($${n + 1}::bytea[]) asked`,
  ).join(' UNION ALL ')})) ORDER BY recipient FOR UPDATE`
const WRITE = `
  WITH put AS (
    INSERT INTO dure_mailbox.queue AS q SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[], $6::bytea[])
    ON CONFLICT (recipient) DO UPDATE SET due = excluded.due, keys = excluded.keys, state = excluded.state
  ), kept AS (
    INSERT INTO dure_mailbox.block SELECT * FROM unnest($7::bytea[], $8::bigint[], $9::bytea[])
  ), dropped AS (
    DELETE FROM dure_mailbox.block b USING unnest($10::bytea[], $11::bigint[]) AS gone (queue, seq) WHERE b.queue = gone.queue AND b.seq = gone.seq RETURNING 1
  ), emptied AS (
    DELETE FROM dure_mailbox.block WHERE queue = ANY ($12::bytea[]) RETURNING 1
  ), removed AS (
    DELETE FROM dure_mailbox.queue WHERE recipient = ANY ($12::bytea[])
  ), counted AS (
    UPDATE dure_mailbox.total SET queues = queues + $13, blocks = blocks + $14 - (SELECT count(*) FROM dropped) - (SELECT count(*) FROM emptied) WHERE slot = $15
  )
  SELECT ((SELECT count(*) FROM dropped) + (SELECT count(*) FROM emptied))::int AS gone, (SELECT count(pg_notify('${CHANNEL}', said)) FROM unnest($16::text[]) said)`
const SIZE = 'SELECT sum(queues)::float8 AS queues, sum(blocks)::float8 AS blocks FROM dure_mailbox.total'

interface Row {
  readonly recipient: Buffer
  readonly sender: Buffer
  readonly recipient_key: Buffer
  readonly keys: Buffer
  readonly state: Buffer
}

/** A queue in the transaction that is open. */
interface Entry {
  readonly names: Readonly<Record<Name, Buffer>>
  readonly isNew: boolean
  queue: Queue | undefined
  /** as sealed, with the keys that are sealed in it */
  keys: { readonly sealed: Buffer; readonly plain: string } | undefined
  changed: boolean
  /** it was deleted in this transaction, with all that was in it */
  emptied: boolean
  readonly kept: Map<number, Uint8Array>
  readonly dropped: Set<number>
}

interface Step {
  readonly by: Name
  readonly name: Buffer
  readonly act: (queue: Queue | undefined, size: StoreSize) => Acted<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface PostgresParts {
  readonly suite: Suite
  readonly random: Random
  readonly sealing: Sealing
  readonly pool: pg.Pool
  /** a connection to listen on */
  readonly connect: () => pg.Client
  readonly quota: number
  readonly reachable: (code: string | undefined) => void
}

export async function createPostgresStore({ suite, random, sealing, pool, connect, quota, reachable }: PostgresParts): Promise<MailboxStore> {
  const instance = random(INSTANCE)
  const slot = (random(1)[0] ?? 0) % SLOTS
  const rolledBack: (() => void)[] = []
  const changed: ((ids: readonly Uint8Array[] | undefined) => void)[] = []
  const waiting: Step[] = []
  let working: Promise<void> | undefined
  let listening: pg.Client | undefined
  let away: string | undefined
  let closed = false
  let calling: NodeJS.Timeout | undefined
  let size: StoreSize = { queues: 0, blocks: 0 }

  const tell = (ids: readonly Uint8Array[] | undefined): void => {
    for (const listener of changed) listener(ids)
  }

  // --- who changed what, and whether the database is there

  async function listen(): Promise<void> {
    const client = connect()
    client.on('error', (error) => lose(client, codeOf(error)))
    client.on('end', () => lose(client, 'connection'))
    client.on('notification', ({ payload }) => hear(payload ?? ''))
    try {
      await client.connect()
      await client.query(`LISTEN ${CHANNEL}`)
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
    listening = client
    await count()
  }

  function lose(client: pg.Client, code: string): void {
    if (client !== listening) return
    listening = undefined
    void client.end().catch(() => undefined)
    if (closed) return
    away = code
    reachable(code)
    call(FIRST_WAIT)
  }

  function call(wait: number): void {
    calling = setTimeout(() => {
      listen().then(
        () => {
          away = undefined
          reachable(undefined)
          // What was said meanwhile was not heard.
          tell(undefined)
        },
        () => !closed && call(Math.min(2 * wait, LONGEST_WAIT)),
      )
    }, wait)
  }

  function hear(payload: string): void {
    const said = sealing.open(['changed'], Buffer.from(payload, 'base64'))
    if (!said || suite.equal(said.subarray(0, INSTANCE), instance)) return
    const ids: Uint8Array[] = []
    for (let at = INSTANCE; at < said.length; at += ID) ids.push(said.slice(at, at + ID))
    void count().catch(() => undefined)
    tell(ids)
  }

  let counting = false
  /** For the figures, while nothing is stored here. */
  async function count(): Promise<void> {
    if (counting || working) return
    counting = true
    try {
      const { rows } = await pool.query<StoreSize>(SIZE)
      if (!working) size = rows[0] ?? size
    } finally {
      counting = false
    }
  }

  // --- steps

  async function work(): Promise<void> {
    // The end of the turn: what arrived together goes together.
    await new Promise(setImmediate)
    while (waiting.length > 0) await transact(waiting.splice(0, MOST_STEPS))
    // In one go with the last look: who comes now finds nobody at work.
    working = undefined
  }

  async function transact(steps: readonly Step[]): Promise<void> {
    const before = size
    let client: pg.PoolClient | undefined
    const results: unknown[] = []
    try {
      if (away !== undefined) throw new DatabaseAway(away)
      client = await pool.connect()
      // A pool's client tells of its end by an event, and by the query that fails.
      client.on('error', () => undefined)
      await begin(client, steps)
      const entries = await find(client, steps)
      for (const { by, name, act } of steps) {
        const { change, result } = act(entries.get(`${by} ${name.toString('hex')}`)?.queue, size)
        if (change) apply(entries, change)
        results.push(result)
      }
      await write(client, new Set(entries.values()))
      await client.query('COMMIT')
      client.removeAllListeners('error')
      client.release()
    } catch (error) {
      client?.release(true)
      size = before
      for (const listener of rolledBack) listener()
      const why = wordsOf(error)
      for (const { reject } of steps) reject(why)
      // It may have been stored all the same.
      if (why instanceof DatabaseAway && away === undefined) setImmediate(tell, undefined)
      return
    }
    for (const [n, { resolve }] of steps.entries()) resolve(results[n])
  }

  async function begin(client: pg.PoolClient, steps: readonly Step[]): Promise<void> {
    const start = async (shared: boolean): Promise<void> => {
      const [, , found] = (await client.query(`BEGIN; SELECT pg_advisory_xact_lock${shared ? '_shared' : ''}(${QUOTA_LOCK}); ${SIZE}`)) as unknown as pg.QueryResult<StoreSize>[]
      size = found?.rows[0] ?? size
    }
    const isNear = (): boolean => bytesOf(size) + NEAR > quota
    await start(!isNear())
    if (isNear()) {
      await client.query('ROLLBACK')
      await start(false)
    }
    // Who makes a queue waits for who makes one by the same key, and then finds it.
    const makes = [...new Set(steps.flatMap(({ by, name }) => (by === 'recipientKey' ? [name.readBigInt64BE(0)] : [])))].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    if (makes.length > 0) await client.query('SELECT pg_advisory_xact_lock(each) FROM unnest($1::bigint[]) each', [makes.map(String)])
  }

  /** By each of its names. */
  async function find(client: pg.PoolClient, steps: readonly Step[]): Promise<Map<string, Entry>> {
    const asked = (wanted: Name): Buffer[] => steps.flatMap(({ by, name }) => (by === wanted ? [name] : []))
    const { rows } = await client.query<Row>({ name: 'find', text: FIND, values: NAMES.map(asked) })
    const entries = new Map<string, Entry>()
    for (const { recipient, sender, recipient_key: recipientKey, keys, state } of rows) {
      const plain = sealing.open(['keys', recipient, sender, recipientKey], keys)
      if (!plain) throw new StoreError('corrupt', 'a queue in the database is damaged')
      enter(entries, { names: { recipient, sender, recipientKey }, isNew: false, queue: lazy(plain, recipient, state), keys: { sealed: keys, plain: toHex(plain) }, changed: false, emptied: false, kept: new Map(), dropped: new Set() })
    }
    return entries
  }

  function enter(entries: Map<string, Entry>, entry: Entry): Entry {
    for (const by of NAMES) entries.set(`${by} ${entry.names[by].toString('hex')}`, entry)
    return entry
  }

  /** What is in it is opened when somebody looks. */
  function lazy(plain: Uint8Array, recipient: Buffer, state: Buffer): Queue {
    const { kind, recipient: id, sender, recipientKey, senderKey, node } = decodeQueue(suite, plain)
    let whole: Queue | undefined
    const rest = (): Queue => {
      const opened = whole ? undefined : sealing.open(['state', recipient], state)
      if (!whole && !opened) throw new StoreError('corrupt', 'a queue in the database is damaged')
      return (whole ??= decodeQueue(suite, opened as Uint8Array))
    }
    return {
      kind, recipient: id, sender, recipientKey, senderKey, node,
      get tag() { return rest().tag },
      get suspended() { return rest().suspended },
      get full() { return rest().full },
      get nextSeq() { return rest().nextSeq },
      get expired() { return rest().expired },
      get items() { return rest().items },
      get recent() { return rest().recent },
      get notice() { return rest().notice },
      get visited() { return rest().visited },
    }
  }

  function apply(entries: Map<string, Entry>, { id, queue, kept, dropped }: QueueChange): void {
    const known = entries.get(`recipient ${sealing.name('recipient', id).toString('hex')}`)
    if (!known && !queue) return
    const entry =
      known ??
      enter(entries, {
        names: { recipient: sealing.name('recipient', id), sender: sealing.name('sender', (queue as Queue).sender), recipientKey: sealing.name('recipientKey', (queue as Queue).recipientKey) },
        isNew: true, queue: undefined, keys: undefined, changed: false, emptied: false, kept: new Map(), dropped: new Set(),
      })
    let { queues, blocks } = size
    if (queue && !entry.queue) queues++
    if (!queue && entry.queue) queues--
    if (!queue) {
      blocks -= entry.kept.size
      entry.kept.clear()
      entry.dropped.clear()
      entry.emptied = true
    }
    entry.queue = queue
    entry.changed = true
    if (queue && kept) {
      entry.kept.set(kept.seq, kept.body)
      blocks++
    }
    for (const seq of queue ? dropped : []) {
      if (entry.kept.delete(seq)) blocks--
      else if (!entry.emptied) entry.dropped.add(seq)
    }
    size = { queues, blocks }
  }

  async function write(client: pg.PoolClient, entries: ReadonlySet<Entry>): Promise<void> {
    const all = [...entries].filter(({ changed: has }) => has)
    if (all.length === 0) return
    // Deleted and made again under its name is more than one statement can do; ids are drawn, so nobody does but by hand.
    const again = all.filter(({ emptied, queue, isNew }) => emptied && queue && !isNew)
    const here = all.flatMap((entry) => (entry.queue ? [{ ...entry, queue: entry.queue }] : []))
    const gone = all.filter(({ queue, isNew }) => !queue && !isNew).map(({ names }) => names.recipient)
    let freed = 0
    if (again.length > 0) {
      const names = again.map((entry) => entry.names.recipient)
      freed = (await client.query('DELETE FROM dure_mailbox.block WHERE queue = ANY ($1::bytea[])', [names])).rowCount ?? 0
    }
    const kept = here.flatMap(({ names, kept: bodies }) => [...bodies].map(([seq, body]) => ({ names, seq, body })))
    const dropped = here.flatMap(({ names, dropped: seqs }) => [...seqs].map((seq) => ({ names, seq })))
    const queues = here.filter(({ isNew }) => isNew).length - gone.length
    const said: string[] = []
    const ids = all.flatMap(({ queue, keys }) => (queue ? [queue.recipient] : keys ? [decodeQueue(suite, Buffer.from(keys.plain, 'hex')).recipient] : []))
    for (let at = 0; at < ids.length; at += IDS_OF_ONE) {
      said.push(sealing.seal(['changed'], Buffer.concat([instance, ...ids.slice(at, at + IDS_OF_ONE)])).toString('base64'))
    }
    const { rows } = await client.query<{ gone: number }>({
      name: 'write',
      text: WRITE,
      values: [
        here.map(({ names }) => names.recipient),
        here.map(({ names }) => names.sender),
        here.map(({ names }) => names.recipientKey),
        here.map(({ queue }) => dueAt(queue)),
        here.map(({ names, queue, keys }) => {
          const plain = keysOf(suite, queue)
          return keys?.plain === toHex(plain) ? keys.sealed : sealing.seal(['keys', names.recipient, names.sender, names.recipientKey], plain)
        }),
        here.map(({ names, queue }) => sealing.seal(['state', names.recipient], encodeQueue(suite, queue))),
        kept.map(({ names }) => names.recipient),
        kept.map(({ seq }) => seq),
        kept.map(({ names, seq, body }) => sealing.seal(['block', names.recipient, u64(seq)], body)),
        dropped.map(({ names }) => names.recipient),
        dropped.map(({ seq }) => seq),
        gone,
        queues,
        kept.length - freed,
        slot,
        said,
      ],
    })
    size = { queues: size.queues, blocks: size.blocks - freed - (rows[0]?.gone ?? 0) }
  }

  // --- bodies

  interface Wanted {
    readonly queue: Buffer
    readonly seq: number
    readonly resolve: (body: Uint8Array | undefined) => void
    readonly reject: (error: unknown) => void
  }
  const wanted: Wanted[] = []
  let reads = 0

  /** What is asked for in one turn, or while all reads were in hand, is read at once. */
  function read(): void {
    while (reads < READS && wanted.length > 0) {
      reads++
      void readSome(wanted.splice(0, MOST_BODIES)).then(() => {
        reads--
        read()
      })
    }
  }

  async function readSome(some: readonly Wanted[]): Promise<void> {
    try {
      const { rows } = await pool.query<{ n: number; body: Buffer }>({
        name: 'bodies',
        text: 'SELECT (n - 1)::int AS n, body FROM unnest($1::bytea[], $2::bigint[]) WITH ORDINALITY AS asked (of, at, n) JOIN dure_mailbox.block ON queue = of AND seq = at',
        values: [some.map(({ queue }) => queue), some.map(({ seq }) => seq)],
      })
      const found = new Map(rows.map(({ n, body }) => [n, body]))
      for (const [n, { queue, seq, resolve, reject }] of some.entries()) {
        const body = found.get(n)
        const opened = body && sealing.open(['block', queue, u64(seq)], body)
        if (body && !opened) reject(new StoreError('corrupt', 'a block in the database is damaged'))
        else resolve(opened)
      }
    } catch (error) {
      for (const { reject } of some) reject(wordsOf(error))
    }
  }

  await listen()
  return {
    step: (by, value, act) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new StoreError('closed', 'the store is closed'))
        waiting.push({ by, name: sealing.name(by, value), act, resolve: resolve as (result: unknown) => void, reject })
        working ??= work()
      }),
    body: (id, seq) =>
      new Promise((resolve, reject) => {
        if (wanted.length === 0) setImmediate(read)
        wanted.push({ queue: sealing.name('recipient', id), seq, resolve, reject })
      }),
    async due(now, most) {
      const { rows } = await pool.query<Row>('SELECT recipient, sender, recipient_key, keys FROM dure_mailbox.queue WHERE due <= $1 ORDER BY due LIMIT $2', [now, most]).catch((error: unknown) => {
        throw wordsOf(error)
      })
      return rows.flatMap(({ recipient, sender, recipient_key: key, keys }) => {
        const plain = sealing.open(['keys', recipient, sender, key], keys)
        return plain ? [decodeQueue(suite, plain).recipient] : []
      })
    },
    size: () => size,
    onRollback: (listener) => void rolledBack.push(listener),
    onChanged: (listener) => void changed.push(listener),
    async close() {
      closed = true
      clearTimeout(calling)
      await working
      const client = listening
      listening = undefined
      await client?.end().catch(() => undefined)
      await pool.end()
    },
  }
}

/** A damaged row is our own word; all else is a database that does not do as asked. */
const wordsOf = (error: unknown): Error => (error instanceof StoreError || error instanceof DatabaseAway ? error : new DatabaseAway(codeOf(error)))
