/** One target, fed until it is told to stop: what reaches new code is kept and changed again. */
import { type Random, toHex } from '../../protocols/suite/index.ts'
import type { Coverage } from './coverage.ts'
import { dice, mutated } from './mutate.ts'
import type { Target } from './targets.ts'

/** No input may take longer, on whatever machine: it stands for "hangs". */
export const MAX_MS = 2_000
/** What one input may take, garbage included. Generous: nothing we decode is larger than a few megabytes. */
export const MAX_BYTES = 64 * 1024 * 1024

/** Changes until each kind of them ran. */
const WARM = 200

export interface Finding {
  readonly target: string
  readonly input: string
  readonly what: string
}

/** An error that says what was wrong with the input; everything else is a fault of ours. */
export const isVerdict = (error: unknown): boolean =>
  error instanceof Error && error.constructor !== Error && !(error instanceof TypeError) && !(error instanceof RangeError) && !(error instanceof SyntaxError) && !(error instanceof ReferenceError)

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** @returns what is wrong with how the target took it, undefined where nothing is */
export async function feed({ name, take, throws = isVerdict }: Target, input: Uint8Array): Promise<Finding | undefined> {
  const fault = (what: string): Finding => ({ target: name, input: toHex(input), what })
  const before = toHex(input)
  const [begun, held] = [performance.now(), memory()]
  try {
    await take(input)
  } catch (error) {
    if (!throws(error)) return fault(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  if (performance.now() - begun > MAX_MS) return fault(`took ${Math.round(performance.now() - begun)} ms`)
  if (memory() - held > MAX_BYTES) return fault(`took ${memory() - held} bytes`)
  return toHex(input) === before ? undefined : fault('changed its input')
}

export interface Fed {
  readonly runs: number
  readonly findings: readonly Finding[]
  /** inputs that reached code no earlier one did, seeds not among them */
  readonly found: readonly Uint8Array[]
}

/** @param coverage without it nothing new is told apart, and nothing kept */
export async function fuzz(target: Target, kept: readonly Uint8Array[], options: { random: Random; goesOn(runs: number): boolean; coverage?: Coverage }): Promise<Fed> {
  const { random, goesOn, coverage } = options
  const chance = dice(random)
  const pool = [...target.seeds, ...kept, new Uint8Array()]
  const findings: Finding[] = []
  const found: Uint8Array[] = []
  for (const input of pool) {
    const finding = await feed(target, input)
    if (finding) findings.push(finding)
  }
  // what changing them runs is not what they reach
  for (let n = 0; n < WARM && coverage; n++) mutated(chance.of(pool), chance.of(pool), chance)
  coverage?.fresh()
  let runs = 0
  for (; goesOn(runs); runs++) {
    const input = mutated(chance.of(pool), chance.of(pool), chance)
    const finding = await feed(target, input)
    if (finding && !findings.some(({ what }) => firstLine(what) === firstLine(finding.what))) findings.push(finding)
    if (coverage && coverage.fresh() > 0) {
      pool.push(input)
      found.push(input)
    }
  }
  return { runs, findings, found }
}

const firstLine = (text: string): string => text.split('\n', 2).join(' ')
