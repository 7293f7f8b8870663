/** The port a browser comes through: 127.0.0.1 and nothing else. What it may ask, and what it must show for it, is judged here. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fromHex } from '../../../protocols/suite/index.ts'
import { ConfigError } from '../../config.ts'
import { problem } from '../problem.ts'
import type { Rights, Scope } from '../rights.ts'
import { closeSoon } from '../socket.ts'
import { type PageFile, readPage } from './files.ts'
import { hostsOf, judge, type Refusal } from './guard.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { createPasses, type Passes, SESSION_LIFETIME_MS } from './passes.ts'
import { keepPageSettings, pageSettings } from './settings.ts'

/** "DURE" on a telephone's keys. The next run keeps whatever the first one got. */
const DEFAULT_PORT = 3873
const LOOPBACK = '127.0.0.1'
/** A ticket, with room for what surrounds it. */
const MAX_EXCHANGE_BYTES = 1024
/** Wrong passes are answered ever more slowly, up to this: nobody guesses 192 bits, and nobody is to try at speed. */
const SLOWEST_REFUSAL_MS = 2_000

export interface PagePort {
  /** http://127.0.0.1:PORT */
  readonly origin: string
  /** An address that opens the page once. Its ticket stands behind the #, which no browser sends anywhere (attack 92). */
  link(): string
  close(): Promise<void>
}

export interface PagePortOptions {
  /** where the port and the secret are kept */
  readonly home: string
  /** undefined: that of the last run, or any when it is taken. 0: any */
  readonly port: number | undefined
  /** where the built page is */
  readonly root: string
  /** A request that may be answered, and what it may ask. */
  readonly answer: (request: IncomingMessage, response: ServerResponse, rights: Rights) => void
  /** of a token a program shows; undefined when there is no such token */
  readonly scopesOf: (token: string) => ReadonlySet<Scope> | undefined
}

/** @throws ConfigError when the port that was asked for is taken */
export async function openPagePort({ home, port, root, answer, scopesOf }: PagePortOptions): Promise<PagePort> {
  const kept = pageSettings(home)
  const passes = createPasses(fromHex(kept.secret), Date.now)
  const files = readPage(root)
  const server = createServer()
  const bound = await listen(server, port, kept.port)
  keepPageSettings(home, { ...kept, port: bound })
  const hosts = hostsOf(bound)
  const refuseSlowly = slowly()

  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    const { method = '', url = '', headers } = request
    const [path = ''] = url.split('?', 1)
    const refusal = judge({ method, path, headers }, hosts)
    if (refusal !== undefined) return say(response, 403, refusal, WORDS[refusal])
    if (!path.startsWith('/v1/')) return sendFile(request, response, files, path)
    response.setHeader('cache-control', 'no-store')
    if (path === '/v1/session' && method === 'POST') return void exchange(request, response, passes, bound, refuseSlowly)
    const token = tokenOf(request)
    if (token !== undefined) {
      const scopes = scopesOf(token)
      return scopes ? answer(request, response, scopes) : refuseSlowly(response, () => say(response, 401, 'no-token', 'there is no such token', '`dure token create` makes one'))
    }
    if (passes.admits(cookieOf(request, bound), header(request, 'x-dure-session'))) return answer(request, response, 'person')
    return refuseSlowly(response, () => say(response, 401, 'no-session', 'this browser was not let in', 'open the page with `dure open`; a program shows a token'))
  })
  // Nothing here speaks anything but HTTP (attack 91).
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n'))

  const origin = `http://${LOOPBACK}:${bound}`
  return { origin, link: () => `${origin}/#open=${passes.ticket()}`, close: () => closeSoon(server) }
}

const WORDS: Readonly<Record<Refusal, string>> = {
  'wrong-host': 'this port answers to 127.0.0.1 and localhost only',
  'foreign-origin': 'another page asked: only Dure’s own page may',
  'foreign-site': 'another site asked: only Dure’s own page may',
}

async function listen(server: Server, wished: number | undefined, last: number): Promise<number> {
  for (const port of wished === undefined ? [last || DEFAULT_PORT, 0] : [wished]) {
    try {
      server.listen(port, LOOPBACK)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new ConfigError(`port ${wished} of this machine is taken`, 'choose another --api-port, or none: then a free one is found')
}

/** Cookies are of a host, whatever the port: another node of this machine has another name for its own. */
const cookieName = (port: number): string => `dure-${port}`

function cookieOf(request: IncomingMessage, port: number): string | undefined {
  const start = `${cookieName(port)}=`
  return request.headers.cookie?.split(/; */).find((each) => each.startsWith(start))?.slice(start.length)
}

/** Of a program. A browser sends none by itself, so no other page can make it ask with one. */
const tokenOf = (request: IncomingMessage): string | undefined => /^Bearer (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1]

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

async function exchange(request: IncomingMessage, response: ServerResponse, passes: Passes, port: number, refuseSlowly: SlowRefusal): Promise<void> {
  const ticket = await ticketIn(request)
  const session = ticket === undefined ? undefined : passes.exchange(ticket)
  if (!session) return refuseSlowly(response, () => say(response, 401, 'no-session', 'this address was used already, or is too old', 'open the page with `dure open`'))
  const cookie = `${cookieName(port)}=${session.cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_LIFETIME_MS / 1000}`
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': cookie }).end(JSON.stringify({ session: session.header }))
}

async function ticketIn(request: IncomingMessage): Promise<string | undefined> {
  if (request.headers['content-type']?.split(';')[0] !== 'application/json') return undefined
  try {
    let text = ''
    for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) if ((text += chunk).length > MAX_EXCHANGE_BYTES) return undefined
    const { token } = JSON.parse(text) as { token?: unknown }
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

type SlowRefusal = (response: ServerResponse, refuse: () => void) => void

function slowly(): SlowRefusal {
  let failures = 0
  return (response, refuse) => {
    const timer = setTimeout(() => {
      failures--
      refuse()
    }, Math.min(SLOWEST_REFUSAL_MS, 2 ** Math.min(failures++, 12)))
    response.on('close', () => clearTimeout(timer))
  }
}

function sendFile({ method, headers }: IncomingMessage, response: ServerResponse, files: ReadonlyMap<string, PageFile>, path: string): void {
  if (method !== 'GET' && method !== 'HEAD') return say(response, 405, 'bad-input', 'files of the page can be read')
  const file = files.get(path)
  if (!file) return files.size === 0 ? say(response, 503, 'not-built', 'the page was not built', '`npm start` builds it') : say(response, 404, 'no-route', 'there is no such file')
  response.setHeader('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  response.setHeader('etag', file.etag)
  if (headers['if-none-match'] === file.etag) return void response.writeHead(304).end()
  response.writeHead(200, { 'content-type': file.type, 'content-length': file.bytes.length }).end(method === 'HEAD' ? undefined : file.bytes)
}

function say(response: ServerResponse, status: number, code: string, detail: string, hint?: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem(status, code, detail, hint)))
}
