/** Inputs that once reached code nothing else had: one file a target, kept with the tests. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fromHex, toHex } from '../../protocols/suite/index.ts'

/** A file of a target stays small enough to be read as a diff. */
const MAX_KEPT = 200
const MAX_LENGTH = 4_096

const fileOf = (target: string): string => path.join(import.meta.dirname, 'corpus', `${target.replace(/[ /]/g, '-')}.json`)

export function readCorpus(target: string): Uint8Array[] {
  const file = fileOf(target)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]).map(fromHex) : []
}

/** The shortest are kept. @returns how many there are now */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): number {
  const kept = [...new Set(inputs.filter(({ length }) => length <= MAX_LENGTH).map(toHex))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, MAX_KEPT)
  if (kept.length > 0) writeFileSync(fileOf(target), `${JSON.stringify(kept, undefined, 1)}\n`)
  return kept.length
}
