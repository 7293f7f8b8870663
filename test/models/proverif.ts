/** The models for ProVerif in `protocols`: which there are, what each says of its own outcomes, and what ProVerif says. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..', '..')
const SUITE = 'protocols/suite/model/suite.pvl'
/** Of one run: the longest takes half a minute. Under what else a machine has to do it is more */
const PATIENCE_MS = 20 * 60_000

/** One `model/*.pv` with one of the libraries beside it: the protocol as specified, or done wrong, or with something stolen. */
export interface ModelRun {
  readonly room: string
  /** from the root of the house */
  readonly file: string
  /** the library's name, without `.pvl` */
  readonly variant: string
  /** what the file says of each of its queries, in their order */
  readonly recorded: readonly Outcome[]
}

export type Outcome = 'true' | 'false' | 'unproved'

/** A line `   variant   true false` of the comment at the head of a file. */
const RECORD = /^ {3}([a-z][a-z0-9-]*) +((?:(?:true|false|unproved) *)+?)(?: \*\))?$/gm

const filesOf = (pattern: string): string[] => globSync(pattern, { cwd: ROOT }).map((file) => file.replaceAll(path.sep, '/')).sort()

const textOf = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

const runsIn = (file: string): ModelRun[] =>
  [...textOf(file).matchAll(RECORD)].map(([, variant, outcomes]) => ({
    room: file.split('/')[1]!,
    file,
    variant: variant!,
    recorded: outcomes!.trim().split(/ +/) as Outcome[],
  }))

export const models = (): string[] => filesOf('protocols/*/model/*.pv')
export const libraries = (): string[] => filesOf('protocols/*/model/*.pvl').filter((file) => file !== SUITE)
export const runs = (): ModelRun[] => models().flatMap(runsIn)
export const libraryOf = ({ file, variant }: ModelRun): string => `${path.posix.dirname(file)}/${variant}.pvl`
export const queriesOf = (file: string): number => [...textOf(file).matchAll(/^query /gm)].length

/** What runs ProVerif: `DURE_PROVERIF`, or what is on the PATH. Undefined where there is none. */
export function proverif(): string | undefined {
  const program = process.env['DURE_PROVERIF'] ?? 'proverif'
  return spawnSync(program, ['--help'], { encoding: 'utf8' }).error ? undefined : program
}

/**
 * What ProVerif says of each query, in their order.
 * @throws Error with the end of what it printed, when it did not come to an end in time or refused the file
 */
export function outcomesOf(program: string, run: ModelRun): Outcome[] {
  const args = ['-lib', SUITE, '-lib', libraryOf(run), run.file]
  const { stdout, stderr, status } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: PATIENCE_MS, maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status ?? 'no end in time'}\n${`${stdout}${stderr}`.slice(-1000)}`)
  const said = { 'is true': 'true', 'is false': 'false', 'cannot be proved': 'unproved' } as const
  return [...stdout.matchAll(/^RESULT .* (is true|is false|cannot be proved)\.$/gm)].map(([, words]) => said[words as keyof typeof said])
}
