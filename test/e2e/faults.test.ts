import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { clockTurner } from '../support/clock-turner.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

interface Message {
  readonly text: string
  readonly kind: string
  readonly at: number
}

const texts = async (home: Home, name: string): Promise<string[]> =>
  (await home.json<Message>('history', name, '--limit', '200')).filter((message) => message.kind === 'text').map((message) => message.text)

describe('a node whose clock is wrong (attack 103)', function () {
  this.timeout(180_000)
  const turned = clockTurner()
  if (!turned) {
    console.log('    faketime is not installed: the clock of a real process is not turned here')
    return
  }

  for (const shift of ['+10y', '-10y']) {
    it(`goes on talking with its contacts at ${shift}, in order`, async () => {
      const [ann, bob] = [new Home(), new Home()]
      try {
        await Promise.all([ann.start('Ann'), bob.start('Bob')])
        await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
        await bob.end()
        await bob.startWith(turned(shift), 'Bob')
        for (let i = 0; i < 3; i++) {
          await ann.json('send', 'Bob', `to the wrong time ${i}`)
          await bob.json('send', 'Ann', `from the wrong time ${i}`)
        }
        await eventually(async () => (await texts(ann, 'Bob')).length === 6 && (await texts(bob, 'Ann')).length === 6)
        const heard = (await texts(ann, 'Bob')).filter((text) => text.startsWith('from'))
        assert.deepEqual(heard, [0, 1, 2].map((i) => `from the wrong time ${i}`))
        await bob.end()
        await bob.start('Bob')
        await bob.json('send', 'Ann', 'the clock is right again')
        await eventually(async () => (await texts(ann, 'Bob')).at(-1) === 'the clock is right again')
      } finally {
        await Promise.all([ann.remove(), bob.remove()])
      }
    })
  }
})

describe('a thief of the disk', function () {
  this.timeout(180_000)

  it('finds no word and no name in the files of a profile, nor in what the node printed (attacks 92, 109)', async () => {
    const [ann, bob] = [new Home(), new Home()]
    try {
      const said = await ann.start('Ann-canary-name')
      await bob.start('Bob')
      await pairHomes(ann, bob, { a: 'Ann-canary-name', b: 'Bob' })
      await bob.json('send', 'Ann-canary-name', 'canary-text-4711')
      await eventually(async () => (await texts(ann, 'Bob')).length === 1)
      await ann.json('search', 'canary')
      await Promise.all([ann.end(), bob.end()])
      for (const home of [ann, bob]) {
        for (const file of readdirSync(home.directory, { recursive: true, encoding: 'utf8' })) {
          const full = path.join(home.directory, file)
          if (!statSync(full).isFile()) continue
          const bytes = readFileSync(full, 'latin1')
          assert.ok(!bytes.includes('canary'), file)
          assert.equal(statSync(full).mode & 0o077, 0, `${file} can be read by others`)
        }
      }
      assert.doesNotMatch(said, /DURE:/)
    } finally {
      await Promise.all([ann.remove(), bob.remove()])
    }
  })

  it('who set DUMP_SESSION_KEYS for us gets a node that refuses to start (attack 87)', async () => {
    const ann = new Home({ DUMP_SESSION_KEYS: path.join(tmpdir(), 'never') })
    try {
      await ann.dure('init', '--name', 'Ann')
      const { code, stderr } = await ann.dure('start')
      assert.equal(code, 1)
      assert.match(stderr, /dure: error: .*DUMP_SESSION_KEYS/)
      assert.ok(!existsSync(path.join(tmpdir(), 'never')))
    } finally {
      await ann.remove()
    }
  })
})
