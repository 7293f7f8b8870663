/** What happens to channels when a process, a disk or an older version was there. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { exportArchive } from '../../../src/messenger/archive.ts'
import type { ChannelChange } from '../../../src/messenger/channels/ports.ts'
import type { Contacts } from '../../../src/messenger/contacts.ts'
import type { Context } from '../../../src/messenger/context.ts'
import type { Clock, Store } from '../../../src/messenger/ports.ts'
import type { Self } from '../../../src/messenger/self.ts'
import { type Connection, makeDurable, openDatabase } from '../../../src/store/database.ts'
import { profileFiles } from '../../../src/store/files.ts'
import { Generation } from '../../../src/store/generation.ts'
import { openStore, salvage } from '../../../src/store/index.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { createStore, type OpenedStore } from '../../../src/store/store.ts'
import { Sweep } from '../../../src/store/sweep.ts'
import { ALICE, BOB, channelRow, contactRow, entryRow, id, key, keyOf, logRow, messageRow, selfRow, temporaryHome } from './support.ts'

const CHILD = fileURLToPath(import.meta.resolve('./child.ts'))
const KILLS = 10
const PAGE = 4_096
const SYNC_PAGE = 256
const BAKERY = 'ba'.repeat(32)
const RADIO = key(0x7ad10)
const MINA = '11'.repeat(32)
const PICTURE = key(0x91c)
const TABLES = ['channel', 'channel_log', 'entry', 'node', 'channel_key', 'draft', 'staff', 'evidence', 'media', 'media_chunk', 'media_channel']

const make = (home = temporaryHome()) => openStore({ home, unlock: 'key-file', create: true })
const reopen = (home: string) => openStore({ home, unlock: 'key-file' })
function withDatabase<T>(home: string, ask: (db: Connection) => T): T {
  const db = openDatabase(join(home, 'dure.db'), keyOf(home))
  try {
    return ask(db)
  } finally {
    db.close()
  }
}

/** One page of a sync as it is committed: entries, their node, the log as it is after them. */
const page = (channel: string, from: number, bytes = 300): ChannelChange[] => [
  ...Array.from({ length: SYNC_PAGE }, (_, n): ChannelChange => ({ add: 'entry', row: entryRow(channel, MINA, from + n, { bytes: new Uint8Array(bytes) }) })),
  { put: 'node', row: { channel, log: MINA, level: 8, index: from / SYNC_PAGE, hash: new Uint8Array(32) } },
  { put: 'channel-log', row: logRow(channel, MINA, { state: new Uint8Array(Buffer.from(String(from + SYNC_PAGE))) }) },
]

/** The log says how many entries there are, and they are there, with the nodes over them and no more. */
function consistent(store: OpenedStore, channel: string): number {
  const [log] = store.channelLogs(channel)
  const size = Number(Buffer.from(log?.state ?? []).toString())
  assert.deepEqual(store.entries(channel, MINA, 0, 1_000_000).map((row) => row.seq), Array.from({ length: size }, (_, n) => n))
  assert.equal(store.newestEntries(channel, { kinds: [16], limit: 1_000_000 }).length, size)
  const nodes = Array.from({ length: size / SYNC_PAGE + 1 }, (_, index) => store.node(channel, MINA, 8, index) !== undefined)
  assert.equal(nodes.indexOf(false), size / SYNC_PAGE)
  return size
}

describe('a sync of a channel', () => {
  it(`loses nothing that was committed, and its log says what is there, over ${KILLS} kills (attack 97)`, async function () {
    this.timeout(60_000)
    const home = temporaryHome()
    ;(await make(home)).close()
    let acknowledged = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(process.execPath, [CHILD, home, 'sync'], { stdio: ['ignore', 'pipe', 'inherit'] })
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      assert.equal((await lines.next()).value, 'open')
      const target = acknowledged + SYNC_PAGE * (1 + ((kill * 7) % 11))
      for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
        acknowledged = Number(line.value)
        if (acknowledged >= target) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    const store = await reopen(home)
    assert.ok(consistent(store, BAKERY) >= acknowledged)
    store.close()
  })

  it('stops at a full disk with what was committed, and goes on from there (attack 98)', async () => {
    const home = temporaryHome()
    ;(await make(home)).close()
    const files = profileFiles(home)
    const db = openDatabase(files.database, keyOf(home))
    makeDurable(db)
    const store = createStore(db, files, new Generation(db, files, keyOf(home)), 'key file', () => undefined)
    await store.commit([{ put: 'channel', row: channelRow(BAKERY, 'Bakery') }])
    db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 100}`)
    let size = 0
    await assert.rejects(async () => {
      for (; ; size += SYNC_PAGE) await store.commit(page(BAKERY, size))
    }, { code: 'disk-full' })
    assert.ok(size > 0)
    assert.equal(consistent(store, BAKERY), size)
    db.pragma(`max_page_count = ${2 ** 30}`)
    await store.commit(page(BAKERY, size))
    assert.equal(consistent(store, BAKERY), size + SYNC_PAGE)
    store.close()
  })
})

describe('a removed channel', () => {
  const swept = async (store: OpenedStore): Promise<void> => {
    while (store.sweeping()) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const chunk = (channel: string, hash: string, index: number): ChannelChange => ({
    add: 'media-chunk', channel, hash, size: 10 * 32_768, index, bytes: new Uint8Array(32_768),
  })

  it('is swept from the database in small steps, also when the process ends in between, and nothing else is', async () => {
    const home = temporaryHome()
    let store = await make(home)
    await store.commit([
      { put: 'channel', row: channelRow(RADIO, 'Radio') }, ...page(RADIO, 0), chunk(RADIO, PICTURE, 0),
      { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, { put: 'channel-key', row: { channel: BAKERY, role: 'posting', secret: new Uint8Array(32) } },
      ...Array.from({ length: 30 }, (_, n) => page(BAKERY, n * SYNC_PAGE)).flat(), chunk(BAKERY, PICTURE, 0),
      ...Array.from({ length: 10 }, (_, index) => chunk(BAKERY, key(3), index)),
    ])
    await store.commit([{ remove: 'channel', id: BAKERY }])
    assert.equal(store.sweeping(), true)
    const counts = (): Record<string, unknown> => withDatabase(home, (db) =>
      Object.fromEntries(TABLES.map((table) => [table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()])))
    store.close()
    const sweep = withDatabase(home, (db) => {
      const rows = (): unknown => db.prepare('SELECT count(*) FROM entry').pluck().get()
      const [before, worked, after] = [rows(), new Sweep(db).step(), rows()]
      return { before, worked, after }
    })
    assert.equal(sweep.before, 31 * SYNC_PAGE)
    assert.equal(sweep.worked, true)
    assert.ok(Number(sweep.after) < 31 * SYNC_PAGE && Number(sweep.after) > SYNC_PAGE, `${String(sweep.after)} left after one step`)

    store = await reopen(home)
    assert.deepEqual(store.channels().map((row) => row.name), ['Radio'])
    await store.commit([{ put: 'channel', row: channelRow(BAKERY, 'Bakery again') }, ...page(BAKERY, 0)])
    await swept(store)
    assert.equal(consistent(store, BAKERY), SYNC_PAGE)
    assert.equal(consistent(store, RADIO), SYNC_PAGE)
    store.close()
    assert.deepEqual(counts(), {
      channel: 2, channel_log: 2, entry: 2 * SYNC_PAGE, node: 2, channel_key: 0, draft: 0, staff: 0, evidence: 0, media: 1, media_chunk: 1, media_channel: 1,
    })
  })
})

describe('a profile of the version before channels', () => {
  /** As schema 1 left it. */
  async function old(): Promise<string> {
    const home = temporaryHome()
    ;(await make(home)).close()
    for (const name of ['dure.db', 'dure.db-wal', 'generation']) rmSync(join(home, name), { force: true })
    withDatabase(home, (db) => {
      makeDurable(db)
      migrate(db, 1)
      const insert = (table: string, row: Record<string, unknown>): void => {
        const columns = Object.keys(row)
        db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(...Object.values(row))
      }
      const { account, deviceList, ...contact } = contactRow(ALICE, 'alice')
      const alice = Buffer.from(account, 'hex')
      const self = selfRow('Mina')
      insert('self', { one: 1, entropy: self.entropy, device: self.device, device_list: self.deviceList, name: self.name })
      insert('setting', { key: 'count', value: '7' })
      insert('contact', {
        account: alice, state: contact.state, profile_name: 'alice', name: 'alice', device_list: deviceList, addresses: '{}', verified: 0, scanned: 1, timer: 0,
        added_at: contact.addedAt,
      })
      insert('party', { ref: 1, key: alice })
      insert('session', { device: 1, record: new Uint8Array([5]) })
      insert('message', {
        seq: 1, id: Buffer.from(id(1), 'hex'), contact: 1, direction: 'in', kind: 'text', at: 1_001, stored_at: 2_001, expire_after: 0, receipt: 'none',
        indexed: 1, text: 'from before',
      })
    })
    return home
  }

  const look = (store: OpenedStore): void => {
    assert.deepEqual(store.self(), selfRow('Mina'))
    assert.equal(store.setting('count'), '7')
    assert.deepEqual(store.contacts(), [contactRow(ALICE, 'alice')])
    assert.deepEqual(store.session(ALICE), new Uint8Array([5]))
    assert.deepEqual(store.history(ALICE, { limit: 9 }), [{ ...messageRow(1, 'from before'), seq: 1 }])
    assert.deepEqual(store.channels(), [])
  }

  it('is opened with all its rows, and takes channels', async () => {
    const home = await old()
    assert.equal(withDatabase(home, (db) => db.pragma('user_version', { simple: true })), 1)
    const store = await reopen(home)
    look(store)
    await store.commit([{ put: 'channel', row: channelRow(BAKERY, 'Bakery') }, ...page(BAKERY, 0)])
    store.close()
    const again = await reopen(home)
    look({ ...again, channels: () => [] })
    assert.equal(consistent(again, BAKERY), SYNC_PAGE)
    again.close()
  })

  it('is salvaged too', async () => {
    const home = await old()
    const out = join(temporaryHome(), 'saved')
    const saved = await salvage({ home, unlock: 'key-file', out })
    assert.deepEqual([saved.message, saved.entry, saved.node], [1, 0, 0])
    const store = await reopen(out)
    look(store)
    store.close()
  })
})

describe('channels in a damaged database', () => {
  it('are saved but for what was lost, and a log begins above its lost entries (attack 100)', async () => {
    const home = temporaryHome()
    const made = await make(home)
    const secret = { channel: BAKERY, role: 'root', secret: new Uint8Array(32).fill(3), entropy: undefined } as const
    await made.commit([
      { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, ...page(BAKERY, 0), ...page(BAKERY, SYNC_PAGE), { put: 'channel-key', row: secret },
      { add: 'media-chunk', channel: BAKERY, hash: PICTURE, size: 2, index: 0, bytes: new Uint8Array([1, 2]) },
    ])
    made.close()
    const leaf = withDatabase(home, (db) =>
      db.prepare(`SELECT pageno FROM dbstat WHERE name = 'entry' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 9`).pluck().get() as number)
    const bytes = readFileSync(join(home, 'dure.db'))
    bytes.fill(0, (leaf - 1) * PAGE, leaf * PAGE)
    writeFileSync(join(home, 'dure.db'), bytes)
    const out = join(temporaryHome(), 'saved')
    const saved = await salvage({ home, unlock: 'key-file', out })
    assert.ok(saved.entry > 480 && saved.entry < 512, `${saved.entry} entries saved`)
    const store = await reopen(out)
    assert.deepEqual(store.channels(), [channelRow(BAKERY, 'Bakery')])
    assert.deepEqual(store.channelKeys(BAKERY), [secret])
    assert.deepEqual(store.mediaChunk(PICTURE, 0), new Uint8Array([1, 2]))
    const floor = store.channelLogs(BAKERY)[0]?.floor ?? 0
    assert.ok(floor > 0 && store.entry(BAKERY, MINA, floor - 1) === undefined)
    assert.deepEqual(store.entries(BAKERY, MINA, floor, 999).map((row) => row.seq), Array.from({ length: 512 - floor }, (_, n) => floor + n))
    store.close()
  })
})

describe('an archive', () => {
  it('holds no key of a channel, nor of its network', async () => {
    const store = await make()
    const secrets = ['channelPeerKeyCANARY', 'c1'.repeat(32), 'c2'.repeat(32), 'c3'.repeat(32)] as const
    const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
    await store.commit([
      { put: 'setting', key: 'channelPeerKey', value: secrets[0] }, { put: 'channel', row: channelRow(BAKERY, 'Bakery') },
      { put: 'channel-key', row: { channel: BAKERY, role: 'root', secret: bytes(secrets[1]), entropy: bytes(secrets[2]) } },
      { put: 'channel-key', row: { channel: BAKERY, role: 'posting', secret: bytes(secrets[3]) } },
    ])
    const lines = exportArchive(
      { store: store as Store, clock: { now: () => 5 } as Clock } as Context, { accountKey: BOB, name: 'Bob' } as Self, { all: () => [contactRow(ALICE, 'alice')] } as Contacts, { all: () => [] },
    )
    const text = [...lines].join('\n')
    assert.ok(text.includes('alice'))
    for (const secret of secrets) {
      for (const form of [secret, Buffer.from(secret, 'hex').toString('base64')].filter((each) => each !== '')) assert.ok(!text.includes(form), form)
    }
    store.close()
  })
})
