/** Channel routes that stream: a picture out, the log out and in as JSON lines. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { MessengerError } from '../messenger/errors.ts'
import type { Messenger } from '../messenger/messenger.ts'
import * as channel from './channel-schemas.ts'
import { JSON_LINES, newlines, readLines } from './json-lines.ts'
import { object } from './schemas.ts'

export function addChannelStreams(app: FastifyInstance, { channels }: Messenger): void {
  app.get(
    '/v1/channels/:name/media/:hash',
    { config: { needs: 'read:channels' }, schema: { params: object({ name: channel.channelName, hash: channel.hash }) } },
    async (request, reply) => {
      const { name, hash } = request.params as { name: string; hash: string }
      // As bytes to save, never as something to open here: who wrote it is a stranger.
      return reply.type('application/octet-stream').send(Buffer.from(await channels.media(name, hash)))
    },
  )

  app.get('/v1/channels/:name/export', { config: { needs: 'read:channels' }, schema: { params: object({ name: channel.channelName }) } }, (request, reply) => {
    const lines = channels.exportChannel((request.params as { name: string }).name)
    return reply.type(JSON_LINES).send(Readable.from(newlines(lines)))
  })

  app.post(
    '/v1/channel-import',
    { schema: { querystring: object({ 'keep?': { type: 'string', enum: ['true', 'false'] } }), response: { 200: channel.proof } } },
    async (request) => {
      if (!(request.body instanceof Readable)) throw new MessengerError('bad-input', `an exported channel is sent as ${JSON_LINES}`)
      const { keep } = request.query as { keep?: string }
      return channels.importChannel(await readLines(request.body), { keep: keep === 'true' })
    },
  )
}
