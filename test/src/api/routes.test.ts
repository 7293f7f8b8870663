import assert from 'node:assert/strict'
import { MessengerError } from '../../../src/messenger/errors.ts'
import { routes } from '../../../src/api/routes.ts'
import { call, type Doorway, openDoor, TOKEN_ID } from '../../support/door.ts'
import { WORDS } from '../../support/fake-channels.ts'
import { LINK, SAFETY_NUMBER } from '../../support/fake-messenger.ts'

const ID = '0'.repeat(31)
const POST_ID = '1'.padStart(64, '0')

describe('the local door', () => {
  let door: Doorway
  const ask = (method: string, path: string, body?: unknown) => call(door.home, method, path, body === undefined ? undefined : JSON.stringify(body))

  beforeEach(async () => {
    door = await openDoor()
    door.messenger.befriend('Bob')
    door.messenger.receive('Bob', 'hello')
    door.messenger.ask('Carol')
    door.messenger.channels.stock('Bakery')
    door.messenger.channels.say('Bakery', 'fresh')
    door.messenger.channels.invited()
    await door.messenger.useRelay(LINK)
  })
  afterEach(() => door.close())

  const table: readonly [method: string, path: string, body: unknown, part: Record<string, unknown>][] = [
    ['GET', '/v1/status', undefined, { name: 'Ana', contacts: 1, requests: 1, protection: 'key file' }],
    ['GET', '/v1/id', undefined, { name: 'Ana', peerId: '12D3KooWAna' }],
    ['PATCH', '/v1/profile', { name: 'Anna' }, { name: 'Anna' }],
    ['PATCH', '/v1/profile', { picture: 'AAAA' }, { name: 'Ana' }],
    ['POST', '/v1/words', { forget: false }, { words: `${'abandon '.repeat(23)}art` }],
    ['GET', '/v1/notes/page', undefined, { text: '' }],
    ['PUT', '/v1/notes/page', { text: '{"theme":"dark"}' }, { ok: true }],
    ['PATCH', '/v1/settings', { readReceipts: false }, { readReceipts: false }],
    ['PATCH', '/v1/settings', { hideAddress: true }, { readReceipts: true, hideAddress: true, relays: { reserved: 1, used: 1, found: 0 } }],
    ['PATCH', '/v1/settings', { network: 'private' }, { network: 'private' }],
    ['GET', '/v1/relays', undefined, { '0': { id: '5e5e0', peerId: '12D3KooWRelay', addresses: ['/ip4/192.0.2.7/tcp/4001'], state: 'reserved', found: false, mailboxes: 'keeps', contacts: 1, addedAt: 1795284180000 } }],
    ['POST', '/v1/relays', { link: LINK }, { state: 'reserved' }],
    ['POST', '/v1/relays/search', undefined, { '0': { id: '5e5e0', link: LINK, addresses: ['/ip4/192.0.2.7/tcp/4001'] } }],
    ['DELETE', '/v1/relays/5e5e0', undefined, { ok: true }],
    ['PUT', '/v1/passphrase', { passphrase: 'p' }, { ok: true }],
    ['POST', '/v1/invites', { inPerson: true, lifetime: 60 }, { link: LINK, inPerson: true }],
    ['POST', '/v1/pair', { link: LINK, scanned: false }, { name: 'Bob', code: '123 456', state: 'asked' }],
    ['GET', '/v1/requests', undefined, { '0': { id: 'abc234', kind: 'pairing', name: 'Carol', account: '77'.replace('77', (77).toString(16)).padStart(64, '0'), code: '123 456', at: 1795284120000, waiting: 0 } }],
    ['POST', '/v1/requests/abc234/accept', undefined, { name: 'Carol', state: 'accepted' }],
    ['POST', '/v1/requests/abc234/refuse', undefined, { ok: true }],
    ['GET', '/v1/contacts/Bob', undefined, { name: 'Bob', unread: 1 }],
    ['PATCH', '/v1/contacts/Bob', { name: 'Robert' }, { name: 'Robert' }],
    ['PATCH', '/v1/contacts/Bob', { muted: true }, { name: 'Bob', muted: true }],
    ['POST', '/v1/contacts/Bob/block', undefined, { state: 'blocked' }],
    ['POST', '/v1/contacts/Bob/unblock', undefined, { state: 'accepted' }],
    ['GET', '/v1/contacts/Bob/safety-number', undefined, { safetyNumber: SAFETY_NUMBER, verified: false }],
    ['PUT', '/v1/contacts/Bob/verified', { verified: true }, { verified: true }],
    ['PUT', '/v1/contacts/Bob/timer', { seconds: 60 }, { timer: 60 }],
    ['GET', '/v1/contacts/Bob/messages?limit=1', undefined, { '0': undefined }],
    ['POST', '/v1/contacts/Bob/messages', { text: 'hi' }, { text: 'hi', delivery: 'queued' }],
    ['POST', '/v1/contacts/Bob/typing', { active: true }, { ok: true }],
    ['POST', '/v1/contacts/Bob/read', {}, { ok: true }],
    ['GET', `/v1/messages/${ID}1`, undefined, { text: 'hello' }],
    ['PATCH', `/v1/messages/${ID}1`, { text: 'hallo' }, { text: 'hallo' }],
    ['DELETE', `/v1/messages/${ID}1`, undefined, { deleted: true, text: '' }],
    ['PUT', `/v1/messages/${ID}1/reaction`, { emoji: '👍' }, { text: 'hello' }],
    ['GET', '/v1/search?text=hell', undefined, { '0': undefined }],
    ['GET', '/v1/inbox', undefined, {}],
    ['POST', '/v1/share', { text: 'fresh', url: 'https://bakery.example/' }, { text: 'fresh', host: 'bakery.example', suspicious: false }],
    ['POST', '/v1/tokens', { name: 'bot', scopes: ['read:messages'] }, { name: 'bot', scopes: ['read:messages'] }],
    ['GET', '/v1/tokens', undefined, {}],
    ['DELETE', `/v1/tokens/${TOKEN_ID}`, undefined, { ok: true }],
    ['GET', '/v1/channels', undefined, {}],
    ['POST', '/v1/channels', { name: 'Tea House', logo: 'AAAA', languages: ['ko'] }, { name: 'Tea House', role: 'owner' }],
    ['POST', '/v1/follows', { link: 'DURE:X', private: true }, { following: 'private' }],
    ['GET', '/v1/channels/Bakery', undefined, { name: 'Bakery', entries: 3 }],
    ['PATCH', '/v1/channels/Bakery', { name: 'bread', muted: true, dailyLimit: 2 }, { name: 'bread', muted: true, dailyLimit: 2 }],
    ['DELETE', '/v1/channels/Bakery', undefined, { ok: true }],
    ['PUT', '/v1/channels/Bakery/manifest', { hours: 'Mo-Fr 08:00-18:00' }, { hours: 'Mo-Fr 08:00-18:00' }],
    ['GET', '/v1/channels/Bakery/link', undefined, {}],
    ['GET', '/v1/channels/Bakery/posts?limit=1', undefined, { more: false }],
    ['POST', '/v1/channels/Bakery/posts', { text: 'buns', media: [{ bytes: 'AAAA', alt: 'a bun' }] }, {}],
    ['GET', `/v1/channels/Bakery/posts/${POST_ID}`, undefined, { text: 'fresh' }],
    ['PUT', `/v1/channels/Bakery/posts/${POST_ID}`, { text: 'stale' }, {}],
    ['POST', `/v1/channels/Bakery/posts/${POST_ID}/withdraw`, { reason: '' }, {}],
    ['POST', '/v1/channels/Bakery/read', undefined, { ok: true }],
    ['GET', '/v1/channels/Bakery/proof?all=true', undefined, { entries: 3, lines: ['3 entries, none missing'] }],
    ['GET', '/v1/channels/Bakery/evidence', undefined, {}],
    ['POST', '/v1/evidence', { bytes: 'AQID' }, { text: 'a fork, in 3 bytes' }],
    ['POST', '/v1/channels/Bakery/words', { forget: false }, { words: WORDS }],
    ['POST', '/v1/recoveries', { link: 'DURE:X', words: WORDS }, { role: 'owner' }],
    ['POST', '/v1/channels/Bakery/rotate', {}, { name: 'Bakery' }],
    ['GET', '/v1/channels/Bakery/drafts', undefined, {}],
    ['DELETE', `/v1/channels/Bakery/drafts/${'7'.repeat(32)}`, undefined, { ok: true }],
    ['GET', '/v1/channels/Bakery/staff', undefined, {}],
    ['POST', '/v1/channels/Bakery/staff', { contact: 'Bob', scope: ['text'], notAfter: 1 }, { ok: true }],
    ['POST', '/v1/channels/Bakery/revoke', { staff: 'Mina', reason: 'lost' }, { state: 'revoked' }],
    ['GET', '/v1/invitations', undefined, {}],
    ['POST', '/v1/invitations/sta234/accept', undefined, { role: 'staff' }],
    ['POST', '/v1/invitations/sta234/refuse', undefined, { ok: true }],
    ['POST', '/v1/stop', undefined, { ok: true }],
  ]
  for (const [method, path, body, part] of table) {
    it(`answers ${method} ${path}`, async () => {
      const { status, text, type } = await ask(method, path, body)
      assert.equal(status, 200, text)
      assert.match(type, /^application\/json/)
      const answer = JSON.parse(text) as Record<string, unknown>
      for (const [key, value] of Object.entries(part)) if (value !== undefined) assert.deepEqual(answer[key], value)
    })
  }

  it('has a case for every route of its table', () => {
    const pattern = (path: string) => new RegExp(`^${path.replace(/:\w+/g, '[^/?]+')}(\\?.*)?$`)
    const untried = routes.filter((route) => !table.some(([method, path]) => method === route.method && pattern(route.path).test(path)))
    assert.deepEqual(untried.map((route) => route.path), ['/v1/contacts', '/v1/share/:id'])
  })

  const refused: readonly [what: string, method: string, path: string, body: string | undefined, status: number, code: string][] = [
    ['malformed JSON', 'POST', '/v1/pair', '{"link":', 400, 'bad-json'],
    ['no JSON at all', 'POST', '/v1/pair', '', 400, 'bad-json'],
    ['an unknown field', 'POST', '/v1/pair', '{"link":"x","scanned":false,"admin":true}', 400, 'bad-input'],
    ['a missing field', 'POST', '/v1/pair', '{"link":"x"}', 400, 'bad-input'],
    ['a field of another type', 'POST', '/v1/pair', '{"link":1,"scanned":false}', 400, 'bad-input'],
    ['an unknown query', 'GET', '/v1/status?verbose=1', undefined, 400, 'bad-input'],
    ['a limit of none', 'GET', '/v1/contacts/Bob/messages?limit=0', undefined, 400, 'bad-input'],
    ['__proto__ (attack 110)', 'POST', '/v1/pair', '{"link":"x","scanned":false,"__proto__":{"x":1}}', 400, 'bad-json'],
    ['constructor.prototype (attack 110)', 'POST', '/v1/pair', '{"link":"x","scanned":false,"constructor":{"prototype":{"x":1}}}', 400, 'bad-json'],
    ['more than 1 MiB', 'POST', '/v1/contacts/Bob/messages', JSON.stringify({ text: 'x'.repeat(1024 * 1024) }), 413, 'too-large'],
    ['JSON nested a hundred thousand deep (attack 30)', 'POST', '/v1/pair', '['.repeat(100_000), 400, 'bad-json'],
    ['a message of nothing', 'POST', '/v1/contacts/Bob/messages', '{"text":""}', 400, 'bad-input'],
    ['an id that is none', 'GET', '/v1/messages/..%2f..%2fetc', undefined, 400, 'bad-input'],
    ['a contact who is none', 'GET', '/v1/contacts/__proto__', undefined, 404, 'not-found'],
    ['a channel that is none', 'GET', '/v1/channels/nobody', undefined, 404, 'not-found'],
    ['a post id that is none', 'GET', '/v1/channels/Bakery/posts/..%2f', undefined, 400, 'bad-input'],
    ['a permission that is none', 'POST', '/v1/channels/Bakery/staff', '{"contact":"Bob","scope":["root"],"notAfter":1}', 400, 'bad-input'],
    ['an address that runs', 'POST', '/v1/share', '{"url":"javascript:alert(1)"}', 400, 'share-address'],
    ['nothing to share', 'POST', '/v1/share', '{}', 400, 'share-empty'],
    ['more than can be shared', 'POST', '/v1/share', JSON.stringify({ text: 'x'.repeat(5_000) }), 413, 'share-too-long'],
    ['a share that is gone', 'GET', `/v1/share/${'x'.repeat(32)}`, undefined, 404, 'not-found'],
    ['a route that is none', 'GET', '/v1/secrets', undefined, 404, 'no-route'],
    ['an invite that is none', 'POST', '/v1/pair', '{"link":"https://x","scanned":false}', 400, 'invite-invalid'],
  ]
  for (const [what, method, path, body, status, code] of refused) {
    it(`refuses ${what} with ${status} ${code}`, async () => {
      const answer = await call(door.home, method, path, body)
      assert.match(answer.type, /^application\/problem\+json/)
      const problem = JSON.parse(answer.text) as Record<string, unknown>
      assert.deepEqual([answer.status, problem.status, problem.code], [status, status, code], answer.text)
      assert.equal(problem.type, `urn:dure:problem:${code}`)
      assert.equal(typeof problem.title, 'string')
      assert.equal(typeof problem.detail, 'string')
    })
  }

  it('refuses a body that is not JSON by its type', async () => {
    const answer = await call(door.home, 'POST', '/v1/pair', '{}', { 'content-type': 'text/plain' })
    assert.equal(answer.status, 415)
  })

  it('hands on the words and the hint of an error, and nothing of an unexpected one', async () => {
    const told = JSON.parse((await ask('GET', '/v1/contacts/Nobody')).text)
    assert.deepEqual([told.detail, told.hint], ['you have no contact named Nobody', '`dure contacts` lists them'])

    door.messenger.status = () => {
      throw new Error('the key is CANARY')
    }
    const untold = await ask('GET', '/v1/status')
    assert.equal(untold.status, 500)
    assert.doesNotMatch(untold.text, /CANARY/)
    assert.equal(door.warnings.length, 1)
    assert.doesNotMatch(door.warnings[0]!, /CANARY/)
  })

  it('writes only the fields of its schemas (attack 109)', async () => {
    const id = door.messenger.id
    door.messenger.id = () => ({ ...id(), entropy: 'CANARY' }) as ReturnType<typeof id>
    assert.doesNotMatch((await ask('GET', '/v1/id')).text, /CANARY/)
    door.messenger.befriend('Dora', { secret: 'CANARY' } as never)
    assert.doesNotMatch((await ask('GET', '/v1/contacts')).text, /CANARY/)
  })

  it('keeps names whole: any script, slashes, 128 characters', async () => {
    for (const name of ['서울 친구', 'a/b?c#d', '👩‍👩‍👧‍👦'.repeat(11), 'א'.repeat(128)]) {
      door.messenger.befriend(name)
      const { text } = await ask('GET', `/v1/contacts/${encodeURIComponent(name)}`)
      assert.equal(JSON.parse(text).name, name)
    }
  })

  it('shows the page what was handed over, and what it shows it with', async () => {
    const { id, path } = JSON.parse((await ask('POST', '/v1/share', { url: 'https://\u0430pple.com' })).text) as { id: string; path: string }
    assert.equal(path, `/#share=${id}`)
    assert.deepEqual(JSON.parse((await ask('GET', `/v1/share/${id}`)).text), { id, path, text: '', url: 'https://xn--pple-43d.com/', host: 'xn--pple-43d.com', suspicious: true })
  })

  it('changes the protection without echoing the passphrase', async () => {
    const { text } = await ask('PUT', '/v1/passphrase', { passphrase: 'correct horse' })
    assert.equal(text, '{"ok":true}')
    await ask('PUT', '/v1/passphrase', { passphrase: null })
    assert.deepEqual(door.passphrases, ['correct horse', undefined])
  })

  it('says that others cannot be reached, and does not complain of itself', async () => {
    const before = door.warnings.length
    door.messenger.findRelays = async () => {
      throw new MessengerError('unreachable', 'nobody of the public network answered')
    }
    assert.equal((await ask('POST', '/v1/relays/search')).status, 503)
    assert.equal(door.warnings.length, before)
  })

  it('gives every code of the messenger a status', async () => {
    for (const [code, status] of [['ambiguous', 409], ['unreachable', 503], ['invite-expired', 410], ['too-large', 413]] as const) {
      door.messenger.contacts = () => {
        throw new MessengerError(code, 'no')
      }
      assert.equal((await ask('GET', '/v1/contacts')).status, status)
    }
  })
})
