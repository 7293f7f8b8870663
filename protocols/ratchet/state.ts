/**
 * What one side of a ratchet remembers: plain immutable records. Double Ratchet with header encryption (Signal's
 * specification, section 4) where each step also carries a KEM (SimpleX `pqdr.md`). The step with which we answer is
 * taken when we next send, not when we receive: fresh keys stay fresh, and receiving needs no randomness.
 */
import type { KeyPair, SecretKey } from '../suite/index.ts'
import type { HeaderKeys } from './schedule.ts'
import type { Taken } from './taken.ts'

/** A message key whose message has not come yet. `at`: when it was skipped, ms since the epoch. */
export interface SkippedKey {
  readonly n: number
  readonly messageKey: Uint8Array
  readonly at: number
}

export interface SendingChain {
  readonly numberKey: Uint8Array
  readonly chainKey: Uint8Array
  /** of the next message */
  readonly n: number
  /** the sealed announcement, which every message of the chain carries */
  readonly sealed: Uint8Array
}

export interface ReceivingChain extends HeaderKeys {
  /** 32 bytes, hash of its sealed announcement: another one under the same seal key is a fork */
  readonly id: Uint8Array
  readonly chainKey: Uint8Array
  /** the lowest number not yet reached */
  readonly n: number
  /** ascending by n */
  readonly skipped: readonly SkippedKey[]
  /** which messages were opened */
  readonly taken: Taken
  /** the sealed announcement as it came: comparing is cheaper than hashing. In memory only. */
  readonly sealed?: Uint8Array
}

/** A chain the peer has left. Kept for late messages and to know a duplicate from garbage. */
export interface OldChain extends HeaderKeys {
  readonly id: Uint8Array
  readonly skipped: readonly SkippedKey[]
  readonly taken: Taken
  /** ms since the epoch */
  readonly closedAt: number
}

export interface PeerKeys {
  readonly dh: Uint8Array
  readonly kem: Uint8Array
}

/** The peer announced new keys; our next message answers them with a step of our own. */
export interface OurTurn {
  readonly kind: 'ours'
  readonly peer: PeerKeys
  /** length of our last sending chain */
  readonly previous: number
}

/** We announced keys; until the peer answers them we go on in the same chain. A responder has no chain at first. */
export interface TheirTurn {
  readonly kind: 'theirs'
  readonly dh: SecretKey<'x25519'>
  readonly kem: SecretKey<'ml-kem-768'>
  readonly sending?: SendingChain
}

export interface RatchetState {
  readonly root: Uint8Array
  readonly nextHeaderSend: Uint8Array
  readonly nextHeaderReceive: Uint8Array
  readonly turn: OurTurn | TheirTurn
  readonly receiving?: ReceivingChain
  /** oldest first */
  readonly old: readonly OldChain[]
}

interface SharedStart {
  /** 32 bytes, used by this ratchet alone */
  readonly root: Uint8Array
  /** 32 bytes, header key of the initiator's first sending chain */
  readonly headerInitiator: Uint8Array
  /** 32 bytes, header key of the responder's first sending chain */
  readonly headerResponder: Uint8Array
}

/** The side that may send at once. `peerDh`, `peerKem`: the responder's ratchet keys, authenticated by the handshake. */
export function startInitiator(start: SharedStart & { readonly peerDh: Uint8Array; readonly peerKem: Uint8Array }): RatchetState {
  return {
    root: start.root,
    nextHeaderSend: start.headerInitiator,
    nextHeaderReceive: start.headerResponder,
    turn: { kind: 'ours', peer: { dh: start.peerDh, kem: start.peerKem }, previous: 0 },
    old: [],
  }
}

/** The side that was written to: it sends once the first message has opened. */
export function startResponder(start: SharedStart & { readonly dh: KeyPair<'x25519'>; readonly kem: KeyPair<'ml-kem-768'> }): RatchetState {
  return {
    root: start.root,
    nextHeaderSend: start.headerResponder,
    nextHeaderReceive: start.headerInitiator,
    turn: { kind: 'theirs', dh: start.dh.secretKey, kem: start.kem.secretKey },
    old: [],
  }
}
