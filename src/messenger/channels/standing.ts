/** How far a copy of a channel goes: what is held, what is missing, what was stopped. */
import { type Channel, type Missing, missing } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { certificatesOf } from './keys.ts'
import type { Known } from './shelf.ts'
import type { ChannelProofView } from './views.ts'

/** Entries stored here, over all logs. */
export function heldOf({ state, floors }: Known): number {
  if (!state) return 0
  return state.root.size + [...state.logs].reduce((sum, [log, { size }]) => sum + size - (floors.get(log) ?? 0), 0)
}

export function frozenText({ frozen, forks }: Channel): string | undefined {
  if (frozen !== undefined) return 'its root key signed two entries with one number; only a rotation to the announced key can heal this'
  if (forks.size === 0) return undefined
  return `${forks.size === 1 ? 'an author' : `${forks.size} authors`} signed two entries with one number; nothing more of them is taken until the brand ends that key`
}

/** Entries that signed heads speak of and nobody has given us. */
export const missingViews = (state: Channel): ChannelProofView['missing'] =>
  missing(state).map((each) => ({ author: authorName(state, each.log), from: each.from, to: each.to, saidBy: authorName(state, each.saidBy) }))

/** Name of whose log it is; the root log is the brand's own. */
export function authorName(state: Channel, log: Missing['log']): string {
  const id = toHex(log)
  return id === toHex(state.id) ? 'root' : (certificatesOf(state, id).at(-1)?.name ?? id.slice(0, 8))
}
