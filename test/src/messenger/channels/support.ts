/** A channel written by hand, and peers that have it without a messenger around them: honest ones, and ones that lie. */
import assert from 'node:assert/strict'
import {
  type Author, type Channel, channelText, createChannel, decodeSyncFrame, decodeSyncRequest, encodeCertificate, encodeManifest, encodePost, encodeRevocation,
  encodeRotation, encodeSyncFrame, headOf, KIND, commitmentOf, logIdOf, type Manifest, type Post, rootKeyAt, SCOPE, type SyncFrame, type SyncRequest, write,
} from '../../../../protocols/channel/index.ts'
import { encodeChannelLink } from '../../../../protocols/pairing/index.ts'
import { fromHex, type KeyPair, type Random, toHex } from '../../../../protocols/suite/index.ts'
import { openssl } from '../../../../src/crypto/index.ts'
import { Arrivals } from '../../../../src/messenger/channels/arrivals.ts'
import type { ReplicaContext } from '../../../../src/messenger/channels/context.ts'
import { Keeping } from '../../../../src/messenger/channels/keeping.ts'
import { Library } from '../../../../src/messenger/channels/library.ts'
import { Network } from '../../../../src/messenger/channels/network.ts'
import type { PeerKey } from '../../../../src/messenger/channels/ports.ts'
import { Shelf } from '../../../../src/messenger/channels/shelf.ts'
import { newStep } from '../../../../src/messenger/context.ts'
import { createMemoryStore, type MemoryStore } from '../../../support/memory-store.ts'
import { seededRandom } from '../../../support/seeded.ts'
import type { World } from '../../../support/world.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const text = (said: string): Post => ({ title: '', text: said, links: [], media: [], event: undefined, offer: undefined })

export interface Writer {
  readonly name: string
  readonly author: Author
  readonly log: string
}

/** Whoever holds the keys of a channel, and every entry in the order it was written. */
export class Brand {
  readonly entropy: Uint8Array
  readonly entries: Uint8Array[] = []
  readonly id: string
  channel: Channel
  now: number
  readonly random: Random

  constructor(options: { now: number; seed?: number; name?: string; manifest?: Partial<Manifest> }) {
    this.random = seededRandom(options.seed ?? 7)
    this.entropy = this.random(32)
    this.now = options.now
    const { channel, genesis } = createChannel(openssl, this.entropy, manifest(options.name ?? 'Bakery', options.manifest), options.now)
    this.channel = channel
    this.id = toHex(channel.id)
    this.entries.push(genesis.bytes)
  }

  /** A branch of the same channel, for what must never be: the same keys in two hands. */
  copy(): Brand {
    const twin = Object.assign(Object.create(Brand.prototype) as Brand, this) as { -readonly [K in keyof Brand]: Brand[K] }
    twin.entries = [...this.entries]
    return twin as Brand
  }

  get root(): Author {
    return { root: rootKeyAt(openssl, this.entropy, this.channel.keys.length - 1) }
  }

  writer(name: string, options: { scope?: number; notAfter?: number; key?: KeyPair<'ed25519'> } = {}): Writer {
    const key = options.key ?? openssl.importSecret('ed25519', this.random(32))
    const scope = options.scope ?? 31
    const body = encodeCertificate({ key: key.publicKey, name, scope, firstSeq: 0, endSeq: 2 ** 40, notBefore: 0, notAfter: options.notAfter ?? this.now + 3650 * DAY })
    const certificate = this.write(this.root, KIND.certificate, body)
    return { name, author: { key, certificate }, log: toHex(logIdOf(openssl, this.channel.id, key.publicKey)) }
  }

  /** @returns the id of the entry */
  write(author: Author, kind: number, body: Uint8Array): Uint8Array {
    const written = write(openssl, this.channel, author, { kind, body }, this.now)
    this.channel = written.channel
    this.entries.push(written.entry.bytes)
    return written.entry.id
  }

  post(by: Writer, said: string | Partial<Post>, after = 1_000): string {
    this.now += after
    return toHex(this.write(by.author, KIND.post, encodePost(typeof said === 'string' ? text(said) : { ...text(''), ...said })))
  }

  posts(by: Writer, count: number, after = 1_000): void {
    for (let i = 0; i < count; i++) this.post(by, `${by.name} ${i}`, after)
  }

  setManifest(changed: Partial<Manifest>): void {
    this.now += 1_000
    this.write(this.root, KIND.manifest, encodeManifest({ ...this.channel.manifest, ...changed }))
  }

  revoke(writer: Writer, size = this.channel.logs.get(writer.log)?.size ?? 0): void {
    this.now += 1_000
    const log = this.channel.logs.get(writer.log)
    assert.equal(log?.size, size)
    this.write(this.root, KIND.revocation, encodeRevocation({ ...headOf(openssl, log!), reason: 'stolen' }))
  }

  rotate(): void {
    this.now += 1_000
    const generation = this.channel.keys.length
    const key = rootKeyAt(openssl, this.entropy, generation)
    const next = commitmentOf(openssl, rootKeyAt(openssl, this.entropy, generation + 1).publicKey)
    this.write({ root: key }, KIND.rotation, encodeRotation({ rootKey: key.publicKey, nextRoot: next }))
  }
}

const manifest = (name: string, changed: Partial<Manifest> = {}): Manifest => ({
  name, description: '', logo: undefined, languages: [], region: undefined, links: [], hours: undefined, domain: undefined, rate: 100_000, ...changed,
})

export type Tamper = (request: SyncRequest, frames: SyncFrame[]) => SyncFrame[] | AsyncIterable<SyncFrame>

/** A node that has a channel and serves it; what it answers may be changed on the way out. */
export class Mirror {
  readonly peer: PeerKey
  readonly store: MemoryStore
  readonly asked: SyncRequest[] = []
  readonly context: ReplicaContext
  readonly #shelf: Shelf
  readonly #arrivals: Arrivals
  readonly #network: Network
  readonly #library: Library

  constructor(world: World, number: number, tamper?: Tamper) {
    this.peer = number.toString(16).padStart(64, 'e')
    this.store = createMemoryStore()
    const gossip = world.gossip.gossip(this.peer)
    const log = { info: () => undefined, warn: () => undefined }
    this.context = { suite: openssl, store: this.store, clock: world.clock, random: seededRandom(number), log, gossip }
    this.#shelf = new Shelf(this.context, 'dure channel list')
    this.#arrivals = new Arrivals(this.context, { shelf: this.#shelf, keeping: new Keeping(this.context, this.#shelf) })
    this.#library = new Library(this.context, this.#shelf)
    this.#network = new Network(this.context, this.#shelf, {
      message: (id, from, message) => this.#arrivals.message(id, from, message),
      answer: (_, bytes) => this.#answer(bytes, tamper),
      recognises: (nonce, tags) => this.#library.recognises(nonce, tags),
      peer: () => undefined,
      addressesChanged: () => undefined,
    })
  }

  /** Takes the first `count` entries, or all there are; those it has already it keeps. */
  async take(brand: Brand, count = brand.entries.length): Promise<void> {
    const step = newStep()
    if (!this.#shelf.get(brand.id)) {
      this.#shelf.put(step, {
        id: brand.id, name: brand.id.slice(0, 8), following: 'open', muted: true, dailyLimit: 0, state: new Uint8Array(), hints: [], domain: undefined, newestAt: 1, addedAt: 1,
      })
    }
    for (const bytes of brand.entries.slice(0, count)) {
      const { outcome, why } = this.#arrivals.judged(step, brand.id, bytes, 'past')
      assert.ok(outcome === 'new' || outcome === 'known', `a mirror takes no entry that is ${outcome}: ${why}`)
    }
    await this.context.store.commit(step.changes)
    await this.#network.start()
  }

  /** Hands an entry to the gossip, judged here or not. */
  async publish(id: string, entry: Uint8Array): Promise<void> {
    await this.#arrivals.publish(id, entry)
  }

  state(id: string): Channel {
    const known = this.#shelf.opened(id)
    assert.ok(known)
    return known.state
  }

  stop(): Promise<void> {
    return this.#network.stop()
  }

  async *#answer(bytes: Uint8Array, tamper: Tamper | undefined): AsyncGenerator<Uint8Array> {
    const request = decodeSyncRequest(bytes)
    this.asked.push(request)
    const frames: Uint8Array[] = []
    for await (const frame of this.#library.answer(bytes)) frames.push(frame)
    if (!tamper) return yield* frames
    for await (const frame of tamper(request, frames.map((frame) => decodeSyncFrame(frame)))) yield encodeSyncFrame(frame)
  }
}

/** The link to a channel at these nodes. */
export function linkTo(world: World, brand: Brand, ...mirrors: Pick<Mirror, 'peer'>[]): string {
  const peers = mirrors.map(({ peer }) => ({ key: fromHex(peer), addresses: [...world.gossip.gossip(peer).addresses()] }))
  return encodeChannelLink({ channel: fromHex(brand.id), peers })
}

export const idOf = (brand: Brand): string => channelText(fromHex(brand.id))
export { SCOPE }
