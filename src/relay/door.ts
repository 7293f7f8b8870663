/** The operator's door: routes over the socket of the relay's home. */
import { fastify } from 'fastify'
import { type Api, problem, type Problem, problemOf, serveOnSocket } from '../api/index.ts'
import type { Mirror } from './mirror/mirror.ts'
import type { RelayView } from './view.ts'

/** A name of 256 characters, each of up to 4 bytes, percent-encoded. */
const MAX_PARAMETER_CHARACTERS = 3_072
/** A link with all the addresses it can carry has a third of this. */
const MAX_LINK_CHARACTERS = 8_192

const ADDED = {
  body: { type: 'object', additionalProperties: false, required: ['link'], properties: { link: { type: 'string', maxLength: MAX_LINK_CHARACTERS } } },
} as const

export interface Door {
  readonly socketPath: string
  status(): RelayView
  readonly mirror: Pick<Mirror, 'add' | 'list' | 'remove'>
  /** Called after the answer went out. */
  readonly onStop: () => void
}

/** @throws ConfigError when a relay runs here already */
export function serveDoor({ socketPath, status, mirror, onStop }: Door): Promise<Api> {
  const app = fastify({
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  })
  app.get('/v1/relay', () => status())
  app.get('/v1/mirrors', () => mirror.list())
  app.post<{ Body: { link: string } }>('/v1/mirrors', { schema: ADDED }, ({ body }) => mirror.add(body.link))
  app.delete<{ Params: { name: string } }>('/v1/mirrors/:name', async ({ params }) => {
    await mirror.remove(params.name)
    return { ok: true }
  })
  app.post('/v1/stop', () => {
    setImmediate(onStop)
    return { ok: true }
  })
  const told = (answer: Problem): [number, string] => [answer.status, JSON.stringify(answer)]
  app.setErrorHandler((error, _request, reply) => {
    const [status, text] = told(problemOf(error))
    return reply.code(status).type('application/problem+json').serializer(String).send(text)
  })
  app.setNotFoundHandler((_request, reply) => {
    const [status, text] = told(problem(404, 'no-route', 'a relay runs here, and no person', 'your own node has another --home'))
    return reply.code(status).type('application/problem+json').serializer(String).send(text)
  })
  return serveOnSocket(app, socketPath)
}
