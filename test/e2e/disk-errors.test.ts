import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Call, type Errno, failingDisk } from '../support/failing-disk.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

interface Message {
  readonly text: string
  readonly kind: string
  readonly delivery?: string
}

/** The fault is met at the latest when the log beside the database is written back, after 4 MiB. */
const MOST_SENT = 60
const LONG = 60_000
const FAILED_SYNC = /^dure: error: the disk failed \(SQLITE_IOERR_FSYNC\)\ndure: hint: check the disk/

const messages = async (home: Home, name: string): Promise<Message[]> =>
  (await home.json<Message>('history', name, '--limit', '200')).filter((message) => message.kind === 'text')
/** The beginnings of all texts, in order. */
const texts = async (home: Home, name: string): Promise<string[]> => (await messages(home, name)).map((message) => message.text.slice(0, 16).trim())
const suspect = (home: Home): boolean => existsSync(path.join(home.directory, 'suspect'))

describe('a disk that fails under a running node', function () {
  this.timeout(240_000)
  const disk = failingDisk()
  if (!disk) {
    console.log('    fiu-utils is not installed: no disk fails under a real process here (Debian: apt-get install fiu-utils)')
    return
  }
  after(() => disk.remove())

  async function withFriends(run: (ann: Home, bob: Home) => Promise<void>): Promise<void> {
    const [ann, bob] = [new Home(), new Home()]
    try {
      await Promise.all([ann.startWith(disk?.environment ?? {}, 'Ann'), bob.start('Bob')])
      await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
      await run(ann, bob)
    } finally {
      await Promise.all([ann.remove(), bob.remove()])
    }
  }

  const faults: { call: Call; errno: Errno; error: RegExp; ending: 'SIGINT' | 'SIGKILL' }[] = [
    { call: 'sync/*', errno: 'EIO', error: FAILED_SYNC, ending: 'SIGINT' },
    { call: 'sync/*', errno: 'EIO', error: FAILED_SYNC, ending: 'SIGKILL' },
    { call: 'rw/pwrite', errno: 'EIO', error: /^dure: error: the disk failed \(SQLITE_IOERR_WRITE\)\ndure: hint: check the disk/, ending: 'SIGKILL' },
    { call: 'oc/open', errno: 'EMFILE', error: /^dure: error: too many files are open \(EMFILE\)\ndure: hint: raise the limit/, ending: 'SIGINT' },
  ]
  for (const { call, errno, error, ending } of faults) {
    it(`(${call} ${errno}, then ${ending}) is told, stops everything, and takes nothing that was confirmed (attack 99)`, async () => {
      await withFriends(async (ann, bob) => {
        const confirmed = ['first', 'second']
        for (const text of confirmed) await ann.json('send', 'Bob', text)
        await eventually(async () => (await texts(bob, 'Ann')).length === 2)

        await disk.fail(ann.pid, call, errno)
        let refused = ''
        for (let n = 1; n <= MOST_SENT && refused === ''; n++) {
          const { code, stderr } = await ann.dureWith(`number ${n}`.padEnd(16).padEnd(LONG, '.'), 'send', 'Bob')
          if (code === 0) confirmed.push(`number ${n}`)
          else refused = stderr
        }
        assert.match(refused, error)
        const told = ann.said.length
        await bob.json('send', 'Ann', 'from Bob')
        await eventually(async () => ann.said.slice(told).includes('could not be stored'))
        assert.equal((await messages(bob, 'Ann')).at(-1)?.delivery, 'queued', 'Bob was told of storage that never was')

        await disk.heal(ann.pid, call)
        const again = await ann.dure('send', 'Bob', 'after the failure')
        assert.equal(again.code, 1, 'the handle takes commits again without a check')
        assert.match(again.stderr, error)
        assert.deepEqual(await texts(ann, 'Bob'), confirmed)
        const arrived = (await texts(bob, 'Ann')).filter((text) => text !== 'from Bob')
        assert.deepEqual(arrived, confirmed.slice(0, arrived.length), 'something was sent that was not stored')

        await ann.end(ending)
        assert.equal(suspect(ann), true, 'the next start would trust every page')
        await ann.start('Ann')
        assert.equal(suspect(ann), false, 'the pages were not checked')
        const kept = (await texts(ann, 'Bob')).filter((text) => text !== 'from Bob')
        assert.deepEqual(kept.slice(0, confirmed.length), confirmed)
        // The disk cannot be asked what it has of the commit it failed in; after a crash that one may be whole, or gone.
        assert.ok(kept.length <= confirmed.length + (ending === 'SIGKILL' ? 1 : 0), kept.join())
        await ann.json('send', 'Bob', 'well again')
        const expected = [...kept, 'from Bob', 'well again'].sort()
        for (const [home, name] of [[ann, 'Bob'], [bob, 'Ann']] as const) {
          await eventually(async () => (await texts(home, name)).length === expected.length)
          assert.deepEqual((await texts(home, name)).sort(), expected)
        }
      })
    })
  }

  it('and is only full (pwrite ENOSPC) refuses clearly and goes on without a restart once there is space (attack 98)', async () => {
    await withFriends(async (ann, bob) => {
      await ann.json('send', 'Bob', 'before')
      await disk.fail(ann.pid, 'rw/pwrite', 'ENOSPC')
      const { code, stderr } = await ann.dure('send', 'Bob', 'no room')
      assert.equal(code, 1)
      assert.match(stderr, /^dure: error: the disk is full\ndure: hint: free some space/)
      await bob.json('send', 'Ann', 'from Bob')
      await eventually(async () => ann.said.includes('could not be stored'))
      await disk.heal(ann.pid, 'rw/pwrite')
      await ann.json('send', 'Bob', 'after')
      const expected = ['after', 'before', 'from Bob']
      for (const [home, name] of [[ann, 'Bob'], [bob, 'Ann']] as const) {
        await eventually(async () => (await texts(home, name)).length === expected.length)
        assert.deepEqual((await texts(home, name)).sort(), expected)
      }
      assert.equal(suspect(ann), false)
    })
  })

  for (const [call, errno, error] of [
    ['sync/*', 'EIO', /dure: error: the disk failed \(EIO\)\ndure: hint: check the disk/],
    ['rw/pwrite', 'EIO', /dure: error: the disk failed \(SQLITE_IOERR_WRITE\)\ndure: hint: check the disk/],
    ['rw/pwrite', 'ENOSPC', /dure: error: the disk is full\ndure: hint: free some space/],
  ] as const) {
    it(`keeps a node from starting (${call} ${errno}), says why, and it starts when the disk is well (attack 99)`, async () => {
      const ann = new Home()
      try {
        await ann.dure('init', '--name', 'Ann')
        await assert.rejects(ann.startWith(disk.failing(call, errno), 'Ann'), error)
        assert.match(await ann.start('Ann'), /Ann, you are online/)
      } finally {
        await ann.remove()
      }
    })
  }
})
