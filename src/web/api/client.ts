/** Speaks HTTP to the node that served the page. */
import { Problem, problemOf, UNREACHED } from './problem.ts'

/** The half of a session that the page sends along itself; the other is a cookie that no script sees. */
const SESSION_HEADER = 'x-dure-session'

type Fetch = (path: string, init: RequestInit) => Promise<Response>

export interface ClientParts {
  readonly fetch: Fetch
  session(): string | undefined
  /** Told of every refusal, besides whoever asked. */
  onProblem(problem: Problem): void
}

export interface Client {
  /** @throws Problem */
  get<T>(path: string, signal?: AbortSignal): Promise<T>
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  upload<T>(path: string, body: Blob | string, type: string): Promise<T>
  /** The answer itself, for what streams. */
  open(path: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response>
}

/** A path with what stands in its holes made safe for it. */
export function at(parts: TemplateStringsArray, ...holes: readonly string[]): string {
  return parts.reduce((path, part, index) => path + encodeURIComponent(holes[index - 1] ?? '') + part)
}

/** A query of those that have a value. */
export function query(fields: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(fields).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

export function createClient({ fetch, session, onProblem }: ClientParts): Client {
  async function ask(path: string, init: RequestInit): Promise<Response> {
    const own = session()
    let response: Response
    try {
      const headers = { ...(init.headers as Record<string, string> | undefined), ...(own === undefined ? {} : { [SESSION_HEADER]: own }) }
      response = await fetch(path, { ...init, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error' })
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw new Problem(0, UNREACHED, 'the node does not answer')
    }
    if (response.ok) return response
    const problem = await problemOf(response)
    onProblem(problem)
    throw problem
  }
  const read = async <T>(response: Promise<Response>): Promise<T> => (await response).json() as Promise<T>
  const aborted = (signal: AbortSignal | undefined): RequestInit => (signal === undefined ? {} : { signal })

  return {
    get: (path, signal) => read(ask(path, { method: 'GET', ...aborted(signal) })),
    send: (method, path, body) =>
      read(ask(path, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) })),
    upload: (path, body, type) => read(ask(path, { method: 'POST', headers: { 'content-type': type }, body })),
    open: (path, headers, signal) => ask(path, { method: 'GET', headers, ...aborted(signal) }),
  }
}
