/** The node's api: every route of the messenger. Doors (door.ts) hand it requests. */
import type { FastifyInstance } from 'fastify'
import type { Log } from '../messenger/context.ts'
import { addChannelStreams } from './channel-streams.ts'
import { addCodes, type CodeReader } from './codes.ts'
import { createHttp } from './http.ts'
import { type Behind, type Route, routes } from './routes.ts'
import { object } from './schemas.ts'
import { addStreams } from './streams.ts'

/** Ready to be handed requests. */
export type Api = FastifyInstance

export interface ApiOptions extends Behind {
  readonly readCode: CodeReader
  readonly log?: Log
}

export async function createApi({ log, readCode, ...behind }: ApiOptions): Promise<Api> {
  const app = createHttp({ log })
  for (const route of routes) addRoute(app, behind, route)
  addStreams(app, behind.messenger)
  addChannelStreams(app, behind.messenger)
  addCodes(app, readCode)
  await app.ready()
  return app
}

function addRoute(app: FastifyInstance, behind: Behind, route: Route): void {
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
      route.run(behind, {
        params: request.params as { name: string; id: string },
        query: request.query as Record<string, string | undefined>,
        body: request.body,
      }),
  })
}
