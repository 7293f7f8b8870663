/** The node's door for programs of the same user: HTTP over a Unix socket nobody else can open. No TCP port. */
import { type FastifyInstance, fastify } from 'fastify'
import type { Log } from '../messenger/context.ts'
import { addChannelStreams } from './channel-streams.ts'
import { problem, problemOf } from './problem.ts'
import { type Door, type Route, routes } from './routes.ts'
import { object } from './schemas.ts'
import { type Api, serveOnSocket } from './socket.ts'
import { addStreams } from './streams.ts'

const MAX_BODY_BYTES = 1024 * 1024
/** A name of 256 characters, each of up to 4 bytes, percent-encoded. */
const MAX_PARAMETER_CHARACTERS = 3_072

export interface ApiOptions extends Door {
  /** where the socket is wanted; see `bindablePath` for the one it gets */
  readonly socketPath: string
  readonly log?: Log
}

/** @throws ConfigError when another process listens there already */
export async function serveApi(options: ApiOptions): Promise<Api> {
  const app = buildApi(options)
  return serveOnSocket(app, options.socketPath)
}

function buildApi({ log, ...door }: ApiOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    forceCloseConnections: 'idle',
    // what is not in a schema is refused, not dropped or bent into shape
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allowUnionTypes: true } },
  })
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, request, reply) => {
    const answer = problemOf(error)
    if (answer.status >= 500) log?.warn('a request failed', { route: request.routeOptions.url ?? '', ...where(error) })
    return reply.code(answer.status).type('application/problem+json').serializer(JSON.stringify).send(answer)
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('application/problem+json').send(problem(404, 'no-route', 'there is no such route', 'src/api/README.md lists them')),
  )
  for (const route of routes) addRoute(app, door, route)
  addStreams(app, door.messenger)
  addChannelStreams(app, door.messenger)
  return app
}

function addRoute(app: FastifyInstance, door: Door, route: Route): void {
  const { params, query, body, answer } = route
  app.route({
    method: route.method,
    url: route.path,
    ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
    schema: {
      ...(params && { params: object(params) }),
      querystring: object(query ?? {}),
      ...(body && { body: object(body) }),
      response: { 200: answer },
    },
    handler: async (request) =>
      route.run(door, {
        params: request.params as { name: string; id: string },
        query: request.query as Record<string, string | undefined>,
        body: request.body,
      }),
  })
}

/** The kind of an error and where it came from, without its message: that may quote what somebody wrote. */
function where(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return {}
  const frame = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '))
  return { error: error.name, ...(frame === undefined ? {} : { at: frame.trim() }) }
}
