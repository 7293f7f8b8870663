/** The operator's door: two routes over the socket of the relay's home. */
import { fastify } from 'fastify'
import { type Api, problem, serveOnSocket } from '../api/index.ts'
import type { RelayView } from './view.ts'

export interface Door {
  readonly socketPath: string
  status(): RelayView
  /** Called after the answer went out. */
  readonly onStop: () => void
}

/** @throws ConfigError when a relay runs here already */
export function serveDoor({ socketPath, status, onStop }: Door): Promise<Api> {
  const app = fastify({ forceCloseConnections: 'idle' })
  app.get('/v1/relay', () => status())
  app.post('/v1/stop', () => {
    setImmediate(onStop)
    return { ok: true }
  })
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .serializer(JSON.stringify)
      .send(problem(404, 'no-route', 'a relay runs here, and no person', 'your own node has another --home')),
  )
  return serveOnSocket(app, socketPath)
}
