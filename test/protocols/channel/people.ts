/** A brand, its authors and its followers, each with everything it holds of the channel. */
import {
  adoptHead,
  type Author,
  type Certificate,
  type Channel,
  commitmentOf,
  createChannel,
  encodeCertificate,
  encodeChannel,
  encodeLog,
  encodePost,
  encodeRevocation,
  encodeRotation,
  type Entry,
  type Frontier,
  frontierAt,
  headOf,
  judge,
  KIND,
  logOf,
  type Manifest,
  openChannel,
  type Post,
  rootKeyAt,
  SCOPE,
  type Subtree,
  subtreesOf,
  supersede,
  type Verdict,
  write,
  type Written,
} from '../../../protocols/channel/index.ts'
import { type KeyPair, type Suite, toHex } from '../../../protocols/suite/index.ts'

export const NOW = Date.UTC(2026, 10, 21)
export const DAY = 24 * 3_600_000
export const ENTROPY = new Uint8Array(32).fill(7)

export const manifestOf = (changed: Partial<Manifest> = {}): Manifest => ({
  name: 'Seoul Bakery',
  description: '',
  logo: undefined,
  languages: ['ko', 'en'],
  region: 'KR',
  links: [],
  hours: undefined,
  domain: undefined,
  rate: 50,
  ...changed,
})

export const postOf = (text: string, changed: Partial<Post> = {}): Post => ({
  title: '',
  text,
  links: [],
  media: [],
  event: undefined,
  offer: undefined,
  ...changed,
})

export const post = (text: string): { kind: number; body: Uint8Array } => ({ kind: KIND.post, body: encodePost(postOf(text)) })

export const keyOf = (suite: Suite, seed: number): KeyPair<'ed25519'> => suite.importSecret('ed25519', new Uint8Array(32).fill(seed))

/** Somebody who holds entries, all of them from the first, and never anything that was not judged. */
export class Peer {
  readonly suite: Suite
  channel: Channel
  /** entries by log, in hex */
  entries = new Map<string, Entry[]>()
  now: number

  constructor(suite: Suite, genesis: Uint8Array, now = NOW) {
    this.suite = suite
    this.now = now
    const { channel, entry } = openChannel(suite, genesis, now)
    this.channel = channel
    this.entries.set(toHex(channel.id), [entry])
  }

  get log(): Uint8Array {
    return this.channel.id
  }

  of(log: Uint8Array): Entry[] {
    return this.entries.get(toHex(log)) ?? []
  }

  /** What is accepted is kept; a rotation that takes the place of others is followed. */
  hear(bytes: Uint8Array): Verdict {
    const verdict = judge(this.suite, this.channel, bytes, this.now)
    if (verdict.verdict === 'accept') this.keep(verdict)
    if (verdict.verdict === 'supersede') {
      const before = this.of(this.log).slice(0, verdict.from)
      const { channel, entry } = supersede(this.suite, this.channel, before.map(({ bytes: each }) => each), bytes, this.now)
      this.entries.set(toHex(this.log), [...before, entry])
      this.moveTo(channel)
    }
    return verdict
  }

  keep({ channel, entry }: Pick<Written, 'channel' | 'entry'>): void {
    const name = toHex(entry.log)
    this.entries.set(name, [...(this.entries.get(name) ?? []), entry])
    this.moveTo(channel)
  }

  /** A log that had to start again goes on from the last of its entries that still stands. */
  moveTo(channel: Channel): void {
    this.channel = channel
    for (const [name, state] of channel.logs) {
      const cut = channel.cuts.get(name)
      if (state.size > 0) continue
      const held = (this.entries.get(name) ?? []).slice(0, cut?.size)
      const kept = held.findLastIndex(({ certificate }) => channel.certificates.has(toHex(certificate))) + 1
      this.entries.set(name, held.slice(0, kept))
      const last = held[kept - 1]
      if (!last) continue
      try {
        this.channel = adoptHead(this.suite, this.channel, { entry: last.bytes, frontier: this.frontierAt(last.log, last.seq).nodes }, this.now).channel
      } catch {
        this.entries.delete(name) // the cut keeps another branch than this one
      }
    }
  }

  /** Everything that was heard so far, in whatever order, until nothing of it says anything new. */
  settle(heard: readonly Uint8Array[]): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const bytes of heard) {
        const { verdict } = this.hear(bytes)
        if (verdict === 'accept' || verdict === 'supersede') moved = true
      }
    }
  }

  /** The same for all who know the same. */
  digest(): string {
    const logs = [...this.channel.logs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => encodeLog(state))
    return toHex(this.suite.sha256(encodeChannel(this.channel), ...logs))
  }

  subtree(log: Uint8Array): Subtree {
    const entries = this.of(log)
    return subtreesOf(this.suite, (seq) => (entries[seq] as Entry).id, () => undefined)
  }

  frontierAt(log: Uint8Array, size: number): Frontier {
    return frontierAt(size, this.subtree(log))
  }

  head(log: Uint8Array): ReturnType<typeof headOf> {
    return headOf(this.suite, logOf(this.channel, log)!)
  }

  write(author: Author, said: { kind: number; body: Uint8Array }): Entry {
    const written = write(this.suite, this.channel, author, said, this.now)
    this.keep(written)
    return written.entry
  }
}

export class Brand extends Peer {
  generation = 0

  constructor(suite: Suite, manifest: Partial<Manifest> = {}) {
    super(suite, createChannel(suite, ENTROPY, manifestOf(manifest), NOW).genesis.bytes)
  }

  get root(): Author {
    return { root: rootKeyAt(this.suite, ENTROPY, this.generation) }
  }

  certify(key: KeyPair<'ed25519'>, changed: Partial<Certificate> = {}): Entry {
    return this.write(this.root, { kind: KIND.certificate, body: encodeCertificate(certificateOf(key, changed)) })
  }

  rotate(): Entry {
    this.generation++
    return this.write(this.root, rotationTo(this.suite, this.generation))
  }

  revoke(log: Uint8Array, size: number, reason = 'stolen'): Entry {
    const { root } = headOf(this.suite, { ...logOf(this.channel, log)!, frontier: this.frontierAt(log, size) })
    return this.write(this.root, { kind: KIND.revocation, body: encodeRevocation({ log, size, root, reason }) })
  }
}

export const certificateOf = (key: KeyPair<'ed25519'>, changed: Partial<Certificate> = {}): Certificate => ({
  key: key.publicKey,
  name: 'Kim',
  scope: SCOPE.text | SCOPE.pictures | SCOPE.events | SCOPE.offers | SCOPE.moderate,
  firstSeq: 0,
  endSeq: 1_000_000,
  notBefore: NOW,
  notAfter: NOW + 365 * DAY,
  ...changed,
})

export function rotationTo(suite: Suite, generation: number): { kind: number; body: Uint8Array } {
  const rootKey = rootKeyAt(suite, ENTROPY, generation).publicKey
  return { kind: KIND.rotation, body: encodeRotation({ rootKey, nextRoot: commitmentOf(suite, rootKeyAt(suite, ENTROPY, generation + 1).publicKey) }) }
}


/** The same held by another, from where both go their own ways: a device restored, a thief. */
export function copy<T extends Peer>(peer: T): T {
  const twin = Object.assign(Object.create(Object.getPrototypeOf(peer) as object), peer) as T
  twin.entries = new Map(peer.entries)
  return twin
}
