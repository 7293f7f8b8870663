/** A real socket with a fake messenger behind it, and the command line in front of it, in this process or in its own. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type Api, createApi, createTokens, type Door, openDoor as openDoors } from '../../src/api/index.ts'
import type { AppModule } from '../../src/cli/app-port.ts'
import type { Ask, In, Io, Out } from '../../src/cli/io.ts'
import { run } from '../../src/cli/program.ts'
import { connectPath, socketIn } from '../../src/config.ts'
import { type FakeMessenger, fakeMessenger, LINK, START } from './fake-messenger.ts'

export interface Doorway {
  readonly home: string
  readonly messenger: FakeMessenger
  readonly door: Door
  readonly routes: Api['routes']
  readonly stopped: () => boolean
  readonly passphrases: (string | undefined)[]
  readonly warnings: string[]
  /** as a node that stops */
  stop(): Promise<void>
  close(): Promise<void>
}

/** Every door of these tests knows it: it may read channels. */
export const TOKEN = `dure_${'t'.repeat(43)}`
const TOKEN_HASH = createHash('sha256').update(TOKEN).digest('hex')
export const TOKEN_ID = TOKEN_HASH.slice(0, 8)

export const newHome = (): string => mkdtempSync(join(tmpdir(), 'dure-test-'))

/** @param page the page's port is opened too, with the files of this folder */
export async function openDoor(home = newHome(), page?: string): Promise<Doorway> {
  const messenger = fakeMessenger()
  const passphrases: (string | undefined)[] = []
  const warnings: string[] = []
  let stopped = false
  let kept = JSON.stringify([{ id: TOKEN_ID, name: 'follower', scopes: ['read:channels'], createdAt: START, hash: TOKEN_HASH }])
  const onStop = (): void => void (stopped = true)
  const door = await openDoors({ socketPath: socketIn(home), page: page === undefined ? undefined : { home, port: 0, root: page }, onStop })
  const api = await createApi({
    messenger,
    readCode: async () => LINK,
    tokens: createTokens({ read: () => kept, write: async (text) => void (kept = text) }, () => START),
    protection: { change: async (passphrase) => void passphrases.push(passphrase) },
    onStop,
    log: { info: () => {}, warn: (fact, data) => void warnings.push(`${fact} ${JSON.stringify(data)}`) },
  })
  door.serve(api)
  const stop = async (): Promise<void> => {
    await api.close()
    await door.close()
  }
  return {
    home,
    messenger,
    door,
    routes: api.routes,
    passphrases,
    warnings,
    stopped: () => stopped,
    stop,
    async close() {
      await stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** A bare request, as another program would make it. */
export function call(home: string, method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const asked = request({ socketPath: connectPath(home), method, path, headers: { ...json, ...headers }, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Typing {
  readonly input?: string
  readonly env?: Record<string, string>
  /** a terminal this wide */
  readonly columns?: number
  readonly ask?: Partial<Ask>
  readonly app?: AppModule
  readonly interrupt?: Promise<void>
}

/** Runs a command in this process, in the time zone of Seoul and an English of 24 hours. */
export async function dure(args: readonly string[], { input, env = {}, columns, ask = {}, app, interrupt }: Typing = {}): Promise<Result> {
  const stdout = collector(columns)
  const stderr = collector(columns)
  const stdin = new PassThrough() as In
  if (columns !== undefined) Object.assign(stdin, { isTTY: true })
  stdin.push(input ?? '')
  stdin.push(null)
  const unasked = (): never => {
    throw new Error('the test expected no question')
  }
  const io: Io = {
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { TZ: 'Asia/Seoul', LANG: 'en_GB.UTF-8', NO_COLOR: '1', ...env },
    ask: { text: unasked, secret: unasked, yes: unasked, ...ask },
    now: () => START,
    onInterrupt(listener) {
      void interrupt?.then(listener)
      return () => {}
    },
    loadApp: async () => app ?? unasked(),
  }
  const code = await run(args, io)
  return { code, out: stdout.text(), err: stderr.text() }
}

function collector(columns: number | undefined): { stream: Out; text: () => string } {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { stream: columns === undefined ? stream : Object.assign(stream, { isTTY: true, columns, rows: 24 }), text: () => text }
}

/** Runs bin/dure.js as a person's shell would. */
export function spawnDure(args: readonly string[], { input = '', env = {} }: Typing = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['bin/dure.js', ...args], { env: { ...process.env, ...env, NO_COLOR: '1', FORCE_COLOR: undefined }, stdio: 'pipe' })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.on('close', (code) => resolve({ code: code ?? -1, out, err }))
    child.stdin.end(input)
  })
}

/** Runs a program of `examples/` as its reader would. */
export function spawnExample(file: string, args: readonly string[], env: Record<string, string>): { ended: Promise<Result>; stop(): Promise<Result> } {
  const child = spawn(process.execPath, ['--conditions=source', join('examples', file), ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const ended = new Promise<Result>((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, out, err })))
  return {
    ended,
    stop() {
      child.kill()
      return ended
    },
  }
}
