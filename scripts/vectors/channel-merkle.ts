/** Vectors of the Merkle trees of channels and of media, made by the readable twin. */
import { auditPath, compactRange, consistency, leaf, mth } from '../../test/reference/channel-merkle.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The eight leaves that certificate-transparency tests with, and more of the same kind. */
const CLASSIC = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const LEAVES = [...CLASSIC, ...Array.from({ length: 12 }, (_, i) => Buffer.from(`leaf ${8 + i}`).toString('hex'))]
const data = LEAVES.map((leaf) => Buffer.from(leaf, 'hex'))
const first = (size: number): Buffer[] => data.slice(0, size)

const CHUNK = 32_768
/** Byte number i is i mod 251. */
const file = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i % 251)
const chunksOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, i) => bytes.slice(i * CHUNK, (i + 1) * CHUNK))

function flipped(hashes: string[], at: number): string[] {
  return hashes.map((hash, i) => (i === at ? (hash.startsWith('0') ? '1' : '0') + hash.slice(1) : hash))
}

export function vectors(): unknown {
  const root = (size: number): string => hex(mth(first(size)))
  const range = (from: number, to: number, size: number) => ({
    from, to, size, root: root(size), left: compactRange(0, from, first(size)).map(hex), right: compactRange(to, size, first(size)).map(hex),
  })
  const good = range(3, 7, 13)
  const leaves = data.map((each) => hex(leaf(each)))
  const refused = (name: string, error: string, change: Partial<typeof good> & { leaves?: string[] }) => ({
    name, error, ...good, leaves: leaves.slice(3, 7), ...change,
  })
  return {
    about: 'A tree over the first `size` of the leaves. media: byte number i of a file is i mod 251.',
    leaves: LEAVES,
    leafHashes: leaves,
    roots: Array.from({ length: LEAVES.length + 1 }, (_, size) => root(size)),
    frontiers: [0, 1, 2, 3, 7, 8, 20].map((size) => ({ size, nodes: compactRange(0, size, first(size)).map(hex) })),
    inclusion: [[0, 1], [0, 8], [5, 8], [2, 3], [1, 5], [18, 19], [19, 20]].map(([index = 0, size = 0]) => ({
      index, size, root: root(size), proof: auditPath(index, first(size)).map(hex),
    })),
    consistency: [[1, 1], [1, 8], [6, 8], [2, 5], [6, 7], [8, 20], [13, 20]].map(([from = 0, to = 0]) => ({
      first: from, second: to, firstRoot: root(from), secondRoot: root(to), proof: consistency(from, first(to)).map(hex),
    })),
    ranges: [range(0, 1, 1), range(0, 20, 20), range(7, 8, 8), good, range(16, 20, 20), range(4, 8, 20), range(1, 2, 17)],
    refusedRanges: [
      refused('no leaves', 'range', { leaves: [] }),
      refused('a tree of size 0', 'range', { size: 0 }),
      refused('more leaves than there are', 'range', { from: 10 }),
      refused('a hash too few on the left', 'length', { left: good.left.slice(1) }),
      refused('a hash too many on the left', 'length', { left: [...good.left, good.root] }),
      refused('a hash too few on the right', 'length', { right: good.right.slice(1) }),
      refused('a hash too many on the right', 'length', { right: [...good.right, good.root] }),
      refused('left and right changed', 'length', { left: good.right, right: good.left }),
      refused('a hash of 31 bytes', 'hash', { left: [good.left[0]?.slice(2) ?? '', ...good.left.slice(1)] }),
      refused('a bit changed on the left', 'root', { left: flipped(good.left, 1) }),
      refused('a bit changed on the right', 'root', { right: flipped(good.right, 0) }),
      refused('a bit changed in a leaf', 'root', { leaves: flipped(leaves.slice(3, 7), 2) }),
      refused('two leaves changed over', 'root', { leaves: [4, 3, 5, 6].map((i) => leaves[i] as string) }),
      refused('the leaves of another place', 'root', { leaves: leaves.slice(4, 8) }),
      refused('another place', 'root', { from: 5, right: range(5, 9, 13).right }),
      refused('another root', 'root', { root: root(12) }),
    ],
    media: [1, CHUNK, CHUNK + 1, 5 * CHUNK - 3].map((size) => {
      const chunks = chunksOf(file(size))
      return { size, hash: hex(mth(chunks)), proofs: chunks.map((_, i) => auditPath(i, chunks).map(hex)) }
    }),
  }
}
