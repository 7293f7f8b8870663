/**
 * Layer (b): what the node hands out is sealed anew, under a key it shares with the one it hands it to. So nothing that comes out of a node
 * has a byte in common with what went in.
 */
import { LABEL, labelled, type Random, SIZE, type Suite } from '../suite/index.ts'
import { MailboxError } from './errors.ts'
import type { Shared } from './keys.ts'
import { SALT } from './limits.ts'

export interface Handed {
  readonly salt: Uint8Array
  readonly sealed: Uint8Array
}

/** `head` is the frame's: version, type, number, id. */
export function hand(suite: Suite, random: Random, shared: Shared, head: Uint8Array, plaintext: Uint8Array): Handed {
  const salt = random(SALT)
  const { key, nonce } = handedKey(suite, shared, salt)
  return { salt, sealed: suite.seal(key, nonce, plaintext, head) }
}

/** @throws MailboxError seal */
export function take(suite: Suite, shared: Shared, head: Uint8Array, { salt, sealed }: Handed): Uint8Array {
  const { key, nonce } = handedKey(suite, shared, salt)
  const plaintext = suite.open(key, nonce, sealed, head)
  if (!plaintext) throw new MailboxError('seal')
  return plaintext
}

function handedKey(suite: Suite, shared: Shared, salt: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const { key, nonce } = SIZE.aead
  const bytes = suite.hkdf(salt, shared.dh, labelled(LABEL.mailboxHanded, shared.id, shared.keys), key + nonce)
  return { key: bytes.slice(0, key), nonce: bytes.slice(key) }
}
