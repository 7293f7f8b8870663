/** The interop door as its users have it: a process of its own that is asked by lines. */
import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = path.join(import.meta.dirname, '../..')

export interface Said {
  readonly id: unknown
  readonly ok?: Record<string, unknown>
  readonly error?: { readonly name: string; readonly code: string; readonly what?: string }
}

/** The program that `npm run interop` starts. */
export function doorProgram(): string {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const [node, program = ''] = (scripts['interop'] ?? '').split(' ')
  assert.equal(node, 'node')
  return path.join(ROOT, program)
}

export class InteropDoor {
  readonly process: ChildProcessWithoutNullStreams
  readonly #waiting: ((line: string | undefined) => void)[] = []
  stderr = ''
  #asked = 0

  constructor(...options: string[]) {
    this.process = spawn(process.execPath, [...options, doorProgram()], { env: { PATH: process.env['PATH'] } })
    this.process.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk))
    this.process.stdin.on('error', () => undefined) // a door that ended shows by the answers that do not come
    createInterface({ input: this.process.stdout })
      .on('line', (line) => this.#waiting.shift()?.(line))
      .on('close', () => this.#waiting.splice(0).forEach((settle) => settle(undefined)))
  }

  /** The answer to one line, whatever the line is. */
  async line(line: string | Uint8Array): Promise<string> {
    const answer = new Promise<string | undefined>((resolve) => this.#waiting.push(resolve))
    this.process.stdin.write(line)
    this.process.stdin.write('\n')
    const text = await answer
    if (text === undefined) throw new Error(`the door has ended: ${this.stderr}`)
    return text
  }

  async say(name: string, fields: Record<string, unknown> = {}): Promise<Said> {
    const id = ++this.#asked
    const said = JSON.parse(await this.line(JSON.stringify({ id, do: name, with: fields }))) as Said
    assert.equal(said.id, id, 'answers come in order')
    return said
  }

  /** What it answers when it does what it is asked. */
  async ask<T extends Record<string, unknown> = Record<string, string>>(name: string, fields: Record<string, unknown> = {}): Promise<T> {
    const { ok, error } = await this.say(name, fields)
    if (!ok) throw new Error(`${name}: ${JSON.stringify(error)}`)
    return ok as T
  }

  /** The code with which it refuses. */
  async refusal(name: string, fields: Record<string, unknown> = {}): Promise<string> {
    const { ok, error } = await this.say(name, fields)
    assert.equal(ok, undefined, `${name} was to be refused`)
    return error?.code ?? ''
  }

  async end(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode
    const ended = once(this.process, 'exit') as Promise<[number | null]>
    this.process.stdin.end()
    return (await ended)[0]
  }
}
