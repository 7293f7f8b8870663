/** What every command file builds on: the context a command runs in, and how it is put into the program. */
import type { Command } from 'commander'
import { homeDirectory } from '../config.ts'
import { Client } from './client.ts'
import { inertJson } from './inert.ts'
import type { Io } from './io.ts'
import { type Style, styleFor, type Times, timesFor } from './words.ts'

export interface Context {
  readonly io: Io
  readonly home: string
  readonly json: boolean
  readonly api: Client
  readonly style: Style
  readonly times: Times
  /** how a person types a command here: with `dure`, or `npm run dure --` in a checkout, and with their --home */
  dure(command: string): string
  /** how they start the node */
  readonly start: string
  /** One answer: a line of JSON, or what `say` makes of it. */
  answer<T>(value: T, say: (value: T) => string): void
  /** A line for people; nothing with --json. */
  tell(line: string): void
  /** A line for people beside the answer, on standard error. */
  warn(line: string): void
}

export type Register = (program: Command, run: Run) => void
type Handler<A extends unknown[], O> = (context: Context, args: A, options: O) => Promise<void> | void
export type Run = <A extends unknown[], O = Record<string, never>>(handler: Handler<A, O>) => (this: Command) => Promise<void>

export function runner(io: Io): Run {
  return (handler) =>
    async function (this: Command) {
      const { home, json } = this.optsWithGlobals<{ home?: string; json?: boolean }>()
      await handler(contextOf(io, home, json === true), this.processedArgs as never, this.opts() as never)
    }
}

function contextOf(io: Io, asked: string | undefined, json: boolean): Context {
  const home = homeDirectory(asked, io.env)
  const npm = io.env.npm_lifecycle_event === 'start' || io.env.npm_lifecycle_event === 'dure'
  const where = asked === undefined ? '' : ` --home ${shellWord(asked)}`
  const dure = (command: string): string => `${npm ? 'npm run dure --' : 'dure'} ${command}${where}`
  const start = (npm ? (where === '' ? 'npm start' : 'npm start --') : 'dure start') + where
  const write = (text: string): void => void io.stdout.write(`${text}\n`)
  return {
    io,
    home,
    json,
    api: new Client(home, `start it in another terminal: ${start}`),
    style: styleFor(io.stdout, io.env),
    times: timesFor(io.env),
    dure,
    start,
    answer: (value, say) => write(json ? inertJson(value) : say(value)),
    tell: (line) => {
      if (!json) write(line)
    },
    warn: (line) => void io.stderr.write(`${line}\n`),
  }
}

/** A word as a shell takes it whole. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

export const examples = (...lines: string[]): string => `\nExamples:\n${lines.map((line) => `  $ dure ${line}`).join('\n')}\n`
