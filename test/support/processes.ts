/** Real nodes in real processes: `bin/dure.js` as a person would run it, on loopback, each with a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { type Client, connect } from '../../src/client/index.ts'
import { connectPath } from '../../src/config.ts'

const DURE = path.join(import.meta.dirname, '../../bin/dure.js')
/** What a started node prints once it answers on its socket. */
const READY = /Ctrl-C/

const nodes = new Set<ChildProcess>()
// Nobody is left to end them.
process.on('exit', () => {
  for (const node of nodes) node.kill('SIGKILL')
})

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** One home and, while it runs, its node. */
export class Home {
  readonly directory: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #launcher: readonly string[]
  readonly #program: string
  #node: ChildProcess | undefined
  #said = ''

  /**
   * @param environment what its processes see beside the plain environment of these tests
   * @param launcher a command that runs the node, as `ip netns exec NAME` does
   * @param directory one that is there; none: a new one
   * @param program what runs in the place of bin/dure.js
   */
  constructor(environment: NodeJS.ProcessEnv = {}, launcher: readonly string[] = [], directory = mkdtempSync(path.join(tmpdir(), 'dure-')), program = DURE) {
    this.#launcher = launcher
    this.#program = program
    this.directory = directory
    this.#environment = { ...plainEnvironment(), ...environment }
  }

  /** What the running node has printed so far. */
  get said(): string {
    return this.#said
  }

  get pid(): number | undefined {
    return this.#node?.pid
  }

  get isRunning(): boolean {
    return this.#node !== undefined && this.#node.exitCode === null && this.#node.signalCode === null
  }

  /** The running node's door, for who has nothing to say of the command line: a command takes as long to start as a node does. */
  get client(): Client {
    return connect({ socketPath: connectPath(this.directory) })
  }

  /** Runs one command to its end. */
  async dure(...args: string[]): Promise<Outcome> {
    return this.dureWith('', ...args)
  }

  async dureWith(input: string, ...args: string[]): Promise<Outcome> {
    const child = spawn(process.execPath, [this.#program, ...args, '--home', this.directory], { env: this.#environment })
    child.stdin.end(input)
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }

  /** Runs one command that must succeed, and reads its `--json` lines. */
  async json<T = Record<string, unknown>>(...args: string[]): Promise<T[]> {
    const { code, stdout, stderr } = await this.dure(...args, '--json')
    if (code !== 0) throw new Error(`dure ${args.join(' ')} ended with ${code}: ${stderr}\nits node said:\n${this.#said}`)
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as T)
  }

  /** Resolves with what it said when the node is ready. */
  async start(name: string, ...args: string[]): Promise<string> {
    return this.startWith({}, name, ...args)
  }

  /** The same with more in the environment of this run. */
  async startWith(environment: NodeJS.ProcessEnv, name: string, ...args: string[]): Promise<string> {
    return this.#run(environment, 'start', '--name', name, '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--no-page', '--network', 'private', ...args)
  }

  /** With its page, which makes the identity the first time. */
  async startInPage(...args: string[]): Promise<string> {
    return this.#run({}, 'start', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--no-dht', '--network', 'private', ...args)
  }

  /** Listens where `args` say, as a relay would. Resolves with its link. */
  async startRelay(...args: string[]): Promise<string> {
    const said = await this.#run({}, 'relay', 'start', '--network', 'private', ...args)
    return /^DURE:\S+$/m.exec(said)?.[0] ?? ''
  }

  /** Listens where `args` say. */
  async startAt(name: string, ...args: string[]): Promise<string> {
    return this.#run({}, 'start', '--name', name, '--no-mdns', '--no-dht', '--no-page', '--network', 'private', ...args)
  }

  /** Listens where `args` say, on the network that its settings name. */
  async startAsKept(...args: string[]): Promise<string> {
    return this.#run({}, 'start', '--no-mdns', '--no-dht', '--no-page', ...args)
  }

  async #run(environment: NodeJS.ProcessEnv, command: string, ...args: string[]): Promise<string> {
    const [program = '', ...all] = [...this.#launcher, process.execPath, this.#program, command, ...args, '--home', this.directory]
    const node = spawn(program, all, { env: { ...this.#environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    nodes.add(node.once('exit', () => nodes.delete(node)))
    this.#node = node
    this.#said = ''
    node.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.#said += chunk))
    const lines = createInterface({ input: node.stdout })
    for await (const line of lines) {
      this.#said += `${line}\n`
      if (READY.test(line)) {
        lines.close()
        node.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.#said += chunk)).resume()
        return this.#said
      }
    }
    throw new Error(`the node ended before it was ready: ${this.#said}`)
  }

  /** `SIGINT` is Ctrl-C; `SIGKILL` is pulling the plug. Resolves with the exit code. */
  async end(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<number | null> {
    const node = this.#node
    if (!node || !this.isRunning) return node?.exitCode ?? null
    const ended = once(node, 'exit') as Promise<[number | null]>
    node.kill(signal)
    return (await ended)[0]
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL')
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** A shows a code, B answers it, A accepts; resolves when B knows. */
export async function pairHomes({ client: a }: Home, { client: b }: Home, names: { a: string; b: string }): Promise<void> {
  const { link } = await a.call('POST /v1/invites', { body: { inPerson: true } })
  await b.call('POST /v1/pair', { body: { link, scanned: false } })
  const request = (await a.call('GET /v1/requests')).find(({ name }) => name === names.b)
  await a.call('POST /v1/requests/{id}/accept', { params: { id: request?.id ?? '' } })
  await eventually(async () => (await b.call('GET /v1/contacts')).some(({ name, state }) => name === names.a && state === 'accepted'))
}

/** Asks again until it is so: what is awaited happens in another process, whose events this one cannot see. */
export async function eventually(check: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await check())) {
    if (Date.now() > end) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Nothing of the tester's own settings: neither a passphrase, nor options of Node, nor colours. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: tmpdir(), LANG: 'C.UTF-8', TERM: 'dumb' }
}
