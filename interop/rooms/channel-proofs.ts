/** Trees, pictures and evidence: what anybody can check without holding a channel. */
import {
  checkEvidence,
  chunkHashes,
  chunkProof,
  CHUNK,
  consistencyProof,
  credentialsFor,
  decodeEntry,
  emptyFrontier,
  forkProof,
  freeze,
  type Frontier,
  grow,
  inclusionProof,
  leafHash,
  mediaHash,
  MerkleError,
  rangeProof,
  rewriteProof,
  sniffType,
  type Subtree,
  subtreesOf,
  treeRoot,
  trimmedProof,
  verifyChunk,
  verifyConsistency,
  verifyInclusion,
  verifyRange,
} from '../../protocols/channel/index.ts'
import { noble } from '../../protocols/suite/index.ts'
import { type Answer, command, type Commands } from '../command.ts'
import { bytes, list, optional, whole } from '../fields.ts'
import { restored, state, stored } from './channel.ts'

const HASH = bytes(32)
/** Leaf hashes, all of a log from its first entry on. */
const leaves = list(HASH)
const hashes = list(HASH)
const entryOf = (entry: Uint8Array) => decodeEntry(noble, entry)

const grown = (all: readonly Uint8Array[]): Frontier => all.reduce((frontier, leaf) => grow(noble, frontier, leaf).frontier, emptyFrontier)
const subtree = (all: readonly Uint8Array[]): Subtree => subtreesOf(noble, (leaf) => all[leaf] as Uint8Array, () => undefined)

/** Whoever asks whether it is so wants an answer, not an error. */
function proven(check: () => void): Answer {
  try {
    check()
    return { valid: true }
  } catch (error) {
    if (error instanceof MerkleError) return { valid: false, code: error.code }
    throw error
  }
}

export const channelProofs: Commands = {
  leaf: command({ bytes: bytes() }, (asked) => ({ hash: leafHash(noble, asked.bytes) })),
  tree: command({ leaves }, (asked) => {
    const frontier = grown(asked.leaves)
    return { root: treeRoot(noble, frontier), frontier: frontier.nodes }
  }),
  inclusion: command({ leaves, index: whole() }, (asked) => ({ proof: inclusionProof(noble, asked.index, asked.leaves.length, subtree(asked.leaves)) })),
  verifyInclusion: command({ leaf: HASH, index: whole(), size: whole(), root: HASH, proof: hashes }, ({ leaf, index, size, root, proof }) =>
    proven(() => verifyInclusion(noble, leaf, index, size, root, proof)),
  ),
  consistency: command({ leaves, first: whole() }, (asked) => ({ proof: consistencyProof(noble, asked.first, asked.leaves.length, subtree(asked.leaves)) })),
  verifyConsistency: command({ first: whole(), second: whole(), firstRoot: HASH, secondRoot: HASH, proof: hashes }, ({ first, second, firstRoot, secondRoot, proof }) =>
    proven(() => verifyConsistency(noble, first, second, firstRoot, secondRoot, proof)),
  ),
  range: command({ leaves, from: whole(), to: whole() }, (asked) => ({ ...rangeProof(asked.from, asked.to, asked.leaves.length, subtree(asked.leaves)) })),
  verifyRange: command({ leaves, from: whole(), size: whole(), root: HASH, left: hashes, right: hashes }, ({ from, size, root, left, right, ...asked }) =>
    proven(() => verifyRange(noble, asked.leaves, from, size, root, { left, right })),
  ),
  media: command({ bytes: bytes() }, (asked) => ({ hash: mediaHash(noble, asked.bytes), size: asked.bytes.length, chunks: chunkHashes(noble, asked.bytes).length })),
  sniff: command({ bytes: bytes() }, (asked) => ({ ...sniffType(asked.bytes) })),
  chunk: command({ bytes: bytes(), index: whole() }, ({ index, ...asked }) => ({
    chunk: asked.bytes.slice(index * CHUNK, (index + 1) * CHUNK),
    proof: chunkProof(noble, chunkHashes(noble, asked.bytes), index),
  })),
  verifyChunk: command({ hash: HASH, size: whole(), index: whole(), chunk: bytes(), proof: hashes }, ({ hash, size, index, chunk, proof }) =>
    proven(() => verifyChunk(noble, { hash, size }, index, chunk, proof)),
  ),
  credentials: command({ state, entries: list(bytes(), 2) }, (asked) => ({ numbers: credentialsFor(restored(asked.state), ...asked.entries.map(entryOf)) })),
  forkProof: command({ credentials: list(bytes()), a: bytes(), b: bytes() }, ({ credentials, a, b }) => ({ evidence: forkProof(noble, credentials, entryOf(a), entryOf(b)) })),
  rewriteProof: command({ credentials: list(bytes()), entry: bytes(), later: bytes(), leaf: HASH, proof: hashes }, ({ credentials, entry, later, leaf, proof }) => ({
    evidence: rewriteProof(noble, credentials, entryOf(entry), entryOf(later), { leaf, proof }),
  })),
  trimmedProof: command({ credentials: list(bytes()), log: HASH, claim: bytes(), shown: optional(bytes()) }, ({ credentials, log, claim, shown }) => ({
    evidence: trimmedProof(noble, credentials, log, entryOf(claim), shown && entryOf(shown)),
  })),
  checkEvidence: command({ evidence: bytes() }, (asked) => {
    const { entries, authors, ...found } = checkEvidence(noble, asked.evidence)
    return { ...found, authors: authors.map((name) => name ?? null), entries: entries.map(({ bytes: each }) => each) }
  }),
  freeze: command({ state, evidence: bytes() }, (asked) => {
    const frozen = freeze(restored(asked.state), checkEvidence(noble, asked.evidence))
    return { changes: frozen !== undefined, state: frozen && stored(frozen) }
  }),
}
