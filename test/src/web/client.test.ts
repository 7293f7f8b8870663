import assert from 'node:assert/strict'
import { at, type ClientParts, createClient, query } from '../../../src/web/api/client.ts'
import { Problem } from '../../../src/web/api/problem.ts'

describe('what the page asks its node', () => {
  const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status })

  function asking(answer: (path: string, init: RequestInit) => Response | Promise<Response>, parts: Partial<ClientParts> = {}) {
    const asked: { path: string; init: RequestInit }[] = []
    let refused = 0
    const client = createClient({
      fetch: async (path, init) => {
        asked.push({ path, init })
        return answer(path, init)
      },
      session: () => 'half',
      onProblem: ({ code }) => void (code === 'no-session' && refused++),
      ...parts,
    })
    return { client, asked, refused: () => refused }
  }

  it('carries its half of the session, and stays with its own node', async () => {
    const { client, asked } = asking(() => json({ ok: true }))
    await client.send('PUT', '/v1/x', { a: 1 })
    assert.deepEqual(asked[0]?.init.headers, { 'content-type': 'application/json', 'x-dure-session': 'half' })
    assert.equal(asked[0]?.init.body, '{"a":1}')
    assert.equal(asked[0]?.init.redirect, 'error')
    assert.equal(asked[0]?.init.credentials, 'same-origin')
  })

  it('says in the words of the node why it refused', async () => {
    const { client } = asking(() => json({ code: 'not-found', detail: 'there is no such message', hint: 'look again' }, 404))
    await assert.rejects(client.get('/v1/messages/1'), (error) => error instanceof Problem && error.code === 'not-found' && error.hint === 'look again' && error.status === 404)
  })

  it('shows the way in again when the session is known no more', async () => {
    const { client, refused } = asking(() => json({ code: 'no-session', detail: 'this browser was not let in' }, 401))
    await assert.rejects(client.get('/v1/inbox'), Problem)
    assert.equal(refused(), 1)
  })

  it('tells a node that is gone from one that refuses, and from something else on its port', async () => {
    const gone = asking(() => Promise.reject(new TypeError('Failed to fetch')))
    await assert.rejects(gone.client.get('/v1/inbox'), (error) => error instanceof Problem && error.code === 'unreached')
    const other = asking(() => new Response('<h1>hello</h1>', { status: 500 }))
    await assert.rejects(other.client.get('/v1/inbox'), (error) => error instanceof Problem && error.code === 'unreached' && error.status === 500)
  })

  it('writes names into paths so that none of them leads elsewhere', () => {
    assert.equal(at`/v1/contacts/${'../../stop?a#b'}/messages`, '/v1/contacts/..%2F..%2Fstop%3Fa%23b/messages')
    assert.equal(query({ text: 'a&b=c', limit: 5, contact: undefined }), '?text=a%26b%3Dc&limit=5')
    assert.equal(query({}), '')
  })
})
