/** The node's door for programs of the same user: HTTP over a Unix socket nobody else can open. No TCP port. */
import { once } from 'node:events'
import { chmodSync, lstatSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { type FastifyInstance, fastify } from 'fastify'
import { bindablePath, ConfigError, privateDirectory, socketNote } from '../config.ts'
import type { Log } from '../messenger/context.ts'
import { addChannelStreams } from './channel-streams.ts'
import { problem, problemOf } from './problem.ts'
import { type Door, type Route, routes } from './routes.ts'
import { object } from './schemas.ts'
import { addStreams } from './streams.ts'

const MAX_BODY_BYTES = 1024 * 1024
/** A name of 256 characters, each of up to 4 bytes, percent-encoded. */
const MAX_PARAMETER_CHARACTERS = 3_072
/** What a request still under way gets when the node stops; the whole stop has 2 s. */
const CLOSE_GRACE_MS = 500

export interface ApiOptions extends Door {
  /** where the socket is wanted; see `bindablePath` for the one it gets */
  readonly socketPath: string
  readonly log?: Log
}

export interface Api {
  /** where the socket is */
  readonly socketPath: string
  close(): Promise<void>
}

/** @throws ConfigError when another process listens there already */
export async function serveApi(options: ApiOptions): Promise<Api> {
  const app = buildApi(options)
  await app.ready()
  const path = bindablePath(options.socketPath, process.env)
  privateDirectory(dirname(options.socketPath))
  if (path !== options.socketPath) {
    privateDirectory(dirname(path))
    if (lstatSync(dirname(path)).isSymbolicLink()) throw new ConfigError(`${dirname(path)} is a link`, 'remove it')
    writeFileSync(socketNote(options.socketPath), `${path}\n`, { mode: 0o600 })
  }
  await removeStale(path)
  await listen(app, path)
  return {
    socketPath: path,
    async close() {
      const cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS)
      await app.close()
      clearTimeout(cut)
      if (path !== options.socketPath) rmSync(socketNote(options.socketPath), { force: true })
    },
  }
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

/** A socket nobody answers on is what a killed node left behind. */
async function removeStale(path: string): Promise<void> {
  const probe = connect(path)
  try {
    await once(probe, 'connect')
  } catch {
    rmSync(path, { force: true })
    return
  } finally {
    probe.destroy()
  }
  throw new ConfigError('Dure is running already on this profile', '`dure status` shows it; another profile needs another --home')
}

async function listen(app: FastifyInstance, path: string): Promise<void> {
  // the socket is created within the call, readable by nobody else from its first moment
  const mask = process.umask(0o177)
  try {
    app.server.listen(path)
  } finally {
    process.umask(mask)
  }
  await once(app.server, 'listening')
  chmodSync(path, 0o600)
}
