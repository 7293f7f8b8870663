/**
 * A program's side of the local door: every route of src/api with its types, and the events as they happen. Needs nothing but Node.
 */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { sentEvents } from './events.ts'
import type { Happened, Routes } from './routes.ts'

/** The socket in a profile's folder (no token), or the port of the page with a token of `dure token create`. */
export type Where = { readonly socketPath: string } | { readonly url: string; readonly token: string }

/** What a route takes: the parts of its path, its query and its body, as far as it has them. */
export type Given<R extends keyof Routes> = Omit<Routes[R], 'answer'>

/** The door refused, in its own words (RFC 9457). */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  /** for programs: `not-found`, `ambiguous`, ... */
  readonly code: string
  readonly hint: string | undefined

  constructor(status: number, { detail, code, hint }: { detail: string; code: string; hint?: string }) {
    super(detail)
    this.status = status
    this.code = code
    this.hint = hint
  }
}

export interface Client {
  /** @throws Refused, or the error of a node that cannot be reached */
  call<R extends keyof Routes>(route: R, ...given: keyof Given<R> extends never ? [] : [Given<R>]): Promise<Routes[R]['answer']>
  /**
   * From now on, or from where `lastId` left off, over every loss of the connection, until `signal` aborts. A `reset` says that some were missed: read
   * anew what you show.
   */
  events(options?: { readonly signal?: AbortSignal; readonly lastId?: string }): AsyncIterable<Happened | { readonly type: 'reset' }>
}

/** Until a node that stopped is asked again. */
const RETRY_MS = 1_000

export function connect(where: Where): Client {
  const target = 'url' in where ? targetOf(where.url) : where
  const authorization = 'url' in where ? { authorization: `Bearer ${where.token}` } : {}

  async function ask(method: string, path: string, headers: Record<string, string>, body?: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const asked = request({ ...target, method, path, headers: { ...authorization, ...headers }, agent: false, ...(signal && { signal }) })
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    if ((answer.statusCode ?? 500) < 300) return answer
    throw new Refused(answer.statusCode ?? 500, JSON.parse(await textOf(answer)) as { detail: string; code: string })
  }

  return {
    async call(route, ...[given]) {
      const [method = '', template = ''] = route.split(' ')
      const { params, query, body } = (given ?? {}) as { params?: Record<string, string>; query?: Record<string, string>; body?: unknown }
      const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ''))
      const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`
      const json = body === undefined ? undefined : JSON.stringify(body)
      return JSON.parse(await textOf(await ask(method, path + search, json === undefined ? {} : { 'content-type': 'application/json' }, json))) as never
    },
    async *events({ signal, lastId } = {}) {
      let last = lastId
      while (signal?.aborted !== true) {
        try {
          const answer = await ask('GET', '/v1/events', last === undefined ? {} : { 'last-event-id': last }, undefined, signal)
          for await (const { id, type, data } of sentEvents(answer.setEncoding('utf8') as AsyncIterable<string>)) {
            if (id !== undefined) last = id
            yield type === 'reset' ? { type: 'reset' } : (JSON.parse(data) as Happened)
          }
        } catch (error) {
          if (error instanceof Refused) throw error
        }
        await pause(RETRY_MS, signal)
      }
    },
  }
}

function targetOf(url: string): { host: string; port: string } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let whole = ''
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) whole += chunk
  return whole
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, signal?.aborted ? 0 : ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
}
