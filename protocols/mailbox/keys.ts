/**
 * Keys of a queue. One secret, told inside the encrypted conversation (or following from an invite), gives the sender all it needs; the
 * recipient's key and the node's are drawn for the queue and shared with nobody.
 */
import { concat, type KeyPair, LABEL, labelled, type SecretKey, type Suite } from '../suite/index.ts'
import { KEY } from './limits.ts'

const NOTHING = new Uint8Array(0)

/** What follows from the secret of a queue. */
export interface QueueKeys {
  /** authorises the sender towards the node */
  readonly sender: KeyPair<'x25519'>
  /** seals blocks from sender to recipient */
  readonly layer: Uint8Array
  /** names blocks */
  readonly names: Uint8Array
}

export function queueKeys(suite: Suite, secret: Uint8Array): QueueKeys {
  if (secret.length !== KEY) throw new RangeError(`not the secret of a queue: ${secret.length} bytes`)
  const keys = suite.hkdf(NOTHING, secret, labelled(LABEL.mailboxQueue), 3 * KEY)
  return { sender: suite.importSecret('x25519', keys.slice(0, KEY)), layer: keys.slice(KEY, 2 * KEY), names: keys.slice(2 * KEY) }
}

/** The secret of the queue of an invite, from the invite's one-time secret. */
export const requestSecret = (suite: Suite, inviteSecret: Uint8Array): Uint8Array =>
  suite.hkdf(NOTHING, inviteSecret, labelled(LABEL.mailboxRequest), KEY)

/** What one client and the node share about one queue. Both can compute all of it, so nothing made with it proves anything to a third. */
export interface Shared {
  readonly id: Uint8Array
  /** X25519 of the client's key and the node's */
  readonly dh: Uint8Array
  /** both public keys, the client's first */
  readonly keys: Uint8Array
}

/**
 * From the client's side or the node's: `own` is a secret of one, `client` and `node` are both public keys.
 * @throws KeyError the other public key must not be used
 */
export function share(suite: Suite, own: SecretKey<'x25519'>, pair: { id: Uint8Array; client: Uint8Array; node: Uint8Array; other: 'client' | 'node' }): Shared {
  return { id: pair.id, dh: suite.dh(own, pair[pair.other]), keys: concat(pair.client, pair.node) }
}

/** Authenticates commands about the queue. */
export const authenticatorKey = (suite: Suite, shared: Shared): Uint8Array =>
  suite.hkdf(NOTHING, shared.dh, labelled(LABEL.mailboxAuthenticator, shared.id, shared.keys), KEY)
