/**
 * Why a mutant may live: `test/mutants/ROOM.json` names, for each machine, the line, what the mutant makes of it, and the reason. Lines are told by
 * their text and not by their number, so that a reason falls when its line is changed, and not when another is.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '../..')

export interface Reason {
  /** the line, without its indentation */
  readonly code: string
  /** what mutants make of it */
  readonly mutants: readonly string[]
  readonly why: string
}

/** A mutant as Stryker tells of it; lines and columns count from 1. */
export interface Mutant {
  readonly fileName: string
  readonly location: { readonly start: Place; readonly end: Place }
  readonly replacement: string
  readonly status: string
}

interface Place {
  readonly line: number
  readonly column: number
}

/** The line of a mutant before and after; what goes over several lines is told by the first of them. */
export interface Change {
  readonly code: string
  readonly mutant: string
}

export const reasonsOf = (room: string): Readonly<Record<string, readonly Reason[]>> => {
  const file = path.join(ROOT, `test/mutants/${room}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Reason[]>) : {}
}

export function changeOf(source: string, { location: { start, end }, replacement }: Mutant): Change {
  const lines = source.split('\n')
  const [first = '', last = ''] = [lines[start.line - 1], lines[end.line - 1]]
  const mutant = first.slice(0, start.column - 1) + replacement + last.slice(end.column - 1)
  return { code: first.trim(), mutant: mutant.replaceAll(/\s+/g, ' ').trim() }
}

/** What fell: by a test, by a loop that did not end, or as code that does not run at all. */
export const fell = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout' || status === 'RuntimeError'

export const isReasoned = (reasons: readonly Reason[], { code, mutant }: Change): boolean => reasons.some((reason) => reason.code === code && reason.mutants.includes(mutant))

/** Reasons for mutants that are not among the survivors. */
export const stale = (reasons: readonly Reason[], survivors: readonly Change[]): Change[] =>
  reasons
    .flatMap(({ code, mutants }) => mutants.map((mutant) => ({ code, mutant })))
    .filter((each) => !survivors.some(({ code, mutant }) => code === each.code && mutant === each.mutant))
