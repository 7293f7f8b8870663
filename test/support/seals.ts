/** Which keys sealed what. A message key is used once: two different envelopes that commit to one key are the end of its secrecy. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

/** Envelope bytes after the two-byte head: the ratchet's salt, then the commitment to a message key (protocols/ratchet). */
const COMMITMENT = { from: 2 + 16, to: 2 + 16 + 32 }
const RATCHET = 2

export interface Seal {
  /** of the whole envelope */
  readonly digest: string
  /** to its message key, where the ratchet sealed it */
  readonly commitment: string | undefined
}

export function sealOf(envelope: Uint8Array): Seal {
  const commitment = envelope[1] === RATCHET ? Buffer.from(envelope.subarray(COMMITMENT.from, COMMITMENT.to)).toString('hex') : undefined
  return { digest: createHash('sha1').update(envelope).digest('base64'), commitment }
}

export class Seals {
  readonly #keys = new Map<string, string>()
  /** `name digest` of every envelope that is durable at its sender */
  readonly #durable = new Set<string>()

  /** Somebody's disk has it. */
  durable(name: string, { digest, commitment }: Seal): void {
    this.#durable.add(`${name} ${digest}`)
    if (commitment === undefined) return
    assert.equal(this.#keys.get(commitment) ?? digest, digest, `a message key of ${name} sealed two different envelopes`)
    this.#keys.set(commitment, digest)
  }

  /** It was handed to the network. */
  left(name: string, digest: string): void {
    assert.ok(this.#durable.has(`${name} ${digest}`), `an envelope of ${name} left before it was stored`)
  }
}
