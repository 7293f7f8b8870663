/** What a person waits for: `dure start` until it says it is ready, and the memory it sits in, with nothing stored and with a long history. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createProfile } from '../src/app.ts'
import { openStore } from '../src/store/index.ts'
import { fillHistory } from '../test/support/long-history.ts'
import type { Figure } from './figure.ts'

const DURE = path.join(import.meta.dirname, '../bin/dure.js')
const SIZES = process.argv.includes('--full') ? [0, 10_000, 100_000, 1_000_000] : [0, 10_000, 100_000]
const STARTS = 5
/** Long enough for the first connections to be done with. */
const IDLE_MS = 5_000

export async function run(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const size of SIZES) {
    const home = mkdtempSync(path.join(tmpdir(), 'dure-bench-'))
    try {
      await createProfile({ home, name: 'Ann', unlock: 'key-file' })
      await fillHistory(home, 'c0'.repeat(32), size)
      await indexed(home)
      await stop((await start(home)).node) // the first start compiles
      const times: number[] = []
      for (let i = 0; i < STARTS; i++) {
        const started = await start(home)
        times.push(started.ms)
        if (i === STARTS - 1) {
          await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
          figures.push({ name: `idle node, ${size.toLocaleString('en')} messages`, value: residentMiB(started.node), unit: 'MiB' })
        }
        await stop(started.node)
      }
      const median = times.toSorted((a, b) => a - b)[STARTS >> 1] ?? Number.NaN
      figures.push({ name: `start to ready, ${size.toLocaleString('en')} messages`, value: median, unit: 'ms', note: '(goal: 1,500)' })
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  }
  return figures
}

/** A history that comes at once is indexed for seconds afterwards, in twice the memory that a node sits in. */
async function indexed(home: string): Promise<void> {
  const store = await openStore({ home, unlock: 'key-file' })
  while (store.indexing()) await new Promise((resolve) => setTimeout(resolve, 50))
  store.close()
}

async function start(home: string): Promise<{ node: ChildProcess; ms: number }> {
  const begin = performance.now()
  const node = spawn(process.execPath, [DURE, 'start', '--home', home, '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--no-page', '--network', 'private'], { stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const line of createInterface({ input: node.stdout })) {
    if (line.includes('Ctrl-C')) break
  }
  node.stdout.resume()
  return { node, ms: performance.now() - begin }
}

async function stop(node: ChildProcess): Promise<void> {
  node.kill('SIGINT')
  await once(node, 'exit')
}

/** VmRSS of Linux; elsewhere not measured. */
function residentMiB(node: ChildProcess): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${node.pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}
