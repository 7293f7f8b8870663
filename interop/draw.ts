/** The randomness of a request, in a form any language can repeat. For tests of protocols, never for keys that matter. */
import { concat, noble, type Random, u32 } from '../protocols/suite/index.ts'

/** SHA-512(seed | u32 0) | SHA-512(seed | u32 1) | ..., taken from the front. */
export function drawing(seed: Uint8Array): Random {
  let pool: Uint8Array = new Uint8Array(0)
  let counter = 0
  return (length) => {
    while (pool.length < length) pool = concat(pool, noble.hash(seed, u32(counter++)))
    const drawn = pool.slice(0, length)
    pool = pool.slice(length)
    return drawn
  }
}
