/**
 * Which message took a number, by the commitment that is proven together with it. So a repeat is told from a second message: that of a
 * device which goes on from a state it had used before, whose words nobody can open any more (attacks 20, 21).
 */
import { concat, u32 } from '../suite/index.ts'
import { MAX_REMEMBERED } from './limits.ts'
import type { OldChain, RatchetState, ReceivingChain } from './state.ts'

/** Beginning of a commitment. Nobody but the peer makes one, and no peer gains by one that is like another: enough that none is by chance. */
const MARK = 8

/** n u32 | mark */
export const ENTRY = 4 + MARK

/** `entries` with one more at the end: they are in the order in which messages were opened. */
export const remember = (entries: Uint8Array, n: number, commitment: Uint8Array): Uint8Array => concat(entries, u32(n), commitment.subarray(0, MARK))

/** What a message is whose number is used, or whose key is no longer kept. */
export function judge(entries: Uint8Array, n: number, commitment: Uint8Array): 'duplicate' | 'forked' | 'forgotten' {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.length)
  for (let at = 0; at < entries.length; at += ENTRY) {
    if (view.getUint32(at) !== n) continue
    for (let i = 0; i < MARK; i++) if (entries[at + 4 + i] !== commitment[i]) return 'forked'
    return 'duplicate'
  }
  return 'forgotten'
}

/** The state with no more of them than the limit, those of the oldest chains dropped first; the same one when it is already. */
export function bounded(state: RatchetState): RatchetState {
  const { receiving, old } = state
  let excess = (receiving?.taken.length ?? 0) - MAX_REMEMBERED * ENTRY
  for (const { taken } of old) excess += taken.length
  if (excess <= 0) return state
  const trim = <C extends OldChain | ReceivingChain>(chain: C): C => {
    const dropped = Math.min(excess, chain.taken.length)
    excess -= dropped
    return dropped === 0 ? chain : { ...chain, taken: chain.taken.subarray(dropped) }
  }
  return { ...state, old: old.map(trim), ...(receiving && { receiving: trim(receiving) }) }
}
