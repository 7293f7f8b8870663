/** What programs with a token may do over the port, and what they may not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApi } from '../../../src/api/openapi.ts'
import { type Needed, SCOPES } from '../../../src/api/rights.ts'
import { routes } from '../../../src/api/routes.ts'
import { connect, type Happened, Refused } from '../../../src/client/index.ts'
import { clientTypes } from '../../../scripts/client-types.ts'
import { readFileSync } from 'node:fs'
import { socketIn } from '../../../src/config.ts'
import { call, type Doorway, newHome, openDoor, spawnExample, TOKEN, TOKEN_ID } from '../../support/door.ts'

let page: string
let door: Doorway
const origin = (): string => door.door.origin ?? ''
const ask = (method: string, path: string, token: string, body?: string): Promise<Response> =>
  fetch(`${origin()}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { body }) })

async function tokenFor(...scopes: string[]): Promise<string> {
  const { text } = await call(door.home, 'POST', '/v1/tokens', JSON.stringify({ name: 'test', scopes }))
  return (JSON.parse(text) as { token: string }).token
}

before(() => (page = mkdtempSync(join(tmpdir(), 'dure-page-'))))
after(() => rmSync(page, { recursive: true }))

describe('a token', () => {
  beforeEach(async () => {
    door = await openDoor(newHome(), page)
    door.messenger.befriend('Bob')
    door.messenger.channels.stock('Bakery')
  })
  afterEach(() => door.close())

  it('does what its scopes name and nothing else, on every route of the table', async () => {
    const tokens = new Map<Needed, string>(await Promise.all(SCOPES.map(async (scope): Promise<[Needed, string]> => [scope, await tokenFor(scope)])))
    // Names nothing that is there: what is allowed gets another answer than a refusal.
    const example = (path: string): string => path.replaceAll(':name', 'nobody').replaceAll(':id', '0'.repeat(8))
    for (const { method, path, needs } of routes) {
      for (const [scope, token] of tokens) {
        const { status } = await ask(method, example(path), token, method === 'GET' || method === 'DELETE' ? undefined : '{}')
        const allowed = needs === 'any' || needs === scope
        assert.equal(status !== 403, allowed, `${method} ${path} with ${scope}: ${status}`)
      }
    }
    assert.equal(door.stopped(), false)
  })

  it('never reaches the keys, the whole of the data, the set-up or other tokens', async () => {
    const all = await tokenFor(...SCOPES)
    for (const path of ['/v1/export', '/v1/tokens', '/v1/notes/page', '/v1/relays', '/v1/setup', '/v1/inbox']) assert.equal((await ask('GET', path, all)).status, 403, path)
    for (const path of ['/v1/words', '/v1/page', '/v1/unlock', '/v1/stop', '/v1/import', '/v1/tokens', '/v1/codes']) assert.equal((await ask('POST', path, all, '{}')).status, 403, path)
  })

  it('that is unknown, ended or no token opens nothing', async () => {
    assert.equal((await ask('GET', '/v1/channels', TOKEN)).status, 200)
    for (const wrong of [`${TOKEN}x`, TOKEN.slice(0, -1), 'dure_', TOKEN_ID]) assert.equal((await ask('GET', '/v1/channels', wrong)).status, 401)
    await call(door.home, 'DELETE', `/v1/tokens/${TOKEN_ID}`)
    const ended = await ask('GET', '/v1/channels', TOKEN)
    assert.deepEqual([ended.status, ((await ended.json()) as { code: string }).code], [401, 'no-token'])
  })

  it('is told once, and kept as a hash', async () => {
    const made = JSON.parse((await call(door.home, 'POST', '/v1/tokens', JSON.stringify({ name: 'bot', scopes: ['pair', 'read:messages'] }))).text) as Record<string, unknown>
    assert.match(String(made['token']), /^dure_[\w-]{43}$/)
    assert.deepEqual(made['scopes'], ['read:messages', 'pair'])
    const listed = (await call(door.home, 'GET', '/v1/tokens')).text
    assert.equal(listed.includes(String(made['token'])), false)
    assert.equal((JSON.parse(listed) as unknown[]).length, 2)
    for (const scopes of [[], ['all'], ['read:messages', 'person']]) assert.equal((await call(door.home, 'POST', '/v1/tokens', JSON.stringify({ name: '', scopes }))).status, 400)
  })

  it('hears only of what it may read', async () => {
    const client = connect({ url: origin(), token: TOKEN })
    const stop = new AbortController()
    const heard: string[] = []
    const listening = (async () => {
      for await (const { type } of client.events({ signal: stop.signal })) {
        heard.push(type)
        if (type === 'post') stop.abort()
      }
    })()
    while (door.messenger.listeners() === 0) await new Promise(setImmediate)
    door.messenger.receive('Bob', 'private')
    door.messenger.ask('Carol')
    door.messenger.tell({ type: 'post', post: door.messenger.channels.say('Bakery', 'fresh') })
    await listening
    assert.deepEqual(heard.filter((type) => type !== 'channel' && type !== 'post'), [])
    assert.ok(heard.includes('post'))
  })
})

describe('the client of a program', () => {
  beforeEach(async () => {
    door = await openDoor()
    door.messenger.befriend('Bob')
  })
  afterEach(() => door.close())

  it('asks with types, and throws what the door says', async () => {
    const dure = connect({ socketPath: socketIn(door.home) })
    assert.equal((await dure.call('GET /v1/id')).name, 'Ana')
    const sent = await dure.call('POST /v1/contacts/{name}/messages', { params: { name: 'Bob' }, body: { text: 'hi' } })
    assert.deepEqual([sent.text, sent.delivery], ['hi', 'queued'])
    assert.equal((await dure.call('GET /v1/contacts/{name}/messages', { params: { name: 'Bob' }, query: { limit: '1' } })).length, 1)
    await assert.rejects(dure.call('GET /v1/contacts/{name}', { params: { name: 'a/b' } }), (error) => error instanceof Refused && error.code === 'not-found' && error.hint !== undefined)
  })

  it('goes on where it was when the node comes back', async () => {
    const dure = connect({ socketPath: socketIn(door.home) })
    const stop = new AbortController()
    const heard: (Happened | { type: 'reset' })[] = []
    const listening = (async () => {
      for await (const event of dure.events({ signal: stop.signal })) {
        heard.push(event)
        if (event.type === 'reset') stop.abort()
      }
    })()
    while (door.messenger.listeners() === 0) await new Promise(setImmediate)
    door.messenger.receive('Bob', 'one')
    while (heard.length === 0) await new Promise(setImmediate)
    await door.stop()
    door = await openDoor(door.home)
    await listening
    assert.deepEqual(heard.map(({ type }) => type), ['message', 'reset'])
  })

  it('has the types of the schemas: `npm run client` writes them', () => {
    assert.equal(readFileSync(join(import.meta.dirname, '../../../src/client/routes.ts'), 'utf8'), clientTypes())
  })
})

describe('the description for machines', () => {
  it('is served, and names every route there is and no other', async () => {
    door = await openDoor()
    const served = JSON.parse((await call(door.home, 'GET', '/v1/openapi.json')).text) as typeof openApi
    assert.deepEqual(served, JSON.parse(JSON.stringify(openApi)))
    const described = Object.entries(openApi.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    const there = door.routes.map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
    assert.deepEqual(described.toSorted(), there.toSorted())
    await door.close()
  })
})

describe('the examples', () => {
  beforeEach(async () => {
    door = await openDoor(newHome(), page)
    door.messenger.befriend('Bob')
    door.messenger.channels.stock('Bakery')
  })
  afterEach(() => door.close())

  it('echo: says back what it is told, once', async () => {
    const token = await tokenFor('read:messages', 'write:messages')
    const bot = spawnExample('echo-bot.ts', [], { DURE_URL: origin(), DURE_TOKEN: token })
    while (door.messenger.listeners() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    door.messenger.receive('Bob', 'hello')
    while (door.messenger.history('Bob', { limit: 9 }).length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(door.messenger.history('Bob', { limit: 9 }).map(({ direction, text }) => `${direction} ${text}`), ['in hello', 'out hello'])
    await bot.stop()
  })

  it('rss: posts what is new in a feed, and nothing twice', async () => {
    const feed = join(door.home, 'feed.xml')
    const item = (n: number): string => `<item><title>Bread ${n} &amp; more</title><link>https://bakery.example/${n}</link><description><![CDATA[<p>Fresh ${n}</p>]]></description></item>`
    const { writeFileSync } = await import('node:fs')
    const run = (): Promise<{ code: number; out: string; err: string }> => spawnExample('rss-to-channel.ts', [feed, 'Bakery'], { DURE_HOME: door.home }).ended
    writeFileSync(feed, `<rss><channel>${item(2)}${item(1)}</channel></rss>`)
    const first = await run()
    assert.deepEqual([first.code, first.out], [0, 'posted: Bread 1 & more\nposted: Bread 2 & more\n'], first.err)
    writeFileSync(feed, `<rss><channel>${item(3)}${item(2)}${item(1)}</channel></rss>`)
    assert.equal((await run()).out, 'posted: Bread 3 & more\n')
  })
})
