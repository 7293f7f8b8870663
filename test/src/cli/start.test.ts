import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppModule } from '../../../src/cli/app-port.ts'
import { createApi, createTokens, openDoor } from '../../../src/api/index.ts'
import { socketIn, type Unlock } from '../../../src/config.ts'
import { MessengerError } from '../../../src/messenger/errors.ts'
import { StoreError } from '../../../src/store/errors.ts'
import { dure, newHome, type Typing } from '../../support/door.ts'
import { type FakeMessenger, fakeMessenger } from '../../support/fake-messenger.ts'

const PHRASE = Array.from({ length: 24 }, (_, i) => `word${i}`).join(' ')

interface FakeApp extends AppModule {
  readonly calls: string[]
  readonly messenger: FakeMessenger
}

/** Composition that remembers who asked for what; a profile exists once it was made, locked as it was made. */
function fakeApp(made?: Unlock): FakeApp {
  const calls: string[] = []
  const messenger = fakeMessenger()
  let lock = made
  const sameLock = (unlock: Unlock): boolean => JSON.stringify(unlock) === JSON.stringify(lock)
  return {
    calls,
    messenger,
    async createProfile({ home, name, unlock, phrase }) {
      mkdirSync(home, { recursive: true })
      if (lock !== undefined && !sameLock(unlock)) throw new StoreError('other-protection', 'a passphrase protects this profile')
      if (lock !== undefined) throw new MessengerError('conflict', 'there is an identity here already', 'choose another --home')
      lock = unlock
      calls.push(`create ${name} ${JSON.stringify(unlock)}${phrase === undefined ? '' : ` from ${phrase}`}`)
      return { phrase: phrase ?? PHRASE }
    },
    async salvageProfile({ out, unlock }) {
      if (!sameLock(unlock)) throw new StoreError('other-protection', 'a passphrase protects this profile', 'give it')
      calls.push(`salvage into ${out}`)
      return { identity: false, message: 482, contact: 3, channel: 2, entry: 57, stranded: 4 }
    },
    async openDoors({ home, page, onStop }) {
      return openDoor({ socketPath: socketIn(home), page: page && { home, port: page.port, root: home }, onStop })
    },
    async startApp({ unlock, listen, channelListen, mdns, dht, network, bootstrap }) {
      if (lock === undefined) throw new StoreError('no-profile', 'there is no profile')
      if (typeof lock !== typeof unlock) throw new StoreError('other-protection', 'a passphrase protects this profile', 'give it')
      if (!sameLock(unlock)) throw new StoreError('wrong-passphrase', 'the passphrase is wrong')
      calls.push(`start ${[...listen, ...channelListen.map((address) => `channels ${address}`)].join(' ')} ${mdns ? 'mdns' : 'no mdns'}${dht ? '' : ' no dht'}${network === undefined ? '' : ` ${network}`}${bootstrap.map((address) => ` from ${address}`).join('')}`)
      const api = await createApi({ messenger, readCode: async () => '', tokens: createTokens({ read: () => '', write: async () => undefined }, Date.now), protection: { change: async () => undefined }, onStop: () => undefined })
      return { messenger, api, stop: async () => void calls.push('stop') }
    },
  }
}

describe('dure start', () => {
  let home: string
  beforeEach(() => (home = join(newHome(), 'profile')))
  afterEach(() => rmSync(join(home, '..'), { recursive: true, force: true }))

  const start = (app: AppModule, args: readonly string[] = [], typing: Typing = {}) =>
    dure(['start', '--no-page', '--home', home, ...args], { app, interrupt: new Promise((resolve) => setTimeout(resolve, 20)), ...typing })

  it('makes an identity the first time and shows the phrase once, on a terminal only', async () => {
    const app = fakeApp()
    const ask = { text: async () => 'Ana', secret: async () => '' }
    const first = await start(app, [], { columns: 100, ask })
    assert.equal(first.code, 0, first.err)
    assert.deepEqual(app.calls, ['create Ana "key-file"', 'start  mdns', 'stop'])
    for (const word of PHRASE.split(' ')) assert.match(first.out, new RegExp(`\\b${word}\\b`))
    assert.match(first.out, /Ana, you are online\./)
    assert.match(first.out, /listening on +\/ip4\/192\.0\.2\.7\/tcp\/4001/)
    assert.match(first.out, /Pair with a friend: run dure invite --home/)
    assert.match(first.err, /no passphrase\. Whoever can copy/)
    const second = await start(app, [], { columns: 100 })
    assert.doesNotMatch(second.out + second.err, /word\d/)
  })

  it('leaves the phrase in a file of the owner where there is no terminal, and reminds of it (attack 109)', async () => {
    const app = fakeApp()
    const first = await start(app, ['--name', 'Ana'])
    const file = join(home, 'recovery-phrase.txt')
    assert.doesNotMatch(first.out + first.err, /word\d/)
    assert.equal(readFileSync(file, 'utf8'), `${PHRASE}\n`)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.match((await start(app)).err, /write it on paper, then delete the file/)
    rmSync(file)
    assert.doesNotMatch((await start(app)).err, /recovery phrase/)
  })

  it('asks for the passphrase on the terminal, again when it is wrong, or reads it from a file', async () => {
    const app = fakeApp({ passphrase: 'right' })
    const answers = ['wrong', 'right']
    const asked = await start(app, [], { columns: 80, ask: { secret: async () => answers.shift()! } })
    assert.deepEqual([asked.code, asked.err], [0, 'That is not it.\n' + warning(asked.err)])
    const never = await start(app, [], { columns: 80, ask: { secret: async () => 'wrong' } })
    assert.deepEqual([never.code, never.err.includes('dure: error: the passphrase is wrong')], [1, true])
    writeFileSync(join(home, '..', 'pass'), 'right\n')
    assert.equal((await start(app, ['--passphrase-file', join(home, '..', 'pass')])).code, 0)
    const nobody = await start(app)
    assert.equal(nobody.code, 1)
    assert.match(nobody.err, /hint: give it with --passphrase-file/)
  })

  it('hands on where to listen', async () => {
    const app = fakeApp('key-file')
    await start(app, ['--listen', '/ip4/127.0.0.1/tcp/1', '--listen', '/ip4/127.0.0.1/tcp/2/ws', '--channel-listen', '/ip4/127.0.0.1/tcp/3', '--no-mdns', '--no-dht'])
    assert.deepEqual(app.calls, ['start /ip4/127.0.0.1/tcp/1 /ip4/127.0.0.1/tcp/2/ws channels /ip4/127.0.0.1/tcp/3 no mdns no dht', 'stop'])
  })

  it('hands on which network and where it begins, for this run', async () => {
    const app = fakeApp('key-file')
    const entry = '/ip4/192.0.2.7/tcp/4001/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
    await start(app, ['--network', 'private', '--bootstrap', entry])
    assert.deepEqual(app.calls, [`start  mdns private from ${entry}`, 'stop'])
    for (const wrong of [['--network', 'sometimes'], ['--bootstrap', '/ip4/192.0.2.7/tcp/4001']]) assert.equal((await start(app, wrong)).code, 2)
  })

  it('stops within 2 s even when the node hangs', async () => {
    const app = fakeApp('key-file')
    const { promise: interrupt, resolve } = Promise.withResolvers<void>()
    let asked = 0
    const hanging: AppModule = {
      ...app,
      async startApp(options) {
        const running = await app.startApp(options)
        setImmediate(() => {
          asked = performance.now()
          resolve()
        })
        return { ...running, stop: () => new Promise(() => {}) }
      },
    }
    assert.equal((await start(hanging, [], { interrupt })).code, 0)
    assert.ok(performance.now() - asked < 2_000)
  })

  it('tells of requests and warnings while it runs, and never of what people say', async () => {
    const app = fakeApp('key-file')
    app.messenger.befriend('Bob')
    const { promise: interrupt, resolve } = Promise.withResolvers<void>()
    const running = start(app, [], { interrupt })
    while (app.messenger.listeners() === 0) await new Promise(setImmediate)
    app.messenger.receive('Bob', 'CANARY')
    app.messenger.ask('Carol')
    app.messenger.tell({ type: 'warning', code: 'invite-reused', text: 'someone used your invite a second time' })
    resolve()
    const { out, err } = await running
    assert.match(out, /Carol answered your invite/)
    assert.match(out, /! someone used your invite/)
    assert.doesNotMatch(out + err, /CANARY/)
  })
})

describe('dure init', () => {
  let home: string
  beforeEach(() => (home = join(newHome(), 'profile')))
  afterEach(() => rmSync(join(home, '..'), { recursive: true, force: true }))

  it('shows the phrase once, and never with --json (attack 109)', async () => {
    const shown = await dure(['init', '--name', 'Ana', '--home', home], { app: fakeApp() })
    for (const word of PHRASE.split(' ')) assert.match(shown.out, new RegExp(`\\b${word}\\b`))
    const json = await dure(['init', '--name', 'Ana', '--json', '--home', home], { app: fakeApp() })
    assert.doesNotMatch(json.out + json.err, /word\d/)
    assert.deepEqual(JSON.parse(json.out), { home, name: 'Ana', recovered: false, protection: 'key file', phraseFile: join(home, 'recovery-phrase.txt') })
  })

  it('restores from standard input or a prompt, and does not show the words again', async () => {
    const app = fakeApp()
    const { out, code } = await dure(['init', '--name', 'Ana', '--recover', '--home', home], { app, input: ` ${PHRASE.replaceAll(' ', '\n ')}\n` })
    assert.equal(code, 0)
    assert.match(out, /^Welcome back, Ana/)
    assert.doesNotMatch(out, /word\d/)
    assert.deepEqual(app.calls, [`create Ana "key-file" from ${PHRASE}`])
    const asking = fakeApp()
    await dure(['init', '--name', 'Ana', '--recover', '--home', home], { app: asking, columns: 80, ask: { text: async () => PHRASE } })
    assert.deepEqual(asking.calls, app.calls)
    assert.equal(existsSync(join(home, 'recovery-phrase.txt')), false)
  })

  it('takes no phrase and no passphrase as an argument', async () => {
    for (const extra of [PHRASE.split(' '), ['--passphrase', 'x']]) {
      assert.equal((await dure(['init', '--recover', ...extra, '--home', home], { app: fakeApp() })).code, 2)
    }
  })

  it('refuses politely when there is an identity', async () => {
    const { code, err } = await dure(['init', '--name', 'Ana', '--home', home], { app: fakeApp('key-file') })
    assert.deepEqual([code, err], [1, 'dure: error: there is an identity here already\ndure: hint: choose another --home\n'])
    const locked = await dure(['init', '--name', 'Ana', '--home', home], { app: fakeApp({ passphrase: 'p' }) })
    assert.match(locked.err, /^dure: error: there is an identity here already\ndure: hint: /)
  })
})

/** The rest of what is printed to standard error is not the point. */
const warning = (err: string): string => err.split('\n').slice(1).join('\n')

describe('dure salvage', () => {
  it('asks for the passphrase of a locked profile, and says what was saved and how to use it', async () => {
    const app = fakeApp({ passphrase: 'open sesame' })
    const asked = await dure(['salvage', 'saved'], { app, ask: { text: async () => '', secret: async () => 'open sesame' }, columns: 100 })
    assert.equal(asked.code, 0, asked.err)
    assert.match(asked.out, /482 messages, 3 contacts, 2 channels with 57 entries/)
    assert.match(asked.out, /4 messages still on the way will not be sent again/)
    assert.match(asked.out, /identity was in the damaged part. .* dure init --recover --home .*saved/)
    assert.match(asked.out, /dure start --home .*saved/)
  })
})
