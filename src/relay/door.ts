/** The operator's door: routes over the socket of the relay's home. */
import { createServer } from 'node:http'
import { createHttp, type Listening, listenOnSocket, problem } from '../api/index.ts'
import type { Mirror } from './mirror/mirror.ts'
import type { RelayView } from './view.ts'

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
export async function serveDoor({ socketPath, status, mirror, onStop }: Door): Promise<Listening> {
  const app = createHttp({ missing: () => problem(404, 'no-route', 'a relay runs here, and no person', 'your own node has another --home') })
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
  await app.ready()
  return listenOnSocket(createServer((request, response) => app.routing(request, response)), socketPath)
}
