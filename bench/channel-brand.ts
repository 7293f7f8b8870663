/** A brand that posts as fast as it can sign: real entries, each a second after the one before, for the benches of channels. */
import {
  type Author, type Channel, createChannel, encodeCertificate, encodePost, frontierLength, type Grown, KIND, limits, type LogState, rootKeyAt, SCOPE, type VerifiedEntry, write,
  type Written,
} from '../protocols/channel/index.ts'
import { type KeyPair, type Suite, toHex } from '../protocols/suite/index.ts'
import { secureRandom } from '../src/crypto/index.ts'

/** As much as the highest rate lets through, with a little room. */
const BETWEEN_MS = 1_000
const CENTURY_MS = 36_525 * 86_400_000
const TEXT = 'Fresh bread from seven. '.repeat(13).slice(0, 300)

interface Writer {
  readonly author: Extract<Author, { readonly key: unknown }>
  readonly log: string
}

export class Brand {
  readonly #suite: Suite
  readonly #writers: readonly Writer[]
  #now: number
  channel: Channel
  /** the root log, from its genesis */
  readonly root: { readonly entry: VerifiedEntry; readonly grown: readonly Grown[] }[] = []

  /** @param entries the newest of so many entries is of now: what has a later time nobody would take */
  constructor(suite: Suite, options: { authors: number; entries: number }) {
    this.#suite = suite
    this.#now = Date.now() - (options.entries + 1_000) * BETWEEN_MS
    const entropy = secureRandom(32)
    const manifest = {
      name: 'Seoul Bakery', description: '', logo: undefined, languages: [], region: undefined, links: [], hours: undefined, domain: undefined, rate: limits.MAX_RATE,
    }
    const { channel, genesis } = createChannel(suite, entropy, manifest, this.#now)
    this.channel = channel
    this.root.push({ entry: genesis, grown: [] })
    this.#writers = Array.from({ length: options.authors }, (_, i) => this.#certified(rootKeyAt(suite, entropy, 0), i))
  }

  #certified(root: KeyPair<'ed25519'>, i: number): Writer {
    const key = this.#suite.generate('ed25519', secureRandom)
    const scope = Object.values<number>(SCOPE).reduce((all, bit) => all | bit)
    const body = encodeCertificate({
      key: key.publicKey, name: `Author ${i}`, scope, firstSeq: 0, endSeq: Number.MAX_SAFE_INTEGER, notBefore: this.#now, notAfter: this.#now + CENTURY_MS,
    })
    const written = this.#write({ root }, KIND.certificate, body)
    this.root.push(written)
    const certified = this.channel.certificates.get(toHex(written.entry.id))
    if (!certified) throw new Error('the certificate is not in force')
    return { author: { key, certificate: certified.id }, log: toHex(certified.log) }
  }

  /** One post of 300 B. The authors take turns. */
  post(turn: number): Written {
    return this.#write(this.#writer(turn).author, KIND.post, postBody)
  }

  /** The log of an author becomes as if it had so many entries: over hashes of nobody's. */
  pretend(turn: number, size: number): void {
    const { author, log } = this.#writer(turn)
    const state = this.channel.logs.get(log) as LogState
    const nodes = Array.from({ length: frontierLength(size) }, () => secureRandom(32))
    this.channel = {
      ...this.channel,
      logs: new Map(this.channel.logs).set(log, { ...state, size, frontier: { size, nodes }, time: this.#now, certificate: author.certificate }),
    }
  }

  logOf(turn: number): string {
    return this.#writer(turn).log
  }

  keyOf(turn: number): Uint8Array {
    return this.#writer(turn).author.key.publicKey
  }

  get now(): number {
    return this.#now
  }

  #writer(turn: number): Writer {
    return this.#writers[turn % this.#writers.length] as Writer
  }

  #write(author: Author, kind: number, body: Uint8Array): Written {
    const written = write(this.#suite, this.channel, author, { kind, body }, this.#tick())
    this.channel = written.channel
    return written
  }

  #tick(): number {
    return (this.#now += BETWEEN_MS)
  }
}

const postBody = encodePost({ title: '', text: TEXT, links: [], media: [], event: undefined, offer: undefined })
