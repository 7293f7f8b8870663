import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import {
  consistencyProof,
  emptyFrontier,
  type Frontier,
  frontierAt,
  frontierLength,
  grow,
  type Grown,
  inclusionProof,
  leafHash,
  MerkleError,
  nodeHash,
  type RangeProof,
  rangeProof,
  type Subtree,
  subtreesOf,
  TILE_HEIGHT,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  verifyRange,
} from '../../../protocols/channel/index.ts'
import { fromHex, noble, type Suite, toHex, utf8 } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/channel-merkle.ts'
import { openssl } from '../../../src/crypto/index.ts'
import * as twin from '../../reference/channel-merkle.ts'

const suite = openssl
const entriesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => utf8(`entry ${i}`))
const ENTRIES = entriesOf(40)
const LEAVES = ENTRIES.map((entry) => leafHash(suite, entry))
const nothingKept = (): undefined => undefined
const subtree = subtreesOf(suite, (seq) => LEAVES[seq] as Uint8Array, nothingKept)
const rootOf = (size: number): Uint8Array => treeRoot(suite, frontierAt(size, subtree))

function grownTo(leaves: readonly Uint8Array[], engine: Suite = suite): { frontier: Frontier; grown: Grown[] } {
  let frontier = emptyFrontier
  const grown: Grown[] = []
  for (const leaf of leaves) {
    const step = grow(engine, frontier, leaf)
    frontier = step.frontier
    grown.push(...step.grown)
  }
  return { frontier, grown }
}

/** What is wrong with it, or 'accepted'; any other error is thrown on. */
function verdict(verify: () => unknown): string {
  try {
    verify()
    return 'accepted'
  } catch (error) {
    if (error instanceof MerkleError) return error.code
    throw error
  }
}

describe('the vectors of the tree', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../../protocols/channel/vectors-merkle.json'), 'utf8')
  const file = JSON.parse(text) as {
    leaves: string[]
    leafHashes: string[]
    roots: string[]
    frontiers: { size: number; nodes: string[] }[]
    inclusion: { index: number; size: number; root: string; proof: string[] }[]
    consistency: { first: number; second: number; firstRoot: string; secondRoot: string; proof: string[] }[]
    ranges: { from: number; to: number; size: number; root: string; left: string[]; right: string[] }[]
    refusedRanges: { name: string; error: string; from: number; size: number; root: string; left: string[]; right: string[]; leaves: string[] }[]
  }
  const hashes = (list: string[]): Uint8Array[] => list.map(fromHex)

  it('are what their generator makes', () => assert.equal(`${JSON.stringify(vectors(), null, 2)}\n`, text))

  it('have the roots that others have for the eight leaves everybody tests with', () => {
    assert.deepEqual(file.roots.slice(0, 9), [
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ])
  })

  it('have the proofs that others have for them', () => {
    const proofOf = (index: number, size: number): string[] | undefined => file.inclusion.find((each) => each.index === index && each.size === size)?.proof
    assert.deepEqual(proofOf(5, 8), [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
    assert.deepEqual(file.consistency.find((each) => each.first === 6 && each.second === 8)?.proof, [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
  })

  for (const engine of [noble, openssl]) {
    it(`are what the room makes and takes: ${engine.name}`, () => {
      const leaves = file.leaves.map((leaf) => leafHash(engine, fromHex(leaf)))
      assert.deepEqual(leaves.map(toHex), file.leafHashes)
      const part = subtreesOf(engine, (seq) => leaves[seq] as Uint8Array, nothingKept)
      file.roots.forEach((root, size) => {
        assert.equal(toHex(treeRoot(engine, grownTo(leaves.slice(0, size), engine).frontier)), root)
      })
      for (const { size, nodes } of file.frontiers) assert.deepEqual(frontierAt(size, part).nodes.map(toHex), nodes)
      for (const { index, size, root, proof } of file.inclusion) {
        assert.deepEqual(inclusionProof(engine, index, size, part).map(toHex), proof)
        verifyInclusion(engine, leaves[index] as Uint8Array, index, size, fromHex(root), hashes(proof))
      }
      for (const { first, second, firstRoot, secondRoot, proof } of file.consistency) {
        assert.deepEqual(consistencyProof(engine, first, second, part).map(toHex), proof)
        verifyConsistency(engine, first, second, fromHex(firstRoot), fromHex(secondRoot), hashes(proof))
      }
      for (const { from, to, size, root, left, right } of file.ranges) {
        const proof = rangeProof(from, to, size, part)
        assert.deepEqual({ left: proof.left.map(toHex), right: proof.right.map(toHex) }, { left, right })
        assert.deepEqual(verifyRange(engine, leaves.slice(from, to), from, size, fromHex(root), proof), frontierAt(from, part))
      }
    })
  }

  for (const { name, error, from, size, root, left, right, leaves } of file.refusedRanges) {
    it(`refuse a range with ${name} (attack 56)`, () => {
      const proof = { left: hashes(left), right: hashes(right) }
      assert.equal(verdict(() => verifyRange(suite, hashes(leaves), from, size, fromHex(root), proof)), error)
    })
  }
})

describe('a log’s tree', () => {
  it('is the twin’s at every size, however it came about', () => {
    for (let size = 0; size <= ENTRIES.length; size++) {
      const { frontier } = grownTo(LEAVES.slice(0, size))
      assert.deepEqual(frontier, frontierAt(size, subtree))
      assert.deepEqual(frontier.nodes, twin.compactRange(0, size, ENTRIES.slice(0, size)))
      assert.equal(frontier.nodes.length, frontierLength(size))
      assert.deepEqual(treeRoot(suite, frontier), twin.mth(ENTRIES.slice(0, size)))
    }
  })

  it('tells which kept subtrees a leaf finishes, and is made from them again', () => {
    const leaves = Array.from({ length: 3 * 256 + 5 }, (_, i) => leafHash(suite, utf8(String(i))))
    const { frontier, grown } = grownTo(leaves)
    assert.deepEqual(grown.map(({ level, index }) => [level, index]), [[TILE_HEIGHT, 0], [TILE_HEIGHT, 1], [TILE_HEIGHT, 2]])
    const asked: number[] = []
    const part = subtreesOf(
      suite,
      (seq) => {
        asked.push(seq)
        return leaves[seq] as Uint8Array
      },
      (level, index) => grown.find((node) => node.level === level && node.index === index)?.hash,
    )
    assert.deepEqual(frontierAt(leaves.length, part), frontier)
    assert.deepEqual(asked, [768, 769, 770, 771, 772])
  })

  it('finishes subtrees of every kept level up to 2^53 leaves, at their places', () => {
    const size = 2 ** 48 - 1
    const frontier = { size, nodes: Array.from({ length: 48 }, () => new Uint8Array(32)) }
    assert.deepEqual(grow(suite, frontier, new Uint8Array(32)).grown.map(({ level, index }) => [level, index]),
      [8, 16, 24, 32, 40, 48].map((level) => [level, 2 ** (48 - level) - 1]))
  })

  it('does not change a frontier it was given', () => {
    const { frontier } = grownTo(LEAVES.slice(0, 7))
    const before = structuredClone(frontier)
    grow(suite, frontier, LEAVES[7] as Uint8Array)
    assert.deepEqual(frontier, before)
  })

  it('takes no entry for a node, nor a node for an entry', () => {
    const [left, right] = [LEAVES[0] as Uint8Array, LEAVES[1] as Uint8Array]
    assert.notDeepEqual(leafHash(suite, new Uint8Array([...left, ...right])), nodeHash(suite, left, right))
  })
})

describe('proofs', () => {
  it('are the twin’s and are accepted, for every range of every size', () => {
    for (let size = 1; size <= 18; size++) {
      const entries = ENTRIES.slice(0, size)
      const root = rootOf(size)
      for (let from = 0; from < size; from++) {
        for (let to = from + 1; to <= size; to++) {
          const proof = rangeProof(from, to, size, subtree)
          assert.deepEqual(proof, { left: twin.compactRange(0, from, entries), right: twin.compactRange(to, size, entries) })
          assert.deepEqual(verifyRange(suite, LEAVES.slice(from, to), from, size, root, proof), grownTo(LEAVES.slice(0, from)).frontier)
        }
        const path = inclusionProof(suite, from, size, subtree)
        assert.deepEqual(path, twin.auditPath(from, entries))
        verifyInclusion(suite, LEAVES[from] as Uint8Array, from, size, root, path)
        const older = consistencyProof(suite, from + 1, size, subtree)
        assert.deepEqual(older, twin.consistency(from + 1, entries))
        verifyConsistency(suite, from + 1, size, rootOf(from + 1), root, older)
      }
    }
  })

  it('hold for trees as large as numbers go', () => {
    // All leaves are alike, so that a subtree of any size costs one hash a level.
    const levels = [LEAVES[0] as Uint8Array]
    while (levels.length <= 53) levels.push(nodeHash(suite, levels.at(-1) as Uint8Array, levels.at(-1) as Uint8Array))
    const alike: Subtree = (level) => levels[level] as Uint8Array
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.integer({ min: 1, max: 40 }), (a, b, count) => {
        const size = Math.max(Math.abs(a), Math.abs(b), 2)
        const from = Math.min(Math.abs(a), Math.abs(b), size - 1)
        const to = Math.min(from + count, size)
        const root = treeRoot(suite, frontierAt(size, alike))
        const leaves = Array.from({ length: to - from }, () => alike(0, 0))
        verifyRange(suite, leaves, from, size, root, rangeProof(from, to, size, alike))
        verifyInclusion(suite, alike(0, 0), from, size, root, inclusionProof(suite, from, size, alike))
        verifyConsistency(suite, to, size, treeRoot(suite, frontierAt(to, alike)), root, consistencyProof(suite, to, size, alike))
      }),
      { numRuns: 60 },
    )
  })
})

/** One thing wrong with a list of hashes, in every way and at every place. */
function* wrongLists(list: readonly Uint8Array[]): Generator<Uint8Array[]> {
  const other = leafHash(suite, utf8('another'))
  for (let i = 0; i <= list.length; i++) {
    for (const added of [other, list[i], list[i - 1]]) if (added) yield list.toSpliced(i, 0, added)
  }
  for (const [i, hash] of list.entries()) {
    yield list.toSpliced(i, 1)
    for (const bit of [0, 255]) yield list.with(i, hash.with(bit >> 3, (hash[bit >> 3] as number) ^ (1 << (bit & 7))))
    yield list.with(i, other)
    yield list.with(i, hash.subarray(1))
    yield list.with(i, new Uint8Array([...hash, 0]))
    yield list.with(i, new Uint8Array())
    if (i > 0) yield list.with(i, list[i - 1] as Uint8Array).with(i - 1, hash)
  }
  // The same bytes, cut at another place.
  if (list.length > 1) yield [list[0]?.subarray(0, 31) as Uint8Array, new Uint8Array([...(list[0]?.subarray(31) ?? []), ...(list[1] ?? [])]), ...list.slice(2)]
}

const someRange = fc
  .tuple(fc.integer({ min: 1, max: ENTRIES.length }), fc.nat(), fc.nat())
  .map(([size, a, b]) => ({ size, from: a % size, to: (a % size) + 1 + (b % (size - (a % size))) }))

describe('wrong proofs', () => {
  it('say what is wrong with them', () => {
    const [leaf] = LEAVES as [Uint8Array]
    const [one, two, four] = [1, 2, 4].map(rootOf) as [Uint8Array, Uint8Array, Uint8Array]
    const REASONS = { range: 'the numbers name no part of such a tree', length: 'the proof has not as many hashes as it must', hash: 'a hash is not 32 bytes', root: 'it does not lead to the root' }
    const cases: readonly [keyof typeof REASONS, () => void][] = [
      ['range', () => verifyInclusion(suite, leaf, 2, 2, two, [])],
      ['hash', () => verifyInclusion(suite, leaf, 0, 2, two, [leaf.slice(1)])],
      ['root', () => verifyInclusion(suite, leaf, 0, 2, two, [leaf])],
      ['length', () => verifyInclusion(suite, leaf, 0, 1, one, [leaf])],
      ['length', () => verifyInclusion(suite, leaf, 0, 2, two, [])],
      ['length', () => verifyConsistency(suite, 2, 2, two, two, [leaf])],
      ['length', () => verifyConsistency(suite, 3, 4, rootOf(3), four, [])],
      ['length', () => verifyConsistency(suite, 1, 2, one, two, [leaf, leaf])],
      ['length', () => verifyConsistency(suite, 1, 4, one, four, [leaf])],
    ]
    for (const [code, check] of cases) assert.throws(check, { name: 'MerkleError', code, message: `proof refused: ${REASONS[code]}` })
  })

  it('of a range are refused, wherever a hash is missing, added, altered, cut or moved (attack 56)', () => {
    fc.assert(
      fc.property(someRange, ({ from, to, size }) => {
        const root = rootOf(size)
        const leaves = LEAVES.slice(from, to)
        const proof = rangeProof(from, to, size, subtree)
        const refuse = (wrong: readonly Uint8Array[], change: Partial<RangeProof>, start = from): void =>
          assert.notEqual(verdict(() => verifyRange(suite, wrong, start, size, root, { ...proof, ...change })), 'accepted')
        for (const left of wrongLists(proof.left)) refuse(leaves, { left })
        for (const right of wrongLists(proof.right)) refuse(leaves, { right })
        for (const wrong of wrongLists(leaves)) refuse(wrong, {})
        for (const start of [from - 1, from + 1, from + 0.5, -from - 1, NaN, Infinity, 2 ** 53]) refuse(leaves, {}, start)
        if (proof.left.length + proof.right.length > 0) refuse(leaves, { left: proof.right, right: proof.left })
        refuse([], {})
      }),
      { numRuns: 40 },
    )
  })

  it('of a range are refused with the head of another size (attack 56)', () => {
    fc.assert(
      fc.property(someRange, ({ from, to, size }) => {
        const proof = rangeProof(from, to, size, subtree)
        for (let other = 0; other <= ENTRIES.length; other++) {
          if (other === size) continue
          assert.notEqual(verdict(() => verifyRange(suite, LEAVES.slice(from, to), from, other, rootOf(other), proof)), 'accepted')
        }
      }),
      { numRuns: 40 },
    )
  })

  it('are not asked for: of nothing, of no tree, of what is behind the end (attack 56)', () => {
    for (const [from, to, size] of [[0, 0, 0], [0, 0, 4], [3, 3, 4], [3, 2, 4], [0, 1, 0], [2, 5, 4], [4, 5, 4], [-1, 1, 4], [0.5, 1, 4], [0, 1, NaN], [0, 1, 2 ** 53]] as const) {
      assert.equal(verdict(() => rangeProof(from, to, size, subtree)), 'range')
    }
    for (const [index, size] of [[0, 0], [4, 4], [-1, 4], [NaN, 4]] as const) {
      assert.equal(verdict(() => inclusionProof(suite, index, size, subtree)), 'range')
      assert.equal(verdict(() => verifyInclusion(suite, LEAVES[0] as Uint8Array, index, size, rootOf(4), [])), 'range')
    }
    for (const [first, second] of [[0, 0], [0, 4], [5, 4], [-1, 4], [1.5, 4]] as const) {
      assert.equal(verdict(() => consistencyProof(suite, first, second, subtree)), 'range')
      assert.equal(verdict(() => verifyConsistency(suite, first, second, rootOf(4), rootOf(4), [])), 'range')
    }
  })

  it('of one leaf are refused (attack 56)', () => {
    fc.assert(
      fc.property(someRange, ({ from: index, size }) => {
        const root = rootOf(size)
        const leaf = LEAVES[index] as Uint8Array
        const proof = inclusionProof(suite, index, size, subtree)
        const refuse = (verify: () => void): void => assert.notEqual(verdict(verify), 'accepted')
        for (const wrong of wrongLists(proof)) refuse(() => verifyInclusion(suite, leaf, index, size, root, wrong))
        for (const wrong of [leaf.with(0, (leaf[0] as number) ^ 1), leaf.subarray(1), root]) {
          if (!suite.equal(wrong, leaf)) refuse(() => verifyInclusion(suite, wrong, index, size, root, proof))
        }
        for (let other = 0; other < size; other++) if (other !== index) refuse(() => verifyInclusion(suite, leaf, other, size, root, proof))
        for (let other = index + 1; other <= ENTRIES.length; other++) if (other !== size) refuse(() => verifyInclusion(suite, leaf, index, other, rootOf(other), proof))
        refuse(() => verifyInclusion(suite, LEAVES[(index + 1) % ENTRIES.length] as Uint8Array, index, size, root, proof))
        refuse(() => verifyInclusion(suite, leaf, index, size, root.subarray(1), proof))
      }),
      { numRuns: 40 },
    )
  })

  it('that one tree continues another are refused (attack 56)', () => {
    fc.assert(
      fc.property(someRange, ({ to: first, size: second }) => {
        const [firstRoot, secondRoot] = [rootOf(first), rootOf(second)]
        const proof = consistencyProof(suite, first, second, subtree)
        const refuse = (verify: () => void): void => assert.notEqual(verdict(verify), 'accepted')
        for (const wrong of wrongLists(proof)) refuse(() => verifyConsistency(suite, first, second, firstRoot, secondRoot, wrong))
        for (let other = 1; other <= ENTRIES.length; other++) {
          if (other !== first) refuse(() => verifyConsistency(suite, first, second, rootOf(other), secondRoot, proof))
          if (other !== second) refuse(() => verifyConsistency(suite, first, second, firstRoot, rootOf(other), proof))
          if (other !== first && other <= second) refuse(() => verifyConsistency(suite, other, second, rootOf(other), secondRoot, proof))
        }
        if (first !== second) refuse(() => verifyConsistency(suite, first, second, secondRoot, firstRoot, proof))
        refuse(() => verifyConsistency(suite, first, second, firstRoot.subarray(1), secondRoot, proof))
      }),
      { numRuns: 40 },
    )
  })

  it('never make the check fail otherwise, whatever they are', () => {
    const hash = fc.uint8Array({ minLength: 0, maxLength: 33, size: 'max' })
    const number = fc.oneof(fc.nat(50), fc.maxSafeInteger(), fc.double())
    fc.assert(
      fc.property(number, number, fc.array(hash, { maxLength: 8 }), fc.array(hash, { maxLength: 60, size: 'max' }), hash, (a, b, some, more, root) => {
        assert.notEqual(verdict(() => verifyRange(suite, some, a, b, root, { left: more, right: some })), 'accepted')
        assert.notEqual(verdict(() => verifyInclusion(suite, root, a, b, LEAVES[0] as Uint8Array, more)), 'accepted')
        assert.notEqual(verdict(() => verifyConsistency(suite, a, b, root, LEAVES[0] as Uint8Array, more)), 'accepted')
      }),
    )
  })
})
