/** Message hashes lately taken in: what comes again, by another queue or from a node that replays, is known (attack 60). */
import { toHex } from '../suite/index.ts'
import { SEEN } from './limits.ts'

/** Hashes in hex, the oldest first. */
export type Seen = readonly string[]

export const hasSeen = (seen: Seen, hash: Uint8Array): boolean => seen.includes(toHex(hash))

export const remember = (seen: Seen, hash: Uint8Array): Seen => (hasSeen(seen, hash) ? seen : [...seen, toHex(hash)].slice(-SEEN))
