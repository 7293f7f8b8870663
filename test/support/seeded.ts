/** Repeatable randomness for tests: the same seed, the same bytes. Not for keys that matter. */
import { createHash } from 'node:crypto'
import type { Random } from '../../protocols/suite/index.ts'

export function seededRandom(seed: number): Random {
  let counter = 0
  let pool = new Uint8Array()
  return (n) => {
    while (pool.length < n) {
      const block = createHash('sha512').update(`${seed}/${counter++}`).digest()
      const grown = new Uint8Array(pool.length + block.length)
      grown.set(pool)
      grown.set(block, pool.length)
      pool = grown
    }
    const out = pool.slice(0, n)
    pool = pool.slice(n)
    return out
  }
}
