/** The port of the page: what a browser may ask of it, and what other sites may not. Real HTTP over loopback, a fake messenger behind it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDoor as openDoors } from '../../../src/api/index.ts'
import { createPasses, SESSION_LIFETIME_MS, TICKET_LIFETIME_MS } from '../../../src/api/page/passes.ts'
import { socketIn } from '../../../src/config.ts'
import { call as overSocket, type Doorway, newHome, openDoor } from '../../support/door.ts'

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

function call(origin: string, method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}${path}`, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const JSON_BODY = { 'content-type': 'application/json' }
const ticketOf = (link: string | undefined): string => link?.split('#open=')[1] ?? ''
const codeOf = ({ text }: Answer): unknown => (JSON.parse(text) as { code: unknown }).code

/** What the page does with the address it was opened by. */
async function letIn(origin: string, link: string | undefined): Promise<Record<string, string>> {
  const { status, headers, text } = await call(origin, 'POST', '/v1/session', JSON_BODY, JSON.stringify({ token: ticketOf(link) }))
  assert.equal(status, 200, text)
  const [cookie = ''] = headers['set-cookie'] ?? []
  assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
  return { cookie: cookie.split(';')[0] ?? '', 'x-dure-session': (JSON.parse(text) as { session: string }).session }
}

function builtPage(): string {
  const root = mkdtempSync(join(tmpdir(), 'dure-page-'))
  mkdirSync(join(root, 'assets'))
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Dure</title>')
  writeFileSync(join(root, 'assets/main-abc.js'), 'export {}')
  writeFileSync(join(root, 'notes.txt'), 'not of the page')
  return root
}

describe('the port of the page', () => {
  let root: string
  let home: string
  let door: Doorway
  let origin: string
  before(() => (root = builtPage()))
  after(() => rmSync(root, { recursive: true }))
  beforeEach(async () => {
    home = newHome()
    door = await openDoor(home, root)
    origin = door.door.origin ?? ''
  })
  afterEach(() => door.close())

  it('lets a browser in by an address that works once, and tells nobody the ticket (attack 92)', async () => {
    const link = door.door.link()
    assert.match(link ?? '', /^http:\/\/127\.0\.0\.1:\d+\/#open=[\w-]{32}$/)
    const session = await letIn(origin, link)
    const { status, text } = await call(origin, 'GET', '/v1/id', session)
    assert.deepEqual([status, (JSON.parse(text) as { name: string }).name], [200, 'Ana'])
    const again = await call(origin, 'POST', '/v1/session', JSON_BODY, JSON.stringify({ token: ticketOf(link) }))
    assert.deepEqual([again.status, codeOf(again)], [401, 'no-session'])
    for (const { text: said } of [again, { text }]) assert.equal(said.includes(ticketOf(link)), false)
  })

  it('asks for both halves of a session: a cookie that another port was handed opens nothing (attack 90)', async () => {
    const { cookie = '', ...header } = await letIn(origin, door.door.link())
    const other = await letIn(origin, door.door.link())
    const wrong: Record<string, string>[] = [{}, { cookie }, header, { cookie, 'x-dure-session': other['x-dure-session'] ?? '' }, { cookie: `${cookie}x`, ...header }, { cookie: cookie.replace('-', '_'), ...header }]
    for (const headers of wrong) assert.equal((await call(origin, 'GET', '/v1/id', headers)).status, 401, JSON.stringify(Object.keys(headers)))
    assert.equal((await call(origin, 'GET', '/v1/id', { cookie, ...header })).status, 200)
  })

  describe('whoever asks', () => {
    const table: readonly [what: string, headers: (origin: string) => Record<string, string>, code: string | undefined][] = [
      ['a name that was made to lead here (attack 89)', () => ({ host: 'evil.example:3873' }), 'wrong-host'],
      ['our name with another port (attack 89)', () => ({ host: '127.0.0.1:1' }), 'wrong-host'],
      ['0.0.0.0 (attack 90)', (own) => ({ host: new URL(own).host.replace('127.0.0.1', '0.0.0.0') }), 'wrong-host'],
      ['localhost', (own) => ({ host: new URL(own).host.replace('127.0.0.1', 'localhost') }), undefined],
      ['our own page', (own) => ({ origin: own, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }), undefined],
      ['a page of the web (attack 90)', () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }), 'foreign-origin'],
      ['a page of another port of this machine (attack 90)', () => ({ origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-site' }), 'foreign-origin'],
      ['a page in a sandbox (attack 90)', () => ({ origin: 'null' }), 'foreign-origin'],
      ['a picture in a page of the web, which says no origin (attack 90)', () => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }), 'foreign-site'],
      ['an address bar that leads to the api', () => ({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }), 'foreign-site'],
    ]
    for (const [what, headers, code] of table) {
      it(`${code === undefined ? 'is answered' : 'is refused'}: ${what}`, async () => {
        const session = await letIn(origin, door.door.link())
        const answer = await call(origin, 'GET', '/v1/id', { ...session, ...headers(origin) })
        assert.equal(answer.status, code === undefined ? 200 : 403, answer.text)
        if (code !== undefined) assert.equal(codeOf(answer), code)
      })
    }

    it('may follow a link to the page itself from anywhere, but not put it into a frame (attack 90)', async () => {
      const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
      assert.equal((await call(origin, 'GET', '/', { ...visit, 'sec-fetch-dest': 'document' })).status, 200)
      assert.equal((await call(origin, 'GET', '/', { ...visit, 'sec-fetch-dest': 'iframe' })).status, 403)
      assert.equal((await call(origin, 'POST', '/', { ...visit, 'sec-fetch-dest': 'document' })).status, 403)
    })

    it('sends nothing that a form can send: the api takes JSON only (attack 90)', async () => {
      const session = await letIn(origin, door.door.link())
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        const answer = await call(origin, 'PATCH', '/v1/profile', { ...session, 'content-type': type }, '{"name":"Eve"}')
        assert.equal(answer.status, 415, type)
        assert.equal((await call(origin, 'POST', '/v1/session', { 'content-type': type }, JSON.stringify({ token: ticketOf(door.door.link()) }))).status, 401, type)
      }
      assert.equal(door.messenger.id().name, 'Ana')
    })

    it('opens no WebSocket (attack 91)', async () => {
      const { port } = new URL(origin)
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(`GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`)
      let said = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
      await once(socket, 'close')
      assert.match(said, /^HTTP\/1\.1 403 /)
    })

    it('gets no leave to read across origins, ever', async () => {
      const session = await letIn(origin, door.door.link())
      for (const path of ['/', '/v1/id']) {
        for (const method of ['GET', 'OPTIONS']) {
          const { headers } = await call(origin, method, path, session)
          assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('access-control')), [], `${method} ${path}`)
        }
      }
    })
  })

  it('serves the files of the page under a strict policy, and none but them', async () => {
    const page = await call(origin, 'GET', '/')
    assert.equal(page.status, 200)
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'; script-src 'self';.*frame-ancestors 'none'.*require-trusted-types-for 'script'/)
    for (const [name, value] of [['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer'], ['cache-control', 'no-cache'], ['x-frame-options', 'DENY']]) assert.equal(page.headers[name as string], value)
    const script = await call(origin, 'GET', '/assets/main-abc.js')
    assert.deepEqual([script.status, script.headers['content-type'], script.headers['cache-control']], [200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'])
    assert.equal((await call(origin, 'GET', '/assets/main-abc.js', { 'if-none-match': String(script.headers['etag']) })).status, 304)
    for (const path of ['/notes.txt', '/../page.json', '/%2e%2e/page.json', '/assets/../../page.json', '/dure.db', '//etc/passwd']) assert.equal((await call(origin, 'GET', path)).status, 404, path)
  })

  it('reads the code of a picture, and takes nothing but a picture for it', async () => {
    const session = await letIn(origin, door.door.link())
    const read = await call(origin, 'POST', '/v1/codes', { ...session, 'content-type': 'application/octet-stream' }, 'a picture')
    assert.deepEqual([read.status, Object.keys(JSON.parse(read.text) as object)], [200, ['link']])
    assert.equal((await call(origin, 'POST', '/v1/codes', { ...session, ...JSON_BODY }, '"a picture"')).status, 400)
  })

  it('streams events to the page, and ends with the node', async () => {
    const session = await letIn(origin, door.door.link())
    const asked = request(`${origin}/v1/events`, { headers: session, agent: false }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    let said = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    while (door.messenger.listeners() === 0) await new Promise(setImmediate)
    door.messenger.befriend('Bob')
    door.messenger.receive('Bob', 'hello')
    const ended = once(response, 'end')
    await door.stop()
    await ended
    assert.match(said, /event: message\n/)
    door = await openDoor(home, root)
  })

  it('keeps its port and the sessions of its browsers over a restart', async () => {
    const session = await letIn(origin, door.door.link())
    await door.stop()
    assert.equal(statSync(join(home, 'page.json')).mode & 0o777, 0o600)
    const again = await openDoors({ socketPath: socketIn(home), page: { home, port: undefined, root }, onStop: () => undefined })
    assert.equal(again.origin, origin)
    assert.equal((await call(origin, 'GET', '/v1/setup', session)).status, 200)
    await again.close()
    const { secret } = JSON.parse(readFileSync(join(home, 'page.json'), 'utf8')) as { secret: string }
    writeFileSync(join(home, 'page.json'), JSON.stringify({ secret: secret.replace(/^./, (c) => (c === '0' ? '1' : '0')), port: Number(new URL(origin).port) }))
    const other = await openDoors({ socketPath: socketIn(home), page: { home, port: undefined, root }, onStop: () => undefined })
    assert.equal((await call(origin, 'GET', '/v1/setup', session)).status, 401)
    await other.close()
    door = await openDoor(home, root)
  })

  it('takes another port when its own is taken, unless that one was asked for', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const { port } = squatter.address() as { port: number }
    const [first, second] = [newHome(), newHome()]
    await assert.rejects(openDoors({ socketPath: socketIn(first), page: { home: first, port, root }, onStop: () => undefined }), { name: 'ConfigError', message: /port \d+ of this machine is taken/ })
    writeFileSync(join(second, 'page.json'), JSON.stringify({ secret: '00'.repeat(32), port }))
    const moved = await openDoors({ socketPath: socketIn(second), page: { home: second, port: undefined, root }, onStop: () => undefined })
    assert.notEqual(moved.origin, `http://127.0.0.1:${port}`)
    await moved.close()
    squatter.close()
    for (const each of [first, second]) rmSync(each, { recursive: true })
  })
})

describe('a profile that waits for its person', () => {
  let home: string
  let root: string
  before(() => (root = builtPage()))
  after(() => rmSync(root, { recursive: true }))
  beforeEach(() => (home = newHome()))
  afterEach(() => rmSync(home, { recursive: true }))
  const open = (onStop = (): void => undefined) => openDoors({ socketPath: socketIn(home), page: { home, port: 0, root }, onStop })

  it('is set up in the page: what was wrong is said, and the words are told once', async () => {
    const door = await open()
    const origin = door.origin ?? ''
    const session = await letIn(origin, door.link())
    const state = async (): Promise<string> => (JSON.parse((await call(origin, 'GET', '/v1/setup', session)).text) as { state: string }).state
    assert.equal(await state(), 'starting')
    const made = door.firstRun(async ({ name }) => {
      if (name === '') throw Object.assign(new Error('bad'), { name: 'PhraseError' })
      return { made: `made ${name}`, words: 'one two three' }
    })
    assert.equal(await state(), 'new')
    const early = await call(origin, 'GET', '/v1/id', session)
    assert.deepEqual([early.status, codeOf(early)], [503, 'not-running'])
    const wrong = await call(origin, 'POST', '/v1/setup', { ...session, ...JSON_BODY }, JSON.stringify({ name: '' }))
    assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'bad-phrase'])
    const right = await call(origin, 'POST', '/v1/setup', { ...session, ...JSON_BODY }, JSON.stringify({ name: 'Ana' }))
    assert.deepEqual([right.status, JSON.parse(right.text)], [200, { words: 'one two three' }])
    assert.equal(right.headers['cache-control'], 'no-store')
    assert.equal(await made, 'made Ana')
    assert.equal(await state(), 'starting')
    assert.equal((await call(origin, 'POST', '/v1/setup', { ...session, ...JSON_BODY }, JSON.stringify({ name: 'Eve' }))).status, 409)
    await door.close()
  })

  it('is unlocked in the page, and asks again for a wrong passphrase', async () => {
    const door = await open()
    const session = await letIn(door.origin ?? '', door.link())
    const unlocked = door.unlock(async (passphrase) => {
      if (passphrase !== 'right') throw Object.assign(new Error('the passphrase is wrong'), { name: 'StoreError', code: 'wrong-passphrase' })
      return 'open'
    })
    const unlock = (passphrase: string) => call(door.origin ?? '', 'POST', '/v1/unlock', { ...session, ...JSON_BODY }, JSON.stringify({ passphrase }))
    const wrong = await unlock('wrong')
    assert.deepEqual([codeOf(wrong), wrong.text.includes('"wrong"')], ['wrong-passphrase', false])
    assert.equal((await unlock('right')).status, 200)
    assert.equal(await unlocked, 'open')
    await door.close()
  })

  it('answers the command line, which is told to open the page, and can be stopped', async () => {
    let stopped = false
    const door = await open(() => (stopped = true))
    void door.firstRun(async () => ({ made: undefined }))
    const status = await overSocket(home, 'GET', '/v1/status')
    assert.match(status.text, /the page makes one.*dure open/)
    assert.match((await overSocket(home, 'POST', '/v1/page')).text, /#open=/)
    assert.equal((await overSocket(home, 'POST', '/v1/stop')).status, 200)
    await new Promise(setImmediate)
    assert.equal(stopped, true)
    await door.close()
  })
})

describe('what lets a browser in', () => {
  it('ends: tickets after minutes, sessions after months', () => {
    let now = 1_000_000
    const passes = createPasses(new Uint8Array(32).fill(7), () => now)
    const [late, used] = [passes.ticket(), passes.ticket()]
    const session = passes.exchange(used)
    assert.ok(session)
    now += TICKET_LIFETIME_MS + 1
    assert.equal(passes.exchange(late), undefined)
    assert.equal(passes.admits(session.cookie, session.header), true)
    now += SESSION_LIFETIME_MS
    assert.equal(passes.admits(session.cookie, session.header), false)
    assert.equal(createPasses(new Uint8Array(32).fill(8), () => 0).admits(session.cookie, session.header), false)
  })

  it('forgets the oldest of too many tickets', () => {
    const passes = createPasses(new Uint8Array(32), () => 0)
    const tickets = Array.from({ length: 17 }, () => passes.ticket())
    assert.equal(passes.exchange(tickets[0] ?? ''), undefined)
    assert.ok(passes.exchange(tickets[1] ?? ''))
  })
})
