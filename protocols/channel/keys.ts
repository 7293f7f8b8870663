/** The keys of a channel: root keys from 24 words, the names derived from them, and the proof that somebody has a posting key. */
import { ENTROPY_SIZE } from '../identity/index.ts'
import { type KeyPair, LABEL, labelled, type Suite, u32 } from '../suite/index.ts'

const EMPTY = new Uint8Array(0)

/**
 * The root key of a generation: 0 signs the genesis, each rotation goes one further. All of them are in the same 24 words
 * (`recoveryPhrase`, `entropyOf` of the identity room).
 * @throws RangeError entropy of another length than 32
 */
export function rootKeyAt(suite: Suite, entropy: Uint8Array, generation: number): KeyPair<'ed25519'> {
  if (entropy.length !== ENTROPY_SIZE) throw new RangeError(`a channel has ${ENTROPY_SIZE} bytes of entropy`)
  return suite.importSecret('ed25519', suite.hkdf(EMPTY, entropy, labelled(LABEL.channelRootKey, u32(generation)), 32))
}

/** What announces a root key long before it is seen. */
export const commitmentOf = (suite: Suite, rootKey: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.channelNextRoot, rootKey)).slice(0, 32)

/** @param genesis its bytes as they travelled */
export const channelIdOf = (suite: Suite, genesis: Uint8Array): Uint8Array => suite.hash(labelled(LABEL.channelId, genesis)).slice(0, 32)

/** The log of a posting key. */
export const logIdOf = (suite: Suite, channel: Uint8Array, postingKey: Uint8Array): Uint8Array =>
  suite.hash(labelled(LABEL.channelLog, channel, postingKey)).slice(0, 32)

const possession = (channel: Uint8Array, account: Uint8Array): Uint8Array => labelled(LABEL.channelPostingKey, channel, account)

/** 64 bytes: this posting key was made for this channel by this account, so that nobody offers the key of somebody else as theirs. */
export const provePostingKey = (suite: Suite, key: KeyPair<'ed25519'>, channel: Uint8Array, account: Uint8Array): Uint8Array =>
  suite.sign(key.secretKey, possession(channel, account))

export const checkPostingKey = (suite: Suite, key: Uint8Array, proof: Uint8Array, channel: Uint8Array, account: Uint8Array): boolean =>
  suite.verify(key, possession(channel, account), proof)
