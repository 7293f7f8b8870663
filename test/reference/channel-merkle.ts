/**
 * The trees of RFC 6962 once more, slowly: MTH, PATH and PROOF as section 2.1 writes them, over the data itself, and the
 * compact range by walking down the whole tree. Knows no incremental hashing, no levels, no shifts. Own SHA-256 calls.
 */
import { createHash } from 'node:crypto'

type Bytes = Uint8Array

const sha256 = (...parts: Bytes[]): Bytes => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())
const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])

/** "the largest power of two smaller than n" */
function k(n: number): number {
  let power = 1
  while (2 * power < n) power *= 2
  return power
}

export const leaf = (data: Bytes): Bytes => sha256(LEAF, data)

/** Merkle Tree Hash */
export function mth(d: readonly Bytes[]): Bytes {
  if (d.length === 0) return sha256()
  if (d.length === 1) return leaf(d[0] as Bytes)
  const middle = k(d.length)
  return sha256(NODE, mth(d.slice(0, middle)), mth(d.slice(middle)))
}

/** Merkle audit path of the entry m */
export function auditPath(m: number, d: readonly Bytes[]): Bytes[] {
  if (d.length === 1) return []
  const middle = k(d.length)
  if (m < middle) return [...auditPath(m, d.slice(0, middle)), mth(d.slice(middle))]
  return [...auditPath(m - middle, d.slice(middle)), mth(d.slice(0, middle))]
}

/** Merkle consistency proof of the first m entries */
export const consistency = (m: number, d: readonly Bytes[]): Bytes[] => subproof(m, d, true)

function subproof(m: number, d: readonly Bytes[], complete: boolean): Bytes[] {
  if (m === d.length) return complete ? [] : [mth(d)]
  const middle = k(d.length)
  if (m <= middle) return [...subproof(m, d.slice(0, middle), complete), mth(d.slice(middle))]
  return [...subproof(m - middle, d.slice(middle), false), mth(d.slice(0, middle))]
}

/** The largest complete subtrees inside [from, to), from the left: down from a tree that is larger than all. */
export function compactRange(from: number, to: number, d: readonly Bytes[]): Bytes[] {
  const walk = (low: number, high: number): Bytes[] => {
    if (high <= from || low >= to) return []
    if (low >= from && high <= to) return [mth(d.slice(low, high))]
    const middle = (low + high) / 2
    return [...walk(low, middle), ...walk(middle, high)]
  }
  return walk(0, 2 ** Math.ceil(Math.log2(d.length + 2)))
}

/** The root to which an audit path leads from the leaf hash of the entry m of n: PATH read backwards. Undefined: it has not as many hashes as it must. */
export function rootByPath(leafHash: Bytes, m: number, n: number, path: readonly Bytes[]): Bytes | undefined {
  if (n === 1) return path.length === 0 ? leafHash : undefined
  const beside = path.at(-1)
  if (!beside) return undefined
  const middle = k(n)
  const inside = m < middle ? rootByPath(leafHash, m, middle, path.slice(0, -1)) : rootByPath(leafHash, m - middle, n - middle, path.slice(0, -1))
  return inside && (m < middle ? sha256(NODE, inside, beside) : sha256(NODE, beside, inside))
}

/** The roots of the first m and of all n entries to which a consistency proof leads: SUBPROOF read backwards. `old` is the root of the first m. */
export function rootsByProof(m: number, n: number, old: Bytes, proof: readonly Bytes[], complete = true): { readonly old: Bytes; readonly all: Bytes } | undefined {
  if (m === n) {
    const same = complete ? old : proof[0]
    return same && proof.length === (complete ? 0 : 1) ? { old: same, all: same } : undefined
  }
  const beside = proof.at(-1)
  if (!beside) return undefined
  const middle = k(n)
  if (m <= middle) {
    const left = rootsByProof(m, middle, old, proof.slice(0, -1), complete)
    return left && { old: left.old, all: sha256(NODE, left.all, beside) }
  }
  const right = rootsByProof(m - middle, n - middle, old, proof.slice(0, -1), false)
  return right && { old: sha256(NODE, beside, right.old), all: sha256(NODE, beside, right.all) }
}
