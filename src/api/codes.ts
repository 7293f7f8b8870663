/** A picture of a code in, its text out. Whoever asks decides what to do with the text: nothing follows from reading it. */
import type { FastifyInstance } from 'fastify'
import { MessengerError } from '../messenger/errors.ts'
import * as schema from './schemas.ts'

/** @throws QrError */
export type CodeReader = (picture: Uint8Array) => Promise<string>

/** What the reader itself takes; what is larger is refused before it is read. */
const MAX_PICTURE_BYTES = 20 * 1024 * 1024
const PICTURE = 'application/octet-stream'

export function addCodes(app: FastifyInstance, read: CodeReader): void {
  app.addContentTypeParser(PICTURE, { parseAs: 'buffer', bodyLimit: MAX_PICTURE_BYTES }, (_request, body, done) => done(null, body))
  app.post('/v1/codes', { bodyLimit: MAX_PICTURE_BYTES, schema: { response: { 200: schema.link } } }, async ({ body }) => {
    if (!(body instanceof Buffer)) throw new MessengerError('bad-input', `a picture is sent as ${PICTURE}`)
    return { link: await read(body) }
  })
}
