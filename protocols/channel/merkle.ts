/**
 * The Merkle tree of a log: RFC 6962 with SHA-256, so that anyone can check it with tools of their own. Writers and
 * followers carry only the compact range of [0, size), here called a frontier.
 */
import type { Suite } from '../suite/index.ts'

export type MerkleErrorCode = 'range' | 'length' | 'hash' | 'root'

const REASONS = {
  range: 'the numbers name no part of such a tree',
  length: 'the proof has not as many hashes as it must',
  hash: 'a hash is not 32 bytes',
  root: 'it does not lead to the root',
}

/** A proof that proves nothing. */
export class MerkleError extends Error {
  override readonly name = 'MerkleError'
  readonly code: MerkleErrorCode

  constructor(code: MerkleErrorCode) {
    super(`proof refused: ${REASONS[code]}`)
    this.code = code
  }
}

export const HASH = 32
/** Every so many levels a store keeps hashes: one for 255 entries is no burden, and what is between is made from at most 256 of those below. */
export const TILE_HEIGHT = 8

/** Compact range of [0, size): hashes of the largest complete subtrees, from the left. One for each bit set in `size`. */
export interface Frontier {
  readonly size: number
  readonly nodes: readonly Uint8Array[]
}

/** Hash of the complete subtree over the leaves `index << level` .. `((index + 1) << level) - 1`; level 0 is the leaf hash itself. */
export type Subtree = (level: number, index: number) => Uint8Array

/** A complete subtree that has just been finished, of a level that is kept. */
export interface Grown {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

/** What is to the left and to the right of the leaves [from, to): the compact ranges of [0, from) and of [to, size). */
export interface RangeProof {
  readonly left: readonly Uint8Array[]
  readonly right: readonly Uint8Array[]
}

export const emptyFrontier: Frontier = { size: 0, nodes: [] }

const LEAF = new Uint8Array([0])

export const leafHash = (suite: Suite, bytes: Uint8Array): Uint8Array => suite.sha256(LEAF, bytes)

/** Used again for every node: 65 bytes are more than V8 makes cheaply, and would cost as much as the hash. */
const pair = new Uint8Array(1 + 2 * HASH)
pair[0] = 1

/** Both 32 bytes. */
export function nodeHash(suite: Suite, left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1)
  pair.set(right, 1 + HASH)
  return suite.sha256(pair)
}

/** MTH of the leaves behind the frontier; of none, the hash of nothing. */
export function treeRoot(suite: Suite, frontier: Frontier): Uint8Array {
  return fold(suite, frontier.nodes) ?? suite.sha256()
}

/** The frontier with one leaf more, and the subtrees of kept levels (multiples of `TILE_HEIGHT` above 0) which that leaf finished. */
export function grow(suite: Suite, frontier: Frontier, leaf: Uint8Array): { frontier: Frontier; grown: Grown[] } {
  const grown: Grown[] = []
  const nodes = frontier.nodes.slice()
  let hash = leaf
  let level = 0
  // The lowest bits set are subtrees as large as what has just been finished beside them.
  for (let rest = frontier.size; rest % 2 === 1; rest = (rest - 1) / 2) {
    hash = nodeHash(suite, nodes.pop() as Uint8Array, hash)
    level++
    if (level % TILE_HEIGHT === 0) grown.push({ level, index: (rest - 1) / 2, hash })
  }
  nodes.push(hash)
  return { frontier: { size: frontier.size + 1, nodes }, grown }
}

/**
 * Every subtree of a log, from its leaf hashes and the hashes kept of the levels that are multiples of `TILE_HEIGHT`;
 * what `kept` does not have is made from what is below it.
 */
export function subtreesOf(suite: Suite, leaf: (seq: number) => Uint8Array, kept: (level: number, index: number) => Uint8Array | undefined): Subtree {
  const subtree: Subtree = (level, index) => {
    if (level === 0) return leaf(index)
    const known = level % TILE_HEIGHT === 0 ? kept(level, index) : undefined
    return known ?? nodeHash(suite, subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))
  }
  return subtree
}

export function frontierAt(size: number, subtree: Subtree): Frontier {
  return { size, nodes: coverings(0, size).map(({ level, index }) => subtree(level, index)) }
}

/** How many hashes the frontier of so many leaves has. */
export const frontierLength = (size: number): number => coverings(0, size).length

// ---------------------------------------------------------------- ranges

/** @throws MerkleError range: not 0 <= from < to <= size */
export function rangeProof(from: number, to: number, size: number, subtree: Subtree): RangeProof {
  inRange(from, to, size)
  const hashes = (start: number, end: number): Uint8Array[] => coverings(start, end).map(({ level, index }) => subtree(level, index))
  return { left: hashes(0, from), right: hashes(to, size) }
}

/**
 * Are these the leaves from number `from` on, of the tree of that size and root? Gives the frontier before them.
 * @throws MerkleError
 */
export function verifyRange(suite: Suite, leaves: readonly Uint8Array[], from: number, size: number, root: Uint8Array, proof: RangeProof): Frontier {
  const to = from + leaves.length
  inRange(from, to, size)
  const right = coverings(to, size)
  if (proof.left.length !== frontierLength(from) || proof.right.length !== right.length) throw new MerkleError('length')
  for (const hash of [...leaves, ...proof.left, ...proof.right, root]) whole(hash)
  const nodes = proof.left.slice()
  let have = from
  const add = (level: number, hash: Uint8Array): void => {
    const width = 2 ** level
    let top = hash
    for (let rest = have / width; rest % 2 === 1; rest = (rest - 1) / 2) top = nodeHash(suite, nodes.pop() as Uint8Array, top)
    nodes.push(top)
    have += width
  }
  for (const leaf of leaves) add(0, leaf)
  right.forEach(({ level }, i) => add(level, proof.right[i] as Uint8Array))
  sameRoot(suite, fold(suite, nodes), root)
  return { size: from, nodes: proof.left }
}

// ---------------------------------------------------------------- one leaf (RFC 9162 section 2.1.3)

/** PATH(index, D[size]). @throws MerkleError range */
export function inclusionProof(suite: Suite, index: number, size: number, subtree: Subtree): Uint8Array[] {
  inRange(index, index + 1, size)
  const path: Uint8Array[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + split(to - from)
    const inLeft = index < middle
    path.push(inLeft ? hashOf(suite, middle, to, subtree) : hashOf(suite, from, middle, subtree))
    if (inLeft) to = middle
    else from = middle
  }
  return path.reverse()
}

/** @throws MerkleError */
export function verifyInclusion(suite: Suite, leaf: Uint8Array, index: number, size: number, root: Uint8Array, proof: readonly Uint8Array[]): void {
  inRange(index, index + 1, size)
  for (const hash of [leaf, ...proof, root]) whole(hash)
  let place = index
  let last = size - 1
  let hash = leaf
  for (const beside of proof) {
    if (last === 0) throw new MerkleError('length')
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(suite, beside, hash)
      for (; place % 2 === 0 && place !== 0; last = half(last)) place = half(place)
    } else hash = nodeHash(suite, hash, beside)
    place = half(place)
    last = half(last)
  }
  if (last !== 0) throw new MerkleError('length')
  sameRoot(suite, hash, root)
}

// ---------------------------------------------------------------- two sizes (RFC 9162 section 2.1.4)

/** PROOF(first, D[second]): nothing for equal sizes. @throws MerkleError range: not 0 < first <= second */
export function consistencyProof(suite: Suite, first: number, second: number, subtree: Subtree): Uint8Array[] {
  inRange(0, first, second)
  const path: Uint8Array[] = []
  let from = 0
  let to = second
  while (to > first) {
    const middle = from + split(to - from)
    const inLeft = first <= middle
    path.push(inLeft ? hashOf(suite, middle, to, subtree) : hashOf(suite, from, middle, subtree))
    if (inLeft) to = middle
    else from = middle
  }
  if (from > 0) path.push(hashOf(suite, from, to, subtree)) // otherwise it is the first root, which who checks has
  return path.reverse()
}

/** Is the tree of the first size and root the beginning of the second? @throws MerkleError */
export function verifyConsistency(
  suite: Suite, first: number, second: number, firstRoot: Uint8Array, secondRoot: Uint8Array, proof: readonly Uint8Array[],
): void {
  inRange(0, first, second)
  for (const hash of [...proof, firstRoot, secondRoot]) whole(hash)
  if (first === second) {
    if (proof.length > 0) throw new MerkleError('length')
    return sameRoot(suite, firstRoot, secondRoot)
  }
  const path = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof
  let place = first - 1
  let last = second - 1
  for (; place % 2 === 1; last = half(last)) place = half(place)
  const [start, ...rest] = path
  if (start === undefined) throw new MerkleError('length')
  let older = start
  let newer = start
  for (const beside of rest) {
    if (last === 0) throw new MerkleError('length')
    if (place % 2 === 1 || place === last) {
      older = nodeHash(suite, beside, older)
      newer = nodeHash(suite, beside, newer)
      for (; place % 2 === 0 && place !== 0; last = half(last)) place = half(place)
    } else newer = nodeHash(suite, newer, beside)
    place = half(place)
    last = half(last)
  }
  if (last !== 0) throw new MerkleError('length')
  sameRoot(suite, older, firstRoot)
  sameRoot(suite, newer, secondRoot)
}

// ---------------------------------------------------------------- shared

// Numbers go up to 2^53 - 1: divided, never shifted.
const half = (value: number): number => Math.floor(value / 2)

/** The largest power of two below `count`, which is at least 2. */
function split(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

const isPowerOfTwo = (value: number): boolean => value === 1 || split(value) * 2 === value

/** The fewest complete subtrees that cover [from, to), from the left. */
function coverings(from: number, to: number): { level: number; index: number }[] {
  const found: { level: number; index: number }[] = []
  for (let at = from; at < to; ) {
    let level = 0
    let width = 1
    while (at % (2 * width) === 0 && at + 2 * width <= to) {
      width *= 2
      level++
    }
    found.push({ level, index: at / width })
    at += width
  }
  return found
}

/** Hash of the tree over the complete subtrees of a frontier: what stands right of the largest is hashed first. */
function fold(suite: Suite, nodes: readonly Uint8Array[]): Uint8Array | undefined {
  let root = nodes.at(-1)
  for (let i = nodes.length - 2; i >= 0; i--) root = nodeHash(suite, nodes[i] as Uint8Array, root as Uint8Array)
  return root
}

/** MTH(D[from:to]), where `from` is where a subtree begins. */
const hashOf = (suite: Suite, from: number, to: number, subtree: Subtree): Uint8Array =>
  fold(suite, coverings(from, to).map(({ level, index }) => subtree(level, index))) as Uint8Array

function inRange(from: number, to: number, size: number): void {
  const all = [from, to, size].every((value) => Number.isSafeInteger(value))
  if (!all || from < 0 || from >= to || to > size) throw new MerkleError('range')
}

function whole(hash: Uint8Array): void {
  if (hash.length !== HASH) throw new MerkleError('hash')
}

function sameRoot(suite: Suite, have: Uint8Array | undefined, root: Uint8Array): void {
  if (!have || !suite.equal(have, root)) throw new MerkleError('root')
}
