/** The node's api: every route of the messenger. Doors (door.ts) hand it requests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../messenger/context.ts'
import { addChannelStreams } from './channel-streams.ts'
import { addCodes, type CodeReader } from './codes.ts'
import { createHttp } from './http.ts'
import { openApi } from './openapi.ts'
import { problem } from './problem.ts'
import { allows, type Needed, rightsOf, type Scope } from './rights.ts'
import { type Behind, type Route, routes } from './routes.ts'
import { object } from './schemas.ts'
import { createShares } from './shares.ts'
import { addStreams } from './streams.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** a route that does not say is for the person alone */
    needs?: Needed
  }
}

export interface ApiOptions extends Omit<Behind, 'shares'> {
  readonly readCode: CodeReader
  readonly log?: Log
}

/** Listens nowhere. A request has to be vouched for (rights.ts) before it is handed in. */
export interface Api {
  answer(request: IncomingMessage, response: ServerResponse): void
  /** of a token; undefined when there is no such token */
  scopesOf(token: string): ReadonlySet<Scope> | undefined
  /** every one there is, for whoever checks what is said of them */
  readonly routes: readonly { readonly method: string; readonly url: string }[]
  close(): Promise<void>
}

export async function createApi({ log, readCode, ...given }: ApiOptions): Promise<Api> {
  const behind: Behind = { ...given, shares: createShares(Date.now) }
  const app = createHttp({ log })
  app.addHook('onRequest', async (request, reply) => {
    const needed = request.routeOptions.config.needs ?? 'person'
    if (request.routeOptions.url === undefined || allows(rightsOf(request.raw), needed)) return
    const hint = needed === 'person' ? 'only the person may: dure on the command line, or the page' : `it needs a token with the scope ${needed}`
    return reply.code(403).type('application/problem+json').serializer(JSON.stringify).send(problem(403, 'not-allowed', 'this token may not do that', hint))
  })
  const there: { method: string; url: string }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    if (method !== 'HEAD') there.push({ method: String(method), url })
  })
  for (const route of routes) addRoute(app, behind, route)
  addStreams(app, behind.messenger)
  addChannelStreams(app, behind.messenger)
  addCodes(app, readCode)
  app.get('/v1/openapi.json', { config: { needs: 'any' } }, () => openApi)
  await app.ready()
  return { answer: (request, response) => app.routing(request, response), scopesOf: (token) => behind.tokens.scopesOf(token), routes: there, close: () => app.close() }
}

function addRoute(app: FastifyInstance, behind: Behind, route: Route): void {
  const { params, query, body, answer, needs } = route
  app.route({
    method: route.method,
    url: route.path,
    ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
    config: { needs },
    schema: {
      ...(params && { params: object(params) }),
      querystring: object(query ?? {}),
      ...(body && { body: object(body) }),
      response: { 200: answer },
    },
    handler: async (request) =>
      route.run(behind, {
        params: request.params as { name: string; id: string },
        query: request.query as Record<string, string | undefined>,
        body: request.body,
      }),
  })
}
