export { type Certificate, decodeCertificate, encodeCertificate, SCOPE } from './certificate.ts'
export { DomainError, isDomain, MAX_DOMAIN_CHANNELS, MAX_WELL_KNOWN, parseWellKnown, wellKnownText } from './domain.ts'
export { decodeEntry, type Entry, FIRST_AUTHOR_KIND, type Head, KIND, type SignedEntry, type VerifiedEntry } from './entry.ts'
export { type Doubt, EntryError, EvidenceError, type Refusal, type Rule, StateError, WriteError } from './errors.ts'
export { checkEvidence, claimed, credentialsFor, type Evidence, forkProof, freeze, mayFreeze, rewriteProof, trimmedProof } from './evidence.ts'
export { all, asText, decodeFields, encodeFields, type Field, FieldError, type FieldRule, type FieldRules, one } from './fields.ts'
export { decodeFindReply, decodeFindRequest, encodeFindReply, encodeFindRequest, type FindRequest, MAX_FIND } from './find.ts'
export { decodeGenesis, encodeGenesis, type Genesis } from './genesis.ts'
export { judge, type Verdict } from './judge.ts'
export { channelIdOf, checkPostingKey, commitmentOf, logIdOf, provePostingKey, rootKeyAt } from './keys.ts'
export * as limits from './limits.ts'
export { decodeManifest, encodeManifest, type Manifest } from './manifest.ts'
export { CHUNK, chunkHashes, chunkProof, chunksOf, type Media, MediaError, mediaHash, type MediaType, type Picture, sniffType, verifyChunk } from './media.ts'
export type { MediaRef } from './media-ref.ts'
export {
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
  type MerkleErrorCode,
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
} from './merkle.ts'
export { channelText, FIND_NONCE, FIND_TAG, findTag, parseChannelText, providerKey, topicOf } from './names.ts'
export { openChannel, type Opened, supersede } from './open.ts'
export { type Adopted, adoptHead, adoptKept, headBefore, judgePage, type JudgedPage, type Newest, type Page } from './page.ts'
export { decodeEdit, decodePost, decodeWithdrawal, type Edit, encodeEdit, encodePost, encodeWithdrawal, type Post, scopeOf, type Target, type Withdrawal } from './post.ts'
export { decodeRevocation, encodeRevocation, type Revocation } from './revocation.ts'
export { decodeRotation, encodeRotation, type Rotation } from './rotation.ts'
export {
  type Certified,
  type Channel,
  type Cut,
  disputes,
  generationOf,
  headOf,
  heads,
  logOf,
  type LogState,
  type Missing,
  missing,
  type RootKey,
  rootKeyOf,
  total,
  type VouchedHead,
} from './state.ts'
export { decodeChannel, decodeLog, encodeChannel, encodeLog } from './stored.ts'
export {
  decodeSyncFrame,
  decodeSyncRequest,
  encodeSyncFrame,
  encodeSyncRequest,
  MAX_EVIDENCE,
  MAX_EVIDENCE_PART,
  MAX_PAGE,
  MAX_PEERS,
  MAX_SYNC_FRAME,
  MAX_SYNC_REQUEST,
  SyncError,
  type SyncFrame,
  type SyncRefusal,
  type SyncRequest,
} from './sync.ts'
export { type Author, behind, createChannel, write, type Written } from './write.ts'
