/** What salvage does to the profile it reads: nothing. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { DeliveryState } from '../../../src/messenger/ports.ts'
import { readable } from '../../../src/store/damaged.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { openStore, salvage } from '../../../src/store/index.ts'
import { ALICE, contactRow, id, keyOf, messageRow, outboxRow, PHONE, selfRow, temporaryHome } from './support.ts'

const CHILD = fileURLToPath(import.meta.resolve('./child.ts'))
const PAGE = 4_096
const MESSAGES = 200
/** Whoever has no rights here. */
const NOBODY = 65_534

/** Every file by its name: its rights, when it was written, and its bytes. */
const filesOf = (home: string): Record<string, unknown> =>
  Object.fromEntries(
    readdirSync(home).map((name) => {
      const { mode, mtimeMs } = statSync(join(home, name))
      return [name, { mode, mtimeMs, bytes: readFileSync(join(home, name)).toString('hex') }]
    }),
  )

async function profile(): Promise<string> {
  const home = temporaryHome()
  const store = await openStore({ home, unlock: 'key-file', create: true })
  await store.commit([
    { put: 'self', row: selfRow('Mina') },
    { put: 'contact', row: contactRow(ALICE, 'alice') },
    ...Array.from({ length: MESSAGES }, (_, n) => ({ add: 'message' as const, row: messageRow(1_000 + n, `text ${n} ${'.'.repeat(200)}`) })),
  ])
  while (store.indexing()) await new Promise((resolve) => setTimeout(resolve, 2))
  store.close()
  return home
}

/** A process that commits is killed; what it said is durable lies in the log. @returns how many messages it confirmed */
async function killedAt(home: string, target: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, home, 'commit'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let confirmed = 0
  for await (const line of createInterface({ input: child.stdout })) {
    confirmed = Number(line) || confirmed
    if (confirmed >= target) child.kill('SIGKILL')
  }
  await ended
  assert.ok(statSync(join(home, 'dure.db-wal')).size > 0, 'no log is left')
  return confirmed
}

/** As a user who may not write there; root may write anywhere. */
async function readOnly<T>(home: string, out: string, run: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  mkdirSync(out)
  const names = readdirSync(home).map((name) => join(home, name))
  if (isRoot) for (const file of [home, out, ...names]) chownSync(file, NOBODY, NOBODY)
  for (const file of names) chmodSync(file, 0o400)
  chmodSync(home, 0o500)
  if (isRoot) chmodSync(join(out, '..'), 0o711)
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    assert.throws(() => writeFileSync(join(home, 'new'), ''), { code: 'EACCES' })
    return await run()
  } finally {
    if (isRoot) process.seteuid?.(0)
    chmodSync(home, 0o700)
  }
}

describe('salvage', () => {
  it('leaves every file of its source as it was, and what only the log of a killed process has is saved (attacks 97, 100)', async () => {
    const home = await profile()
    const confirmed = await killedAt(home, 9)
    const before = filesOf(home)
    const out = join(temporaryHome(), 'saved')
    const saved = await salvage({ home, unlock: 'key-file', out })
    assert.deepEqual(filesOf(home), before)
    assert.ok(saved.message >= MESSAGES + confirmed, `${saved.message} saved, ${confirmed} confirmed`)
    assert.deepEqual(readdirSync(out).sort(), ['dure.db', 'key.json'])
  })

  for (const where of ['the database', 'the log'] as const) {
    it(`leaves it as it was with a torn page in ${where}`, async () => {
      const home = await profile()
      await killedAt(home, 9)
      const file = join(home, where === 'the log' ? 'dure.db-wal' : 'dure.db')
      const bytes = readFileSync(file)
      const half = Math.floor(bytes.length / 2 / PAGE) * PAGE
      bytes.fill(0, half + PAGE / 2, half + PAGE)
      writeFileSync(file, bytes)
      const before = filesOf(home)
      const saved = await salvage({ home, unlock: 'key-file', out: join(temporaryHome(), 'saved') })
      assert.deepEqual(filesOf(home), before)
      assert.ok(saved.message >= MESSAGES / 2 && saved.contact === 1, JSON.stringify(saved))
    })
  }

  it('reads a folder in which nothing may be written', async () => {
    const home = await profile()
    const confirmed = await killedAt(home, 3)
    const out = join(temporaryHome(), 'saved')
    const saved = await readOnly(home, out, () => salvage({ home, unlock: 'key-file', out }))
    assert.ok(saved.message >= MESSAGES + confirmed)
  })

  it('keeps nobody from starting afterwards, and does not begin while somebody has the profile open', async () => {
    const home = await profile()
    const out = join(temporaryHome(), 'saved')
    const store = await openStore({ home, unlock: 'key-file' })
    await assert.rejects(salvage({ home, unlock: 'key-file', out }), { code: 'locked' })
    store.close()
    await salvage({ home, unlock: 'key-file', out })
    ;(await openStore({ home, unlock: 'key-file' })).close()
    ;(await openStore({ home: out, unlock: 'key-file' })).close()
  })

  it('reads a database that ends too early as far as it goes', async () => {
    const home = await profile()
    const { size } = statSync(join(home, 'dure.db'))
    truncateSync(join(home, 'dure.db'), Math.floor(size * 0.9) + 17)
    const before = filesOf(home)
    await assert.rejects(openStore({ home, unlock: 'key-file' }), { code: 'corrupt' })
    const out = join(temporaryHome(), 'saved')
    const saved = await salvage({ home, unlock: 'key-file', out })
    assert.deepEqual(filesOf(home), before)
    assert.ok(saved.message >= MESSAGES / 2 && saved.message < MESSAGES && saved.contact === 1, JSON.stringify(saved))
    const store = await openStore({ home: out, unlock: 'key-file' })
    assert.equal(store.self()?.name, 'Mina')
    assert.equal(store.history(ALICE, { limit: MESSAGES }).length, saved.message)
    store.close()
  })

  it('does without a table that the list of tables does not name any more', async () => {
    const home = await profile()
    const db = openDatabase(join(home, 'dure.db'), keyOf(home))
    db.unsafeMode(true)
    db.pragma('writable_schema = ON')
    db.prepare(`UPDATE sqlite_schema SET sql = 'CREATE TABLE broken(' WHERE name = 'draft'`).run()
    db.close()
    await assert.rejects(openStore({ home, unlock: 'key-file' }), { code: 'corrupt' })
    const saved = await salvage({ home, unlock: 'key-file', out: join(temporaryHome(), 'saved') })
    assert.deepEqual([saved.message, saved.contact, saved.draft], [MESSAGES, 1, 0])
  })

  it('says which messages were on their way and are lost to the outbox: nothing sends them again, and none is shown as waiting', async () => {
    const home = temporaryHome()
    const store = await openStore({ home, unlock: 'key-file', create: true })
    const out = (n: number, delivery: DeliveryState) => ({ add: 'message' as const, row: messageRow(n, 'hi', { direction: 'out', delivery }) })
    await store.commit([
      { put: 'contact', row: contactRow(ALICE, 'alice') },
      out(1, 'queued'), out(2, 'queued'), out(3, 'mailbox'), out(4, 'sent'),
      { put: 'ledger', row: { message: id(1), device: PHONE, state: 'queued', at: 4 } },
      { put: 'outbox', row: outboxRow(2, PHONE) },
    ])
    store.close()
    const into = join(temporaryHome(), 'saved')
    assert.equal((await salvage({ home, unlock: 'key-file', out: into })).stranded, 1)
    const saved = await openStore({ home: into, unlock: 'key-file' })
    const deliveries = saved.history(ALICE, { limit: 9 }).map(({ delivery }) => delivery)
    assert.deepEqual([deliveries, saved.ledger(id(1))], [[undefined, 'queued', 'mailbox', 'sent'], []])
    saved.close()
  })

  it('leaves nothing behind when not even the first page is readable, and then takes the same directory again', async () => {
    const home = await profile()
    const good = readFileSync(join(home, 'dure.db'))
    const out = join(temporaryHome(), 'saved')
    writeFileSync(join(home, 'dure.db'), Buffer.from(good).fill(0, 0, PAGE))
    const before = filesOf(home)
    await assert.rejects(salvage({ home, unlock: 'key-file', out }), { code: 'corrupt' })
    assert.deepEqual([filesOf(home), readdirSync(out)], [before, []])
    rmSync(join(home, 'dure.db'))
    await assert.rejects(salvage({ home, unlock: 'key-file', out }), { code: 'corrupt', message: /missing/ })
    assert.equal(readdirSync(home).includes('dure.db'), false)
    writeFileSync(join(home, 'dure.db'), good)
    assert.equal((await salvage({ home, unlock: 'key-file', out })).message, MESSAGES)
  })
})

describe('a disk with bad blocks', () => {
  const size = 3 * 1024 * 1024 + 100
  const file = Buffer.from(Uint8Array.from({ length: size }, (_, n) => (n * 31 + (n >> 8)) & 255))
  const reading = (bad: readonly number[], code = 'EIO') => (into: Buffer, at: number): number => {
    if (bad.some((page) => at < (page + 1) * PAGE && at + into.length > page * PAGE)) throw Object.assign(new Error('read'), { code })
    return file.copy(into, 0, at, Math.min(at + into.length, at + 50_000)) // no more than some at a time, as the system may
  }

  it('is read but for them, and there are zeros in their place', () => {
    const bad = [0, 300, 301, 768]
    const expected = Buffer.from(file)
    for (const page of bad) expected.fill(0, page * PAGE, Math.min(size, (page + 1) * PAGE))
    assert.ok(Buffer.concat([...readable(reading(bad), size)]).equals(expected))
    assert.ok(Buffer.concat([...readable(reading([]), size)]).equals(file))
  })

  it('is not read on when something else is wrong', () => {
    assert.throws(() => [...readable(reading([300], 'EACCES'), size)], { code: 'EACCES' })
  })
})
