/** The routes that stream: events out as they happen, the archive out and in as JSON lines. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { MessengerError } from '../messenger/errors.ts'
import type { Messenger } from '../messenger/messenger.ts'
import type { EventView } from '../messenger/views.ts'
import { events } from './event-schemas.ts'
import { allows, HEARD_BY, rightsOf } from './rights.ts'
import { JSON_LINES, newlines, readLines } from './json-lines.ts'
import * as schema from './schemas.ts'

/** Shorter than what drops a silent connection; finds readers that vanished. */
const HEARTBEAT_MS = 20_000
/** A reader that is this far behind is cut off; it comes back with Last-Event-ID and catches up. */
const MAX_UNREAD_BYTES = 1024 * 1024
export function addStreams(app: FastifyInstance, messenger: Messenger): void {
  addEvents(app, messenger)
  addArchive(app, messenger)
  addPictures(app, messenger)
}

/** As bytes to look at, never as something to open here: who sent them may be anybody. */
function addPictures(app: FastifyInstance, messenger: Messenger): void {
  const send = (reply: FastifyReply, picture: Uint8Array): FastifyReply => reply.type('application/octet-stream').send(Buffer.from(picture))
  app.get('/v1/profile/picture', { config: { needs: 'any' } }, async (_request, reply) => {
    const picture = messenger.picture()
    return picture ? send(reply, picture) : reply.code(204).send()
  })
  app.get('/v1/contacts/:name/picture', { config: { needs: 'read:messages' }, schema: { params: schema.object({ name: schema.contactName }) } }, async (request, reply) => {
    const picture = messenger.picture((request.params as { name: string }).name)
    if (!picture) throw new MessengerError('not-found', 'there is no picture')
    return send(reply, picture)
  })
}

/**
 * `GET /v1/events`. An event's id is `<run>-<n>`: numbers start again with every run of the node, so a reader that comes
 * back after a restart must not be taken for one of this run. What cannot be caught up is said by an event `reset`.
 */
function addEvents(app: FastifyInstance, messenger: Messenger): void {
  const run = randomBytes(4).toString('hex')
  const readers = new Set<FastifyReply['raw']>()

  app.addHook('preClose', () => {
    for (const reader of readers) reader.end()
  })

  app.get('/v1/events', { config: { needs: 'any' } }, (request, reply) => {
    const rights = rightsOf(request.raw)
    const heard = (event: EventView): boolean => allows(rights, HEARD_BY[event.type])
    const lines = (event: EventView): string => {
      const write = reply.compileSerializationSchema(events[event.type])
      return `id: ${run}-${event.id}\nevent: ${event.type}\ndata: ${write(event)}\n\n`
    }
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    raw.write(': dure\n\n')

    const write = (text: string): void => {
      raw.write(text)
      if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy()
    }
    // no turn of the event loop between the two, so nothing falls in the gap
    const missed = missedSince(messenger, run, request.headers['last-event-id'])
    if (missed === undefined) write('event: reset\ndata: {}\n\n')
    else for (const event of missed.filter(heard)) write(lines(event))
    const silence = messenger.on((event) => {
      if (heard(event)) write(lines(event))
    })

    const heartbeat = setInterval(() => write(':\n\n'), HEARTBEAT_MS)
    readers.add(raw)
    raw.on('error', () => raw.destroy())
    raw.on('close', () => {
      clearInterval(heartbeat)
      silence()
      readers.delete(raw)
    })
  })
}

function missedSince(messenger: Messenger, run: string, lastId: string | string[] | undefined): EventView[] | undefined {
  if (lastId === undefined || lastId === '') return []
  const [theirRun, number] = String(lastId).split('-')
  if (theirRun !== run || number === undefined || !/^\d{1,15}$/.test(number)) return undefined
  return messenger.since(Number(number))
}

function addArchive(app: FastifyInstance, messenger: Messenger): void {
  app.get('/v1/export', (_request, reply) => {
    reply.type(JSON_LINES)
    return reply.send(Readable.from(newlines(messenger.exportArchive())))
  })

  app.addContentTypeParser(JSON_LINES, (_request, payload, done) => done(null, payload))
  app.post('/v1/import', { schema: { response: { 200: schema.imported } } }, async (request) => {
    if (!(request.body instanceof Readable)) throw new MessengerError('bad-input', `an archive is sent as ${JSON_LINES}`)
    return messenger.importArchive(await readLines(request.body))
  })
}
