/** Names of what is said. */
import { concat, toHex, u64 } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import type { DeviceKey, MessageId } from './ports.ts'

const TIME_BYTES = 6
const RANDOM_BYTES = 10

/**
 * 48 bits of the time in ms, then 80 random bits, as a UUID version 7 has them: unique without asking anybody, and in the order
 * they were made, so that the store's indexes grow at their end instead of all over.
 */
export function newId(context: Context): MessageId {
  return toHex(concat(u64(context.clock.now()).subarray(8 - TIME_BYTES), context.random(RANDOM_BYTES)))
}

/** Characters of a relay's key that name it for people. */
const RELAY_NAME = 8

export const relayName = (peer: DeviceKey): string => peer.slice(0, RELAY_NAME)
