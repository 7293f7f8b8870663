/** Vectors other people published, read from beside the project when they are there. */
import { existsSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../../../shared/vectors/', import.meta.url)

/** Undefined, after saying so, when the folder is not here. */
export function publicVectors<T>(path: string): T | undefined {
  const file = new URL(path, FOLDER)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T
  console.log(`  not run: the public vectors ${path} are not beside the project`)
  return undefined
}

interface Wycheproof {
  readonly testGroups: readonly (Record<string, unknown> & { readonly tests: readonly WycheproofCase[] })[]
}
export interface WycheproofCase extends Record<string, unknown> {
  readonly tcId: number
  readonly comment?: string
  readonly flags: readonly string[]
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

/** The cases of one Wycheproof file, each with the fields of its group. */
export function wycheproof(name: string): WycheproofCase[] | undefined {
  const file = publicVectors<Wycheproof>(`wycheproof/${name}_test.json`)
  return file?.testGroups.flatMap(({ tests, ...group }) => tests.map((test) => ({ ...group, ...test })))
}

/** What to call a failing case. */
export const caseName = (test: WycheproofCase): string => `tcId ${test.tcId} (${[test.comment, ...test.flags].filter(Boolean).join(', ')})`
