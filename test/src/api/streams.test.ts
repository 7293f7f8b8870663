import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connectPath } from '../../../src/config.ts'
import { call, type Doorway, openDoor } from '../../support/door.ts'

interface Line {
  id: string | undefined
  type: string | undefined
  data: Record<string, unknown>
}

/** Reads events until there are `count` of them. */
async function listen(home: string, lastId?: string): Promise<{ take(count: number): Promise<Line[]>; end: () => void; ended: Promise<unknown> }> {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  const asked = request({ socketPath: connectPath(home), path: '/v1/events', headers, agent: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  let text = ''
  const blocks = () => text.split('\n\n').slice(0, -1).filter((block) => block.includes('event:'))
  response.on('data', (chunk: string) => (text += chunk))
  return {
    async take(count) {
      while (blocks().length < count) await once(response, 'data')
      return blocks().map((block) => {
        const fields = new Map(block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]))
        return { id: fields.get('id'), type: fields.get('event'), data: JSON.parse(fields.get('data') ?? '') }
      })
    },
    end: () => asked.destroy(),
    ended: once(response, 'end'),
  }
}

describe('the streams of the local door', () => {
  let door: Doorway
  beforeEach(async () => {
    door = await openDoor()
    door.messenger.befriend('Bob')
  })
  afterEach(() => door.close())

  it('tells events as they happen', async () => {
    const events = await listen(door.home)
    door.messenger.receive('Bob', 'one')
    door.messenger.tell({ type: 'typing', contact: 'aa', name: 'Bob', active: true })
    const [first, second] = await events.take(2)
    assert.equal(first?.type, 'message')
    assert.equal((first?.data.message as { text: string }).text, 'one')
    assert.deepEqual([second?.type, second?.data.name, second?.data.active], ['typing', 'Bob', true])
    events.end()
  })

  it('goes on after the last event a reader has seen', async () => {
    const events = await listen(door.home)
    door.messenger.receive('Bob', 'one')
    const [first] = await events.take(1)
    events.end()
    door.messenger.receive('Bob', 'two')
    door.messenger.receive('Bob', 'three')
    const again = await listen(door.home, first!.id)
    const texts = (await again.take(2)).map((line) => (line.data.message as { text: string }).text)
    assert.deepEqual(texts, ['two', 'three'])
    again.end()
  })

  for (const [what, id] of [['another run', 'ffffffff-1'], ['nonsense', 'x'], ['the future', '']] as const) {
    it(`says that it cannot catch up from an id of ${what}`, async () => {
      let last: string = id
      if (id === '') {
        const events = await listen(door.home)
        door.messenger.receive('Bob', 'one')
        last = (await events.take(1))[0]!.id!.replace(/-\d+$/, '-99')
        events.end()
      }
      const events = await listen(door.home, last)
      assert.equal((await events.take(1))[0]?.type, 'reset')
      events.end()
    })
  }

  it('forgets readers who left, and ends the others when it closes', async () => {
    const gone = await listen(door.home)
    const stays = await listen(door.home)
    assert.equal(door.messenger.listeners(), 2)
    gone.end()
    while (door.messenger.listeners() > 1) await new Promise(setImmediate)
    await Promise.all([door.stop(), stays.ended])
  })

  it('cuts off a reader that does not read (attack 83)', async () => {
    const asked = request({ socketPath: connectPath(door.home), path: '/v1/events', agent: false })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.pause()
    asked.on('error', () => {})
    const text = 'x'.repeat(60_000)
    for (let i = 0; i < 200 && door.messenger.listeners() > 0; i++) {
      door.messenger.receive('Bob', text)
      await new Promise(setImmediate)
    }
    assert.equal(door.messenger.listeners(), 0)
  })

  it('gives the archive line by line and takes it back', async () => {
    door.messenger.receive('Bob', 'one\ntwo')
    const { text, type } = await call(door.home, 'GET', '/v1/export')
    assert.match(type, /^application\/jsonl/)
    const lines = text.trimEnd().split('\n')
    assert.equal(lines.length, 2)
    assert.equal(JSON.parse(lines[1]!).text, 'one\ntwo')
    const back = await call(door.home, 'POST', '/v1/import', text, { 'content-type': 'application/jsonl' })
    assert.deepEqual(JSON.parse(back.text), { contacts: 1, follows: 0, messages: 1, skipped: 0 })
  })

  it('refuses an archive sent as something else', async () => {
    assert.equal((await call(door.home, 'POST', '/v1/import', '{}')).status, 400)
  })
})
