/** The Merkle tree of a log, as far as the store has it: what a log serves its proofs from. */
import { type Frontier, nodeHash, type Subtree, TILE_HEIGHT } from '../../../protocols/channel/index.ts'
import type { ReplicaContext } from './context.ts'
import type { ChannelId, LogId, NodeRow } from './ports.ts'

const HASH = 32

/** A part of the tree is not held here: the log is only kept from some entry on. */
export class NotHeldError extends Error {
  override readonly name = 'NotHeldError'
}

/** @throws NotHeldError from the function it returns */
export function subtreesIn({ suite, store }: Pick<ReplicaContext, 'suite' | 'store'>, channel: ChannelId, log: LogId): Subtree {
  const leaves = (level: number, index: number): Uint8Array | undefined => {
    const width = 2 ** level
    const ids = store.entryIds(channel, log, index * width, (index + 1) * width)
    if (ids.length !== width * HASH) return undefined
    let row = Array.from({ length: width }, (_, i) => ids.subarray(i * HASH, (i + 1) * HASH))
    while (row.length > 1) row = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(suite, row[2 * i] as Uint8Array, row[2 * i + 1] as Uint8Array))
    return row[0]
  }
  const subtree: Subtree = (level, index) => {
    // Few reads: below the kept levels all leaves come at once. A log that began in the middle keeps hashes of any level.
    const known = (level < TILE_HEIGHT ? leaves(level, index) : undefined) ?? store.node(channel, log, level, index)
    if (known) return known
    if (level === 0) throw new NotHeldError('this part of the log is not held')
    return nodeHash(suite, subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))
  }
  return subtree
}

/** The subtrees a frontier is made of, largest first: what a log that begins in the middle keeps of what is before it. */
export function frontierRows(channel: ChannelId, log: LogId, { size, nodes }: Frontier): NodeRow[] {
  const rows: NodeRow[] = []
  let at = 0
  for (let level = Math.floor(Math.log2(Math.max(1, size))) + 1; level >= 0; level--) {
    const width = 2 ** level
    if (size - at < width) continue
    rows.push({ channel, log, level, index: at / width, hash: nodes[rows.length] as Uint8Array })
    at += width
  }
  return rows
}
