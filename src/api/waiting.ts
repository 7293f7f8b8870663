/**
 * The first minutes of a profile, and a locked one: what can be asked before there is a messenger. The person answers in the page; whoever waits
 * for the answer is the composition's (`Waiting`).
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { createHttp } from './http.ts'
import { problem } from './problem.ts'
import * as schema from './schemas.ts'

/** `new`: there is no identity. `locked`: a passphrase is needed. `starting`: it comes up. */
export type State = 'new' | 'locked' | 'starting' | 'running'

export interface FirstRun {
  readonly name: string
  readonly passphrase?: string
  /** of an account to restore */
  readonly words?: string
}

export interface Waiting {
  state: State
  /** Resolves with the words of a new identity, to be shown once. Rejects with what the person is told. */
  setUp: ((input: FirstRun) => Promise<{ words?: string }>) | undefined
  unlock: ((passphrase: string) => Promise<void>) | undefined
}

export interface WaitingDoor {
  readonly waiting: Waiting
  readonly onStop: () => void
  /** An address that opens the page once; undefined where no page is served. */
  readonly link: () => string | undefined
}

/** What these answer, they answer whether or not a messenger is there. */
export const WAITING_PATHS: ReadonlySet<string> = new Set(['/v1/setup', '/v1/unlock', '/v1/page'])

export async function createWaiting({ waiting, onStop, link }: WaitingDoor): Promise<FastifyInstance> {
  const app = createHttp({
    missing: () => problem(503, 'not-running', SAYS[waiting.state], waiting.state === 'starting' ? undefined : '`dure open` opens the page'),
  })
  app.get('/v1/setup', { schema: { response: { 200: schema.setupState } } }, () => ({ state: waiting.state }))
  app.post('/v1/setup', { schema: { body: schema.object(schema.firstRun), response: { 200: schema.firstWords } } }, async (request, reply) => {
    if (waiting.setUp === undefined) return refused(reply, 'there is an identity here already')
    return waiting.setUp(request.body as FirstRun)
  })
  app.post('/v1/unlock', { schema: { body: schema.object({ passphrase: schema.passphrase }), response: { 200: schema.done } } }, async (request, reply) => {
    if (waiting.unlock === undefined) return refused(reply, 'nothing is locked')
    await waiting.unlock((request.body as { passphrase: string }).passphrase)
    return { ok: true }
  })
  app.post('/v1/page', { schema: { response: { 200: schema.link } } }, async (_request, reply) => {
    const address = link()
    return address === undefined ? refused(reply, 'this node serves no page', 'start it without --no-page') : { link: address }
  })
  app.post('/v1/stop', { schema: { response: { 200: schema.done } } }, () => {
    setImmediate(onStop)
    return { ok: true }
  })
  await app.ready()
  return app
}

const SAYS: Readonly<Record<State, string>> = {
  new: 'there is no identity here yet: the page makes one',
  locked: 'a passphrase protects this profile: the page asks for it',
  starting: 'the node is starting',
  running: 'the node is starting',
}

const refused = (reply: FastifyReply, detail: string, hint?: string): FastifyReply =>
  reply.code(409).type('application/problem+json').serializer(JSON.stringify).send(problem(409, 'conflict', detail, hint))
