/** A PostgreSQL of our own: one cluster for the run of the tests, made when it is first asked for, a fresh database each time. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'

const VERSIONS = '/usr/lib/postgresql'
const USER = 'postgres'

export interface Cluster {
  /** A new database. @returns its address */
  database(): Promise<string>
  /** Pulls its plug. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const programs = (): string | undefined =>
  existsSync(VERSIONS) ? readdirSync(VERSIONS).map((version) => path.join(VERSIONS, version, 'bin')).findLast((bin) => existsSync(path.join(bin, 'initdb'))) : undefined

/** Where there is none the tests say so; where all is installed (CI) that is an error. */
export function hasPostgres(): boolean {
  const has = programs() !== undefined
  if (!has && process.env['CI'] === 'true') throw new Error('PostgreSQL is not installed: .ci/run installs it')
  return has
}

/** It refuses to run as root. */
const asUser = (program: string, args: string[]): [string, string[]] => (process.getuid?.() === 0 ? ['runuser', ['-u', USER, '--', program, ...args]] : [program, args])

export async function startCluster(): Promise<Cluster> {
  const bin = programs()
  if (bin === undefined) throw new Error('PostgreSQL is not installed')
  const directory = mkdtempSync(path.join(tmpdir(), 'dure-postgres-'))
  const data = path.join(directory, 'data')
  chmodSync(directory, 0o755)
  if (process.getuid?.() === 0) execFileSync('chown', [USER, directory])
  const [initdb, initArgs] = asUser(path.join(bin, 'initdb'), ['-D', data, '-U', 'dure', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'])
  execFileSync(initdb, initArgs, { stdio: 'ignore', cwd: '/' })
  const port = await freePort()
  const url = (name: string): string => `postgres://dure@127.0.0.1:${port}/${name}`
  let server: ChildProcess | undefined
  let databases = 0

  async function ask(text: string): Promise<void> {
    const client = new pg.Client({ connectionString: url('postgres') })
    client.on('error', () => undefined)
    await client.connect()
    await client.query(text)
    await client.end()
  }

  async function start(): Promise<void> {
    const [program, args] = asUser(path.join(bin as string, 'postgres'), ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', '', '-c', 'max_connections=200'])
    server = spawn(program, args, { stdio: 'ignore', cwd: '/' })
    for (let tries = 0; ; tries++) {
      try {
        return await ask('SELECT 1')
      } catch (error) {
        if (tries > 300) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  async function end(mode: 'immediate' | 'fast'): Promise<void> {
    if (!server || server.exitCode !== null) return
    const gone = once(server, 'exit')
    const [program, args] = asUser(path.join(bin as string, 'pg_ctl'), ['-D', data, '-m', mode, 'stop'])
    execFileSync(program, args, { stdio: 'ignore', cwd: '/' })
    await gone
  }

  await start()
  return {
    async database() {
      const name = `test${++databases}`
      await ask(`CREATE DATABASE ${name}`)
      return url(name)
    },
    kill: () => end('immediate'),
    start,
    async stop() {
      await end('fast')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

let cluster: Promise<Cluster> | undefined
/** The one of this run. Whoever uses it stops it in `after`. */
export const sharedCluster = (): Promise<Cluster> => (cluster ??= startCluster())

export async function stopSharedCluster(): Promise<void> {
  const running = await cluster
  cluster = undefined
  await running?.stop()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
