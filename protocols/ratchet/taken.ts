/**
 * Which message took a number, by the commitment that is proven together with it. So a repeat is told from a second message: that of a
 * device which goes on from a state it had used before, whose words nobody can open any more (attacks 20, 21).
 */
import { MAX_REMEMBERED } from './limits.ts'
import type { OldChain, RatchetState, ReceivingChain } from './state.ts'

/** Beginning of a commitment. Nobody but the peer makes one, and no peer gains by one that is like another: enough that none is by chance. */
const MARK = 8

/** n u32 | mark */
export const ENTRY = 4 + MARK

/** Entries in the order in which messages were opened, in runs: only the last is written anew for a message. */
export type Taken = readonly Uint8Array[]

const RUN = 32 * ENTRY

export function remember(taken: Taken, n: number, commitment: Uint8Array): Taken {
  const last = taken.at(-1)
  const open = last && last.length < RUN ? last : new Uint8Array()
  const run = new Uint8Array(open.length + ENTRY)
  run.set(open)
  new DataView(run.buffer).setUint32(open.length, n)
  run.set(commitment.subarray(0, MARK), open.length + 4)
  return open === last ? taken.with(-1, run) : [...taken, run]
}

/** What a message is whose number is used, or whose key is no longer kept. */
export function judge(taken: Taken, n: number, commitment: Uint8Array): 'duplicate' | 'forked' | 'forgotten' {
  for (const run of taken) {
    const view = new DataView(run.buffer, run.byteOffset, run.length)
    for (let at = 0; at < run.length; at += ENTRY) {
      if (view.getUint32(at) !== n) continue
      for (let i = 0; i < MARK; i++) if (run[at + 4 + i] !== commitment[i]) return 'forked'
      return 'duplicate'
    }
  }
  return 'forgotten'
}

/** Of all entries, one after another. */
export const takenFrom = (entries: Uint8Array): Taken =>
  Array.from({ length: Math.ceil(entries.length / RUN) }, (_, place) => entries.subarray(place * RUN, (place + 1) * RUN))

export function takenSize(taken: Taken): number {
  let size = 0
  for (const { length } of taken) size += length
  return size
}

/** The state with no more of them than the limit: runs of the oldest chains go first. The same one when it is already. */
export function bounded(state: RatchetState): RatchetState {
  const { receiving, old } = state
  let excess = takenSize(receiving?.taken ?? []) - MAX_REMEMBERED * ENTRY
  for (const { taken } of old) excess += takenSize(taken)
  if (excess <= 0) return state
  const trim = <C extends OldChain | ReceivingChain>(chain: C): C => {
    let dropped = 0
    for (; excess > 0 && dropped < chain.taken.length; dropped++) excess -= (chain.taken[dropped] as Uint8Array).length
    return dropped === 0 ? chain : { ...chain, taken: chain.taken.slice(dropped) }
  }
  return { ...state, old: old.map(trim), ...(receiving && { receiving: trim(receiving) }) }
}
