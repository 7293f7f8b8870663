import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { History } from '../support/history.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'
import { seededRandom } from '../support/seeded.ts'

interface Message {
  readonly id: string
  readonly text: string
  readonly direction: string
  readonly delivery?: string
}

describe('two people with two real nodes', function () {
  this.timeout(180_000)
  const [ann, bob] = [new Home(), new Home()]
  before(async () => {
    await Promise.all([ann.start('Ann'), bob.start('Bob')])
  })
  after(async () => {
    await Promise.all([ann.remove(), bob.remove()])
  })

  const texts = async (home: Home, name: string): Promise<string[]> =>
    (await home.json<Message & { kind: string }>('history', name, '--limit', '500')).filter((message) => message.kind === 'text').map((message) => message.text)

  it('pair by a picture of a code, compare the same digits, and talk', async () => {
    const picture = path.join(ann.directory, 'code.png')
    await ann.json('invite', '--qr', picture)
    const [shown] = await bob.json<{ code: string; name: string }>('pair', picture)
    const [request] = await ann.json<{ id: string; code: string; name: string }>('requests')
    assert.equal(shown?.code, request?.code)
    assert.deepEqual([shown?.name, request?.name], ['Ann', 'Bob'])
    await ann.json('accept', request?.id ?? '')
    await eventually(async () => (await bob.json<{ state: string }>('contacts'))[0]?.state === 'accepted')
    await bob.json('send', 'Ann', '안녕하세요, Ann')
    await ann.json('send', 'Bob', 'hello', 'Bob')
    await eventually(async () => (await texts(ann, 'Bob')).length === 2 && (await texts(bob, 'Ann')).length === 2)
    assert.deepEqual((await ann.json<Message>('search', '안녕')).map((message) => message.text), ['안녕하세요, Ann'])
  })

  it('lose nothing, repeat nothing and keep the order when either is killed while both talk (attack 97)', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    console.log(`      seed ${seed}`)
    const random = seededRandom(seed)
    const history = new History()
    const say = async (home: Home, to: string, text: string): Promise<void> => {
      history.tried(`to ${to}`, text)
      const sent = home.client.call('POST /v1/contacts/{name}/messages', { params: { name: to }, body: { text } })
      await sent.then(() => history.acknowledged(`to ${to}`, text), () => undefined)
    }
    for (let round = 0; round < 8; round++) {
      const [victim, name] = round % 3 === 0 ? [ann, 'Ann'] : [bob, 'Bob']
      const talking = (async () => {
        for (let line = 0; line < 10; line++) await Promise.all([say(ann, 'Bob', `round ${round} line ${line}`), say(bob, 'Ann', `round ${round} line ${line}`)])
      })()
      await new Promise((resolve) => setTimeout(resolve, (random(1)[0] ?? 0) / 2))
      await victim.end('SIGKILL')
      await talking
      await victim.start(name)
    }
    const heard = async (home: Home, from: string): Promise<string[]> =>
      (await home.json<Message>('history', from, '--limit', '500'))
        .filter((message) => message.direction === 'in' && message.text.startsWith('round'))
        .map((message) => message.text)
    for (const [home, name, from] of [[ann, 'Ann', 'Bob'], [bob, 'Bob', 'Ann']] as const) {
      await eventually(async () => history.missing(`to ${name}`, await heard(home, from)).length === 0, 120_000)
      history.settled(`to ${name}`, await heard(home, from))
    }
  })

  it('are found where they were after a restart', async () => {
    const before = (await bob.json<{ addresses: string[] }>('status'))[0]?.addresses
    await bob.end()
    await bob.start('Bob')
    assert.deepEqual((await bob.json<{ addresses: string[] }>('status'))[0]?.addresses, before)
  })

  it('choose how long an invite lives', async () => {
    const [invite] = await ann.json<{ expires: number }>('invite', '--link', '--expires', '2h')
    assert.ok(Math.abs((invite?.expires ?? 0) - Date.now() - 2 * 3600_000) < 60_000)
    const tooShort = await ann.dure('invite', '--expires', '5s')
    assert.deepEqual([tooShort.code, tooShort.stderr.match(/^dure: (error|hint): .*/gm)], [
      1,
      ['dure: error: an invite lives between 30 seconds and 30 days', 'dure: hint: try --expires 10m'],
    ])
  })

  it('deliver what was written while the other was away, and say so', async () => {
    await bob.end()
    const [sent] = await ann.json<Message>('send', 'Bob', 'for later')
    assert.equal(sent?.delivery, 'queued')
    await bob.start('Bob')
    await eventually(async () => (await texts(bob, 'Ann')).includes('for later'))
    await eventually(async () => (await ann.json<Message>('history', 'Bob')).find((message) => message.id === sent?.id)?.delivery === 'delivered')
  })

  it('stop cleanly within two seconds of Ctrl-C', async () => {
    const begin = performance.now()
    assert.equal(await ann.end('SIGINT'), 0)
    assert.ok(performance.now() - begin < 2_000)
    await ann.start('Ann')
  })

  it('cannot run twice on one profile (attack 102)', async () => {
    const second = await ann.dure('start')
    assert.equal(second.code, 1)
    assert.match(second.stderr, /dure: error: .*\ndure: hint: /)
  })
})

describe('an account that lost its device', function () {
  this.timeout(180_000)

  it('is restored from the 24 words and an export, and its contact sees a notice', async () => {
    const [ann, bob, again] = [new Home(), new Home(), new Home()]
    try {
      // Where a program reads along, the words go to a file of the person's own and not into the answer.
      const [made] = await ann.json<{ phraseFile: string }>('init', '--name', 'Ann')
      const phrase = readFileSync(made?.phraseFile ?? '', 'utf8').trim()
      assert.equal(phrase.split(' ').length, 24)
      await Promise.all([ann.start('Ann'), bob.start('Bob')])
      await pairHomes(bob, ann, { a: 'Bob', b: 'Ann' })
      await ann.json('send', 'Bob', 'before')
      await ann.json('export', path.join(ann.directory, 'out'))
      await ann.end()
      const recovered = await again.dureWith(`${phrase}\n`, 'init', '--recover', '--name', 'Ann')
      assert.equal(recovered.code, 0, recovered.stderr)
      await again.start('Ann')
      await again.json('import', path.join(ann.directory, 'out'))
      await again.json('send', 'Bob', 'after')
      await eventually(async () => (await bob.json<Message>('history', 'Ann')).some((message) => message.text === 'after'))
      assert.ok((await bob.json<Message & { kind: string }>('history', 'Ann')).some((message) => message.kind === 'notice' && message.text === 'new-device'))
    } finally {
      await Promise.all([ann.remove(), bob.remove(), again.remove()])
    }
  })
})

describe('a profile whose disk went bad', function () {
  this.timeout(180_000)

  it('is saved into a new one, and the conversation goes on from there (attacks 100, 101)', async () => {
    const [ann, bob, saved] = [new Home(), new Home(), new Home()]
    try {
      await Promise.all([ann.start('Ann'), bob.start('Bob')])
      await pairHomes(bob, ann, { a: 'Bob', b: 'Ann' })
      for (let i = 0; i < 5; i++) await ann.json('send', 'Bob', `word ${i}`)
      await eventually(async () => (await bob.json<Message>('history', 'Ann')).filter((message) => message.text.startsWith('word')).length === 5)
      assert.equal((await ann.dure('salvage', saved.directory)).code, 1, 'not while the node runs')
      await ann.end()
      const [rows] = await ann.json<{ message: number; contact: number }>('salvage', saved.directory)
      assert.ok((rows?.message ?? 0) >= 5)
      assert.equal(rows?.contact, 1)
      await saved.start('Ann')
      await saved.json('send', 'Bob', 'saved')
      await eventually(async () => (await bob.json<Message>('history', 'Ann')).some((message) => message.text === 'saved'))
    } finally {
      await Promise.all([ann.remove(), bob.remove(), saved.remove()])
    }
  })
})
