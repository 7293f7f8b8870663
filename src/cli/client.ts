/** The local door as the commands use it: HTTP over the profile's socket. */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { sentEvents } from '../client/events.ts'
import { connectPath } from '../config.ts'
import type { EventView } from '../messenger/views.ts'
import { CliError } from './io.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Query = Readonly<Record<string, string | number | undefined>>

export interface StreamEvent {
  /** to come back with */
  readonly id: string | undefined
  /** undefined: events were missed that cannot be had again, read anew what you show */
  readonly event: EventView | undefined
}

/** A path with its parts escaped: path`/v1/contacts/${name}`. */
export function path(strings: TemplateStringsArray, ...parts: string[]): string {
  // encodeURIComponent refuses lone surrogates, which no name of a contact holds
  return strings.reduce((whole, string, i) => whole + encodeURIComponent((parts[i - 1] ?? '').toWellFormed()) + string)
}

export class Client {
  readonly #home: string
  readonly #startHint: string
  readonly #who: string

  /** @param who what should be running there */
  constructor(home: string, startHint: string, who = 'Dure') {
    this.#home = home
    this.#startHint = startHint
    this.#who = who
  }

  get<T>(route: string, query: Query = {}): Promise<T> {
    const pairs = Object.entries(query).filter((pair) => pair[1] !== undefined)
    const search = new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)])).toString()
    return this.call<T>('GET', search === '' ? route : `${route}?${search}`)
  }

  /** @throws CliError with the node's words when it refuses, or when no node runs */
  async call<T>(method: Method, route: string, body?: unknown): Promise<T> {
    const call = this.#request(method, route, body === undefined ? {} : { 'content-type': 'application/json' })
    call.end(body === undefined ? undefined : JSON.stringify(body))
    return JSON.parse(await text(await this.#answer(call))) as T
  }

  /** Bytes that are no JSON: a picture of a channel. */
  async bytes(route: string): Promise<Buffer> {
    const call = this.#request('GET', route)
    call.end()
    const chunks: Buffer[] = []
    for await (const chunk of (await this.#answer(call)) as AsyncIterable<Buffer>) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  /** Lines of an archive as the node writes them: of the whole profile, or of one channel. */
  async *exported(route = '/v1/export'): AsyncIterable<string> {
    const call = this.#request('GET', route)
    call.end()
    yield* (await this.#answer(call)).setEncoding('utf8') as AsyncIterable<string>
  }

  async imported<T>(archive: AsyncIterable<Buffer>, route = '/v1/import'): Promise<T> {
    const call = this.#request('POST', route, { 'content-type': 'application/jsonl' })
    const answer = this.#answer(call)
    answer.catch(() => {})
    for await (const chunk of archive) {
      if (call.destroyed) break
      if (!call.write(chunk)) await Promise.race([once(call, 'drain'), answer])
    }
    call.end()
    return JSON.parse(await text(await answer)) as T
  }

  /** Events from the moment the first `next` resolved its request on; ends when the node stops. */
  async events(stop: AbortSignal, lastId?: string): Promise<AsyncIterable<StreamEvent>> {
    const call = this.#request('GET', '/v1/events', lastId === undefined ? {} : { 'last-event-id': lastId })
    stop.addEventListener('abort', () => call.destroy(), { once: true })
    call.end()
    return parseEvents(await this.#answer(call))
  }

  #request(method: Method, route: string, headers: Record<string, string> = {}): ClientRequest {
    return request({ socketPath: connectPath(this.#home), method, path: route, headers, agent: false })
  }

  async #answer(call: ClientRequest): Promise<IncomingMessage> {
    let answer: IncomingMessage
    try {
      ;[answer] = (await once(call, 'response')) as [IncomingMessage]
    } catch (error) {
      throw unreachable(error as NodeJS.ErrnoException, this.#startHint, this.#who)
    }
    if (answer.statusCode !== undefined && answer.statusCode < 300) return answer
    throw refusal(await text(answer))
  }
}

async function text(answer: IncomingMessage): Promise<string> {
  let whole = ''
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) whole += chunk
  return whole
}

function unreachable(error: NodeJS.ErrnoException, startHint: string, who: string): CliError {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTDIR':
      return new CliError(`${who} is not running`, startHint, { code: 'not-running' })
    case 'EACCES':
    case 'EPERM':
      return new CliError('this profile belongs to another user', 'choose yours with --home', { code: 'not-yours' })
    default:
      return new CliError('the node stopped while it was asked', startHint, { code: 'not-running' })
  }
}

function refusal(body: string): CliError {
  try {
    const { detail, hint, code } = JSON.parse(body) as { detail: string; hint?: string; code: string }
    return new CliError(detail, hint, { code })
  } catch {
    return new CliError('the node gave an answer that makes no sense', 'is it another version of Dure? stop and start it')
  }
}

async function* parseEvents(answer: IncomingMessage): AsyncIterable<StreamEvent> {
  for await (const { id, type, data } of sentEvents(answer.setEncoding('utf8') as AsyncIterable<string>)) {
    yield { id, event: type === 'reset' ? undefined : (JSON.parse(data) as EventView) }
  }
}
