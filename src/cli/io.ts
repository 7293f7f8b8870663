/** The world of a command: its streams, clock and questions. Tests hand in another one. */
import type { Readable, Writable } from 'node:stream'
import type * as app from './app-port.ts'

export type In = Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
export type Out = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }

/** Questions to the person. Each rejects with a CliError when the person turns away (Ctrl-C). */
export interface Ask {
  text(question: string, preset?: string): Promise<string>
  /** not shown while typed; may be empty */
  secret(question: string): Promise<string>
  yes(question: string): Promise<boolean>
}

export interface Io {
  readonly stdin: In
  readonly stdout: Out
  readonly stderr: Out
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ask: Ask
  now(): number
  /** Ctrl-C and its relatives; returns how to stop listening. */
  onInterrupt(listener: () => void): () => void
  /** The node itself, for the two commands that run it; nothing else loads it. */
  loadApp(): Promise<app.AppModule>
}

/** A refusal with words for the person: `dure: error: ...`, `dure: hint: ...`, and the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly hint: string | undefined
  readonly exitCode: 1 | 2
  readonly code: string

  constructor(message: string, hint?: string, options: { exitCode?: 1 | 2; code?: string } = {}) {
    super(message)
    this.hint = hint
    this.exitCode = options.exitCode ?? 1
    this.code = options.code ?? 'refused'
  }
}

export const usageError = (message: string, hint?: string): CliError => new CliError(message, hint, { exitCode: 2, code: 'usage' })
