/** What every part of the messenger shares. Parts hold state of their own and meet only through this and each other's methods. */
import type { Suite } from '../../protocols/suite/index.ts'
import type { Events } from './events.ts'
import type { Change, Clock, Courier, Random, Store } from './ports.ts'

export interface Context {
  readonly suite: Suite
  readonly store: Store
  readonly courier: Courier
  readonly clock: Clock
  readonly random: Random
  readonly events: Events
  readonly log: Log
}

/** Facts for the operator; never names, texts, keys or invites. */
export interface Log {
  info(fact: string, data?: Record<string, string | number>): void
  warn(fact: string, data?: Record<string, string | number>): void
}

/** One step's outcome: what to store in one transaction, and what to tell once it is durable. */
export interface Step {
  readonly changes: Change[]
  readonly afterwards: (() => void)[]
}

export const newStep = (): Step => ({ changes: [], afterwards: [] })

/** Makes a step durable, then tells. Nothing leaves the device and nobody hears of it before. */
export async function commit(context: { readonly store: Pick<Store, 'commit'> }, step: Step): Promise<void> {
  await context.store.commit(step.changes)
  for (const tell of step.afterwards) tell()
}
