import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { EventView } from '../../../src/messenger/views.ts'
import { createEventReader } from '../../../src/web/api/event-lines.ts'
import { backoff, followEvents } from '../../../src/web/api/events.ts'

describe('the stream of events in the page', () => {
  const stream = ': dure\n\nid: a-1\nevent: message\ndata: {"id":1,"x":"é한"}\n\n:\n\nid: a-2\nevent: typing\ndata: {"id":2}\n\n'

  it('is read the same however it was cut on its way', () => {
    const whole = createEventReader()(stream)
    assert.deepEqual(whole.map(({ event, id }) => [event, id]), [['message', 'a-1'], ['typing', 'a-2']])
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12, size: 'max' }), (cuts) => {
        const read = createEventReader()
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length]
        assert.deepEqual(places.slice(1).flatMap((end, index) => read(stream.slice(places[index], end))), whole)
      }),
    )
  })

  it('joins data of several lines, and keeps heartbeats to itself', () => {
    assert.deepEqual(createEventReader()('data: a\r\ndata:b\r\n\r\n:\n\n'), [{ event: 'message', data: 'a\nb', id: undefined }])
  })

  it('waits longer after each cut, never more than ten seconds, and not all pages alike', () => {
    assert.deepEqual([0, 1, 2, 20].map((failures) => backoff(failures, 1)), [250, 500, 1_000, 10_000])
    assert.equal(backoff(20, 0), 5_000)
  })

  it('goes on where it was after a cut, and reads anew when the node says so', async () => {
    const bodies = [
      'id: a-1\nevent: message\ndata: {"type":"message","id":1}\n\n',
      'id: a-2\nevent: message\ndata: {"type":"message","id":2}\n\n',
      'event: reset\ndata: {}\n\nid: b-1\nevent: message\ndata: {"type":"message","id":1}\n\n',
    ]
    const asked: (string | undefined)[] = []
    const seen: (EventView['id'] | 'reset' | boolean)[] = []
    await new Promise<void>((resolve) => {
      const end = followEvents({
        open: async (headers) => {
          asked.push(headers['last-event-id'])
          const body = bodies.shift()
          if (body === undefined) {
            end()
            resolve()
            throw new Error('ended')
          }
          return new Response(body)
        },
        onEvent: ({ id }) => seen.push(id),
        onReset: () => seen.push('reset'),
        onConnected: (connected) => seen.push(connected),
        random: () => 0,
        wait: () => Promise.resolve(),
      })
    })
    assert.deepEqual(asked, [undefined, 'a-1', 'a-2', 'b-1'])
    assert.deepEqual(seen, [true, 'reset', 1, false, true, 2, false, true, 'reset', 1, false])
  })
})
