/** What happens to a profile when a process, a disk or a person fails. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Change, Store } from '../../../src/messenger/ports.ts'
import { changeProtection, homeProtection, openStore, profileExists, salvage, StoreError } from '../../../src/store/index.ts'
import { makeDurable, openDatabase } from '../../../src/store/database.ts'
import { profileFiles } from '../../../src/store/files.ts'
import { Generation } from '../../../src/store/generation.ts'
import { createStore } from '../../../src/store/store.ts'
import { smallDisk } from '../../support/small-disk.ts'
import { ALICE, BOB, contactRow, id, keyOf, messageRow, outboxRow, PHONE, selfRow, temporaryHome } from './support.ts'

const CHILD = fileURLToPath(import.meta.resolve('./child.ts'))
const KILLS = 30
const PAGE = 4_096

const make = (home = temporaryHome()) => openStore({ home, unlock: 'key-file', create: true })
const reopen = (home: string) => openStore({ home, unlock: 'key-file' })
const add = (...row: Parameters<typeof messageRow>): Change => ({ add: 'message', row: messageRow(...row) })
const settled = async (store: Awaited<ReturnType<typeof make>>): Promise<void> => {
  while (store.indexing()) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** By another process: closing a descriptor of an open database would drop this process's own locks (POSIX). */
const copyAll = (home: string, to: string): void => void execFileSync('cp', ['-a', `${home}/.`, to])

/** @returns the process and the lines it says */
function start(home: string, work: 'commit' | 'hold') {
  const child = spawn(process.execPath, [CHILD, home, work], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

describe('a profile and processes', () => {
  it(`loses nothing it acknowledged and keeps no half of a commit over ${KILLS} kills (attacks 64, 97)`, async function () {
    this.timeout(60_000)
    const home = temporaryHome()
    ;(await make(home)).close()
    let acknowledged = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const { child, lines } = start(home, 'commit')
      assert.equal((await lines.next()).value, 'open')
      const target = acknowledged + 1 + ((kill * 7) % 23)
      for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
        acknowledged = Number(line.value)
        if (acknowledged >= target) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    const store = await reopen(home)
    const count = Number(store.setting('count'))
    assert.ok(count >= acknowledged, `${count} stored, ${acknowledged} acknowledged`)
    const rows = [...store.allMessages()]
    assert.deepEqual(rows.map((row) => row.text), Array.from({ length: count }, (_, n) => `message ${n + 1}`))
    assert.equal(store.outbox().length, count)
    assert.equal(store.session('a1'.repeat(32))?.[0], count & 255)
    assert.equal(store.rolledBack, false)
    store.close()
  })

  it('is open in one process, says which, and is free again when that is killed (attack 102)', async () => {
    const home = temporaryHome()
    ;(await make(home)).close()
    const { child, lines } = start(home, 'hold')
    assert.equal((await lines.next()).value, 'open')
    await assert.rejects(reopen(home), (error: unknown) => error instanceof StoreError && error.code === 'locked' && error.message.includes(String(child.pid)))
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = await reopen(home)
    await assert.rejects(reopen(home), { code: 'locked' })
    store.close()
    ;(await reopen(home)).close()
  })
})

describe('a full disk', () => {
  /** A real small file system where the system allows one; everywhere, a database that may not grow. */
  async function meetsTheEnd(store: Store, fill: () => void, free: () => void): Promise<void> {
    let rollbacks = 0
    store.onRollback(() => rollbacks++)
    await store.commit([add(1, 'before'), { put: 'session', device: PHONE, record: new Uint8Array([1]) }])
    fill()
    const big: Change[] = [{ put: 'session', device: PHONE, record: new Uint8Array([2]) }, add(2, 'x'.repeat(400_000))]
    await assert.rejects(store.commit(big), (error: unknown) => error instanceof StoreError && error.code === 'disk-full' && error.hint !== undefined)
    assert.equal(rollbacks, 1)
    assert.deepEqual(store.session(PHONE), new Uint8Array([1]))
    assert.equal(store.message(id(2)), undefined)
    free()
    await store.commit([add(3, 'after')])
    assert.deepEqual([...store.allMessages()].map((row) => row.text), ['before', 'after'])
  }

  it('refuses a commit clearly, keeps the state, and takes commits again (attack 98)', async () => {
    const home = temporaryHome()
    const small = join(home, 'small')
    mkdirSync(small)
    const disk = smallDisk(small, 1)
    if (!disk) {
      console.log('store: no small file system can be mounted here; a full disk was tested on a database that may not grow')
      return
    }
    try {
      const store = await make(small)
      await meetsTheEnd(store, disk.fill, disk.free)
      store.close()
      const again = await reopen(small)
      assert.equal(again.rolledBack, false)
      assert.equal(again.message(id(3))?.text, 'after')
      again.close()
    } finally {
      disk.remove()
    }
  })

  it('refuses a commit clearly, keeps the state, and takes commits again, on a database that may not grow (attack 98)', async () => {
    const home = temporaryHome()
    ;(await make(home)).close()
    const files = profileFiles(home)
    const db = openDatabase(files.database, keyOf(home))
    makeDurable(db)
    const store = createStore(db, files, new Generation(db, files, keyOf(home)), 'key file', () => undefined)
    const allow = (pages: number): void => void db.pragma(`max_page_count = ${pages}`)
    await meetsTheEnd(store, () => allow(db.pragma('page_count', { simple: true }) as number), () => allow(2 ** 30))
    store.close()
  })
})

describe('a load that never pauses', () => {
  it('does not let the log beside the database grow without end', async () => {
    const home = temporaryHome()
    const store = await make(home)
    for (let n = 1; n <= 400; n++) {
      await store.commit([add(n, 'word'), { put: 'session', device: PHONE, record: new Uint8Array(20_000).fill(n & 255) }])
    }
    const size = statSync(join(home, 'dure.db-wal')).size
    assert.ok(size < 8 * 1024 * 1024, `${size} bytes`)
    store.close()
  })

  it('does not, either, where every commit is so long that it is written back at once', async () => {
    const home = temporaryHome()
    const store = await make(home)
    const long = 4.5 * 1024 * 1024
    for (let n = 0; n < 20; n++) await store.commit([{ put: 'session', device: PHONE, record: new Uint8Array(long).fill(n) }])
    const size = statSync(join(home, 'dure.db-wal')).size
    assert.ok(size < 4 * long, `${size} bytes`)
    store.close()
  })
})

describe('who goes back to what is stored', () => {
  it('and meets the damage that ends the handle keeps nobody from hearing of the commit that failed, and no other from going back', async () => {
    const store = await openStore({ home: temporaryHome(), unlock: 'key-file', create: true })
    let others = 0
    store.onRollback(() => {
      throw new StoreError('corrupt', 'a page does not carry its tag (made up)')
    })
    store.onRollback(() => others++)
    await assert.rejects(store.commit([{ put: 'outbox', row: outboxRow(1, PHONE, { queuedAt: 0.5 }) }]), { code: 'bad-row' })
    assert.equal(others, 1)
    await assert.rejects(store.commit([{ put: 'self', row: selfRow('Mina') }]), { code: 'corrupt' })
    store.close()
  })
})

describe('a damaged database', () => {
  it('is never believed: any bit, any zeroed or misplaced page is found, and salvage saves the rest (attacks 99, 100)', async function () {
    this.timeout(60_000)
    const home = temporaryHome()
    const made = await make(home)
    await made.commit([
      { put: 'self', row: selfRow('Mina') }, { put: 'contact', row: contactRow(ALICE, 'alice') },
      ...Array.from({ length: 200 }, (_, n) => add(n + 1, `text ${n} ${'.'.repeat(100)}`)),
      ...Array.from({ length: 20 }, (_, n): Change => ({ put: 'outbox', row: outboxRow(n + 1, PHONE, { envelope: new Uint8Array(4_096) }) })),
    ])
    await settled(made)
    made.close()
    const database = join(home, 'dure.db')
    const good = readFileSync(database)
    const pages = good.length / PAGE
    let found = 0
    for (let page = 0; page < pages; page++) {
      const bad = Buffer.from(good)
      const at = page * PAGE
      if (page % 3 === 0) bad.writeUInt8(bad.readUInt8(at + 1_000) ^ 4, at + 1_000)
      else if (page % 3 === 1) bad.fill(0, at, at + PAGE)
      else bad.copy(bad, at, ((page + 5) % pages) * PAGE, ((page + 5) % pages) * PAGE + PAGE)
      writeFileSync(database, bad)
      // What a handle leaves that met damage: the next opening reads every page.
      writeFileSync(join(home, 'suspect'), '')
      await reopen(home).then((store) => store.close(), (error: unknown) => {
        assert.ok(error instanceof StoreError && error.code === 'corrupt', String(error))
        found++
      })
    }
    assert.equal(found, pages)

    const { rootpage } = withDatabase(home, good, (db) => db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'message'`).get() as { rootpage: number })
    const leaf = withDatabase(home, good, (db) => db.prepare(`SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 2`).get() as { pageno: number })
    assert.notEqual(rootpage, leaf.pageno)
    const bad = Buffer.from(good)
    bad.fill(0xff, (leaf.pageno - 1) * PAGE, leaf.pageno * PAGE)
    writeFileSync(database, bad)
    const out = join(temporaryHome(), 'saved')
    const saved = await salvage({ home, unlock: 'key-file', out })
    assert.ok(saved.message > 150 && saved.message < 200, `${saved.message} messages saved`)
    const store = await reopen(out)
    assert.equal(store.self()?.name, 'Mina')
    assert.equal(store.outbox().length, 20)
    assert.equal([...store.allMessages()].length, saved.message)
    assert.equal(store.rolledBack, true)
    store.close()
  })

  it('ends the handle when a page fails under a read, and no commit follows on what was damaged (attack 99)', async () => {
    const home = temporaryHome()
    const made = await make(home)
    await made.commit(Array.from({ length: 500 }, (_, n) => add(n + 1, 'y'.repeat(300))))
    made.close()
    const good = readFileSync(join(home, 'dure.db'))
    const leaf = withDatabase(home, good, (db) => db.prepare(`SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 9`).get() as { pageno: number })
    good.fill(0, (leaf.pageno - 1) * PAGE, leaf.pageno * PAGE)
    writeFileSync(join(home, 'dure.db'), good)
    const store = await reopen(home)
    let rollbacks = 0
    store.onRollback(() => rollbacks++)
    assert.throws(() => [...store.allMessages()], { code: 'corrupt' })
    await assert.rejects(store.commit([{ put: 'setting', key: 'a', value: 'b' }]), { code: 'corrupt' })
    assert.equal(rollbacks, 1, 'who remembers what it meant to store was not told')
    store.close()
    await assert.rejects(reopen(home), { code: 'corrupt' })
  })
})

function withDatabase<T>(home: string, bytes: Buffer, ask: (db: ReturnType<typeof openDatabase>) => T): T {
  writeFileSync(join(home, 'dure.db'), bytes)
  rmSync(join(home, 'suspect'), { force: true })
  const db = openDatabase(join(home, 'dure.db'), keyOf(home))
  try {
    return ask(db)
  } finally {
    db.close()
  }
}

describe('an older copy of the database', () => {
  it('is noticed, until a commit has acted on it, and then no more (attack 101)', async () => {
    const home = temporaryHome()
    const first = await make(home)
    await first.commit([add(1, 'old')])
    first.close()
    const copy = join(temporaryHome(), 'copy.db')
    copyFileSync(join(home, 'dure.db'), copy)
    const second = await reopen(home)
    assert.equal(second.rolledBack, false)
    await second.commit([add(2, 'new')])
    second.close()
    copyFileSync(copy, join(home, 'dure.db'))
    for (let opening = 0; opening < 2; opening++) {
      const third = await reopen(home)
      assert.equal(third.rolledBack, true)
      if (opening === 1) await third.commit([{ put: 'setting', key: 'renewed', value: 'yes' }])
      third.close()
    }
    const fourth = await reopen(home)
    assert.equal(fourth.rolledBack, false)
    fourth.close()
  })

  it('is noticed when it was copied while the profile was open', async () => {
    const home = temporaryHome()
    const copy = temporaryHome()
    const store = await make(home)
    await store.commit([add(1, 'old')])
    copyAll(home, copy)
    await store.commit([add(2, 'new')])
    store.close()
    for (const file of ['dure.db', 'dure.db-wal']) copyFileSync(join(copy, file), join(home, file))
    const again = await reopen(home)
    assert.deepEqual([again.rolledBack, again.message(id(2))], [true, undefined])
    again.close()
  })

  it('is no alarm when the number beside the database is behind, missing or not ours', async () => {
    const home = temporaryHome()
    ;(await make(home)).close()
    const behind = readFileSync(join(home, 'generation'))
    ;(await reopen(home)).close()
    for (const text of [behind, Buffer.from(`999 ${'0'.repeat(64)}\n`), undefined]) {
      if (text === undefined) rmSync(join(home, 'generation'))
      else writeFileSync(join(home, 'generation'), text)
      const store = await reopen(home)
      assert.equal(store.rolledBack, false)
      store.close()
    }
  })
})

describe('the key of a profile', () => {
  it('is wrapped by the passphrase, wrapped again when that changes, and nothing is changed by a wrong one', async () => {
    const home = join(temporaryHome(), 'profile')
    assert.deepEqual([profileExists(home), homeProtection(home)], [false, 'none'])
    await assert.rejects(reopen(home), { code: 'no-profile' })
    const made = await openStore({ home, unlock: { passphrase: '비밀 번호' }, create: true })
    await made.commit([add(1, 'hi')])
    assert.equal(made.protection, 'passphrase')
    made.close()
    assert.deepEqual([profileExists(home), homeProtection(home)], [true, 'passphrase'])
    const files = (): string[] => readdirSync(home).sort().map((name) => `${name} ${readFileSync(join(home, name)).toString('base64')}`)
    const before = files()
    await assert.rejects(openStore({ home, unlock: { passphrase: 'wrong' } }), { code: 'wrong-passphrase' })
    await assert.rejects(changeProtection({ home, from: { passphrase: 'wrong' }, to: 'key-file' }), { code: 'wrong-passphrase' })
    await assert.rejects(reopen(home), { code: 'other-protection' })
    assert.deepEqual(files(), before)
    await changeProtection({ home, from: { passphrase: '비밀 번호'.normalize('NFD') }, to: 'key-file' })
    await assert.rejects(openStore({ home, unlock: { passphrase: 'x' } }), { code: 'other-protection' })
    const store = await reopen(home)
    assert.equal(store.protection, 'key file')
    assert.equal(store.message(id(1))?.text, 'hi')
    store.close()
  })

  it('is refused when its file is damaged or asks for weak or endless work', async () => {
    const home = temporaryHome()
    ;(await make(home)).close()
    const kept = readFileSync(join(home, 'key.json'), 'utf8')
    const weak = { version: 1, protection: 'passphrase', salt: '', nonce: '', wrapped: '' }
    for (const text of ['', '{', 'null', '{"version":2}', kept.replace(/[0-9a-f]{4}"/, '"'), JSON.stringify(weak),
      JSON.stringify({ ...weak, scrypt: { N: 2, r: 8, p: 1 } }), JSON.stringify({ ...weak, scrypt: { N: 2 ** 30, r: 8, p: 1 } })]) {
      writeFileSync(join(home, 'key.json'), text)
      await assert.rejects(openStore({ home, unlock: { passphrase: 'x' } }), (error: unknown) => error instanceof StoreError && /bad-key-file|other-protection/.test(error.code), text)
    }
  })
})

describe('the files of a profile', () => {
  it('are for their owner only and hold no word, name or key in the clear (attack 109)', async () => {
    const home = join(temporaryHome(), 'profile')
    const store = await openStore({ home, unlock: { passphrase: 'canary passphrase' }, create: true })
    const secret = new TextEncoder().encode('CANARY-KEY-BYTES')
    await store.commit([
      { put: 'self', row: { ...selfRow('CANARY-NAME'), entropy: secret } }, { put: 'contact', row: contactRow(BOB, 'CANARY-CONTACT') },
      { put: 'session', device: PHONE, record: secret }, add(1, 'CANARY-TEXT canary-text'), add(2, 'CANARY-GONE', { expireAfter: 5 }),
    ])
    await settled(store)
    await store.commit([{ remove: 'message', id: id(2) }])
    const look = (): void => {
      assert.equal(statSync(home).mode & 0o777, 0o700)
      for (const name of readdirSync(home)) {
        assert.equal(statSync(join(home, name)).mode & 0o777, 0o600, name)
        const bytes = readFileSync(join(home, name)).toString('latin1')
        assert.ok(!/canary/i.test(bytes), name)
        assert.ok(!bytes.includes(Buffer.from(BOB, 'hex').toString('latin1')) && !bytes.includes(BOB), name)
        assert.ok(!bytes.includes('SQLite format'), name)
      }
    }
    const copy = temporaryHome()
    copyAll(home, copy)
    assert.ok(existsSync(join(copy, 'dure.db-wal')))
    store.close()
    look()
    for (const name of readdirSync(copy)) assert.ok(!/canary/i.test(readFileSync(join(copy, name)).toString('latin1')), name)
  })

  it('are not made in a directory that others read and that holds other things', async () => {
    const home = temporaryHome()
    writeFileSync(join(home, 'diary'), '')
    execFileSync('chmod', ['755', home])
    await assert.rejects(make(home), { code: 'bad-home' })
    assert.deepEqual(readdirSync(home), ['diary'])
  })

  it('of a newer version are refused and left alone, also when it was killed (attack 104)', async () => {
    const home = temporaryHome()
    ;(await make(home)).close()
    const db = openDatabase(join(home, 'dure.db'), keyOf(home))
    makeDurable(db)
    db.pragma('user_version = 999')
    const killed = temporaryHome()
    copyAll(home, killed)
    assert.ok(existsSync(join(killed, 'dure.db-wal')))
    db.close()
    for (const folder of [home, killed]) {
      const files = (): string[] => readdirSync(folder).sort().map((name) => `${name} ${readFileSync(join(folder, name)).toString('base64')}`)
      const before = files()
      await assert.rejects(reopen(folder), (error: unknown) => error instanceof StoreError && error.code === 'newer-schema' && error.hint === 'update Dure')
      assert.deepEqual(files(), before)
    }
  })
})
