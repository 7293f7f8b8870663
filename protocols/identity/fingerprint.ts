/** What people compare and see of an account key. */
import { base32nopad } from '@scure/base'
import { LABEL, labelled, type Suite } from '../suite/index.ts'
import type { AccountId } from './phrase.ts'

/** As in Signal's numeric fingerprints: makes a search for a lookalike key 5200 times as dear. */
const ITERATIONS = 5200
const GROUPS_A_SIDE = 6
const GROUP_DIGITS = 5
const GROUP_BYTES = 5

function digitsOf(suite: Suite, account: AccountId): string {
  let hash = suite.hash(labelled(LABEL.safetyNumber, account))
  for (let i = 1; i < ITERATIONS; i++) hash = suite.hash(hash, account)
  let digits = ''
  for (let group = 0; group < GROUPS_A_SIDE; group++) {
    let value = 0
    for (const byte of hash.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)) value = value * 256 + byte
    digits += String(value % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, '0')
  }
  return digits
}

/** 60 digits, the same from both sides. All of them are to be compared (attack 38). */
export function safetyNumber(suite: Suite, a: AccountId, b: AccountId): string {
  return [digitsOf(suite, a), digitsOf(suite, b)].sort().join('')
}

/** Twelve groups of five digits, with a space between. */
export function formatSafetyNumber(number: string): string {
  return number.match(/.{5}/g)?.join(' ') ?? ''
}

/** 80 bits: for telling accounts apart on a screen, never for proving one. */
const FINGERPRINT_SIZE = 10

/** `xxxx-xxxx-xxxx-xxxx`, lower-case base32 (RFC 4648). */
export function accountFingerprint(suite: Suite, account: AccountId): string {
  const text = base32nopad.encode(suite.hash(labelled(LABEL.fingerprint, account)).subarray(0, FINGERPRINT_SIZE))
  return (text.toLowerCase().match(/.{4}/g) as string[]).join('-')
}
