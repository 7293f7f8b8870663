import { decrypt, encrypt, type RatchetState, startInitiator, startResponder } from '../../../protocols/ratchet/index.ts'
import { type Random, type Suite, toHex, utf8 } from '../../../protocols/suite/index.ts'

export const ASSOCIATED = utf8('alice to bob and back')
export const NOW = Date.UTC(2026, 10, 21)

export interface Pair {
  alice: RatchetState
  bob: RatchetState
}

/** Alice may send, Bob waits. */
export function introduced(random: Random, alice: Suite, bob: Suite = alice): Pair {
  const shared = { root: random(32), headerInitiator: random(32), headerResponder: random(32) }
  const dh = bob.generate('x25519', random)
  const kem = bob.generate('ml-kem-768', random)
  return {
    alice: startInitiator({ ...shared, peerDh: dh.publicKey, peerKem: kem.publicKey }),
    bob: startResponder({ ...shared, dh, kem }),
  }
}

/** One talker with a memory: `send` and `receive` move the state forward. */
export class Talker {
  state: RatchetState
  readonly suite: Suite
  readonly #random: Random

  constructor(suite: Suite, random: Random, state: RatchetState) {
    this.suite = suite
    this.#random = random
    this.state = state
  }

  send(text: string): Uint8Array {
    const { state, message } = encrypt(this.suite, this.#random, this.state, utf8(text), ASSOCIATED)
    this.state = state
    return message
  }

  receive(message: Uint8Array, now = NOW): string {
    const { state, plaintext } = decrypt(this.suite, this.state, message, ASSOCIATED, now)
    this.state = state
    return Buffer.from(plaintext).toString()
  }
}

export function talk(random: Random, suite: Suite, other: Suite = suite): { alice: Talker; bob: Talker } {
  const { alice, bob } = introduced(random, suite, other)
  return { alice: new Talker(suite, random, alice), bob: new Talker(other, random, bob) }
}

/** A digest of everything a state holds, secrets by their bytes: equal digests are equal states. */
export function snapshot(suite: Suite, state: unknown): string {
  const text = JSON.stringify(state, (_, value: unknown) => {
    if (value instanceof Uint8Array) return toHex(value)
    const kind = (value as { kind?: string } | null)?.kind
    if (kind === 'x25519' || kind === 'ml-kem-768') return toHex(suite.exportSecret(value as never))
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
  return toHex(suite.hash(utf8(text)))
}
