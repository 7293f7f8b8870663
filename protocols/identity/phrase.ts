/** The account: 32 random bytes, written down as 24 words, from which the root key follows. */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { type KeyPair, LABEL, labelled, type Suite } from '../suite/index.ts'
import { PhraseError } from './errors.ts'

/** 256 bits, the most BIP39 encodes: 24 words. */
export const ENTROPY_SIZE = 32
const WORDS = 24

const words = new Set(wordlist)

/** 32-byte Ed25519 public key of an account's root key. */
export type AccountId = Uint8Array

/** @param entropy 32 uniformly random bytes @throws RangeError another length */
export function recoveryPhrase(entropy: Uint8Array): string {
  if (entropy.length !== ENTROPY_SIZE) throw new RangeError(`an account has ${ENTROPY_SIZE} bytes of entropy`)
  return entropyToMnemonic(entropy, wordlist)
}

/** Tolerates any case, any white space and any Unicode form. @throws PhraseError */
export function entropyOf(phrase: string): Uint8Array {
  const typed = phrase.normalize('NFKD').toLowerCase().split(/\s+/).filter(Boolean)
  if (typed.length !== WORDS) throw new PhraseError('word-count')
  for (const [index, word] of typed.entries()) {
    if (!words.has(word)) throw new PhraseError('unknown-word', { position: index + 1, word })
  }
  try {
    return mnemonicToEntropy(typed.join(' '), wordlist)
  } catch {
    throw new PhraseError('checksum')
  }
}

/** The account's root key. It signs device lists and nothing else. @throws RangeError entropy of another length than 32 */
export function rootKey(suite: Suite, entropy: Uint8Array): KeyPair<'ed25519'> {
  if (entropy.length !== ENTROPY_SIZE) throw new RangeError(`an account has ${ENTROPY_SIZE} bytes of entropy`)
  const seed = suite.hkdf(new Uint8Array(0), entropy, labelled(LABEL.identityRoot), 32)
  return suite.importSecret('ed25519', seed)
}
