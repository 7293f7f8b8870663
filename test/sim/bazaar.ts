/** The channel of the village: what people do with it, and what must be true of it. */
import assert from 'node:assert/strict'
import { type Channel, decodeChannel, heads, KIND } from '../../protocols/channel/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import { openssl } from '../../src/crypto/index.ts'
import type { PostView } from '../../src/messenger/channels/views.ts'
import { forgery } from '../support/lying-gossip.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { type Author, HONEST, type Name, PEOPLE } from './events.ts'
import { CHANNEL, DAY, type Village } from './village.ts'

interface Said {
  readonly by: Author
  readonly post: PostView
}

export class Bazaar {
  /** posts that `publish` resolved with */
  readonly said: Said[] = []
  readonly #village: Village
  readonly #id: string
  readonly #texts = new Set<string>()

  constructor(village: Village) {
    this.#village = village
    this.#id = village.channel
  }

  // ---------------------------------------------------------------- what people do

  /** Whether it becomes an entry now, later or never is up to the weather; who got a post back was promised that it stays. */
  post(by: Author, text: string): void {
    this.#texts.add(text)
    void this.#village.ask(by, ({ messenger }) => messenger.channels.publish(CHANNEL, { text })).then((published) => {
      if (published?.post) this.said.push({ by, post: published.post })
    })
  }

  edit(by: Author, nth: number, text: string): void {
    const post = this.#some(by, nth)
    if (!post) return
    this.#texts.add(text)
    void this.#village.ask(by, ({ messenger }) => messenger.channels.edit(CHANNEL, post.id, { text }))
  }

  withdraw(by: Author, nth: number): void {
    const post = this.#some(by, nth)
    if (post) void this.#village.ask(by, ({ messenger }) => messenger.channels.withdraw(CHANNEL, post.id, 'changed my mind'))
  }

  async certify(): Promise<void> {
    const offer = { contact: 'Ben', scope: ['text' as const], notAfter: this.#village.world.clock.now() + 365 * DAY }
    await this.#village.ask('Ann', ({ messenger }) => messenger.channels.addStaff(CHANNEL, offer))
  }

  revoke(): void {
    void this.#village.ask('Ann', ({ messenger }) => messenger.channels.revokeStaff(CHANNEL, 'Ben', 'left us'))
  }

  rotate(): void {
    void this.#village.ask('Ann', ({ messenger }) => messenger.channels.rotate(CHANNEL))
  }

  async follow(name: Name): Promise<void> {
    if (this.#village.person(name).store.peek().channels.has(this.#id)) return
    const link = await this.#village.ask('Ann', async ({ messenger }) => messenger.channels.link(CHANNEL))
    if (link !== undefined) await this.#village.world.until(this.#village.ask(name, ({ messenger }) => messenger.channels.follow(link, { private: false })))
  }

  /** Somebody is put back: what nobody else has is lost with the disk. */
  rewound(name: Name): void {
    const others = PEOPLE.filter((each) => each !== name).map((each) => this.#village.person(each).store.peek().entries)
    const left = this.said.filter(({ by, post }) => by !== name || others.some((entries) => [...entries.values()].some(({ id }) => id === post.id)))
    this.said.splice(0, this.said.length, ...left)
  }

  /** Something that was said once is said again, when nobody remembers having heard it; changed on the way when `forged`. */
  echo(nth: number, to: Name, forged: boolean): void {
    const { gossip } = this.#village.world
    const messages = gossip.wire.filter(({ kind, bytes }) => kind === 'message' && bytes[0] === 1)
    const message = messages[nth % Math.max(1, messages.length)]?.bytes
    if (!message) return
    gossip.forgetSeen()
    gossip.inject(this.#village.person('Mal').peer, this.#village.person(to).peer, this.#id, forged ? forgery(message) : message)
    this.#village.meets(forged ? 'forged entry' : 'old entry')
  }

  /** A thief with a copy of a node posts beside its owner, each where the other is not heard, until all meet. */
  async twoHands(name: Author, posts: number): Promise<void> {
    const village = this.#village
    const { gossip } = village.world
    const thief = await village.world.person('Thief')
    village.leave(name)
    await village.world.restart(thief, createMemoryStore({ from: village.person(name).store.snapshot() }))
    village.comeBack(name)
    const there: readonly Name[] = ['Cho', 'Mal'] // two that can be asked for the newest entry, as the thief's node does
    const peersOf = (names: readonly Name[]): string[] => names.map((each) => village.person(each).peer)
    gossip.partition(peersOf(PEOPLE.filter((each) => !there.includes(each))), [thief.peer, ...peersOf(there)])
    for (let n = 0; n < posts; n++) {
      this.post(name, `${name} ${n}`)
      this.#texts.add(`thief ${n}`)
      void thief.messenger.channels.publish(CHANNEL, { text: `thief ${n}` })
      await village.settle(10_000)
    }
    village.heal()
    await village.settle(10_000)
  }

  /** Everybody holds the proof, and says so. */
  assertForked(): void {
    for (const name of HONEST) {
      const { channels } = this.#village.person(name).messenger
      assert.ok(channels.channel(CHANNEL).frozen?.startsWith('an author signed two entries'), `${name} does not know of the fork`)
      const [proof] = channels.evidence(CHANNEL)
      assert.ok(proof && this.#village.person('Ann').messenger.channels.checkEvidence(proof.bytes).channel !== '')
    }
  }

  // ---------------------------------------------------------------- what must be true

  /** Who is told that nothing is missing has all of it. */
  async prove(name: Name): Promise<void> {
    const proof = await this.#village.world.until(this.#village.ask(name, ({ messenger }) => messenger.channels.verify(CHANNEL, { all: true })))
    if (!proof || proof.missing.length > 0 || proof.held < proof.entries) return
    const { entries } = this.#village.person(name).store.peek()
    const held = new Set([...entries.values()].filter(({ channel }) => channel === this.#id).map(({ log, seq }) => `${log}/${seq}`))
    for (const { log, size } of this.#heads(name)) {
      for (let seq = 0; seq < size; seq++) assert.ok(held.has(`${log}/${seq}`), `${name} is told that nothing is missing, and entry ${seq} is`)
    }
    const known = this.#heads(name).reduce((sum, { size }) => sum + size, 0)
    assert.ok(proof.held <= held.size && proof.entries <= known, `${name} is told of ${proof.entries} entries, and ${held.size} of ${known} are here`)
  }

  /** At the end of quiet. */
  async settled(): Promise<void> {
    for (const name of HONEST) await this.follow(name)
    await this.#village.settle(20_000)
    for (const name of HONEST) await this.prove(name)
    await this.same()
    await this.kept()
    this.#noForks()
    this.#nobodyElseBlamed()
    this.#nothingWaits()
  }

  /** The same posts, heads and no gaps for everybody; nothing that nobody said. */
  async same(): Promise<void> {
    const shown = await this.#shown('Ann')
    const ours = this.#heads('Ann').map(({ log, size, root }) => `${log} ${size} ${root}`)
    for (const name of HONEST) {
      assert.deepEqual(this.#heads(name).map(({ log, size, root }) => `${log} ${size} ${root}`), ours, `${name} has other heads than Ann`)
      assert.deepEqual(comparable(await this.#shown(name)), comparable(shown), `${name} is shown something else than Ann`)
      const proof = await this.#village.world.until(this.#village.person(name).messenger.channels.verify(CHANNEL, { all: true }))
      assert.deepEqual([proof.missing, proof.held], [[], proof.entries], `${name} misses something`)
    }
    for (const { text, withdrawn } of shown) assert.ok(withdrawn || this.#texts.has(text), `nobody said "${text}"`)
  }

  /** What was promised is there, unless the brand ended that log before it. */
  async kept(): Promise<void> {
    const shown = new Set((await this.#shown('Eve')).map(({ id }) => id))
    const cuts = this.#state('Ann')?.cuts
    for (const { by, post } of this.said) {
      const isVoid = post.seq >= (cuts?.get(post.log)?.size ?? Infinity)
      assert.equal(shown.has(post.id), !isVoid, `"${post.text}" of ${by} is ${isVoid ? 'void and shown' : 'lost'}`)
    }
  }

  #noForks(): void {
    for (const name of HONEST) {
      const { channels } = this.#village.person(name).messenger
      assert.equal(channels.channel(CHANNEL).frozen, undefined, `${name} has the channel frozen`)
      assert.deepEqual(channels.evidence(CHANNEL), [])
    }
  }

  /** Only who lied is told on for it. */
  #nobodyElseBlamed(): void {
    const liar = this.#village.person('Mal').peer
    const blamed = this.#village.world.gossip.reports.filter(({ fault, peer }) => (fault === 'invalid' || fault === 'flood') && peer !== liar)
    assert.deepEqual(blamed, [], 'who did not lie is blamed for it')
  }

  /** Nothing waits for ever, but what can never be signed. */
  #nothingWaits(): void {
    const drafts = [...this.#village.person('Ann').store.peek().drafts.values()]
    assert.deepEqual(drafts.filter(({ kind }) => kind === KIND.post), [], 'a post of Ann waits for ever')
  }

  // ---------------------------------------------------------------- shared

  #state(name: Name): Channel | undefined {
    const { channels, channelLogs } = this.#village.person(name).store.peek()
    const row = channels.get(this.#id)
    const logs = [...channelLogs.values()].filter(({ channel }) => channel === this.#id)
    return row && row.state.length > 0 ? decodeChannel(openssl, row.state, logs.map(({ state }) => state)) : undefined
  }

  #heads(name: Name): { log: string; size: number; root: string }[] {
    const state = this.#state(name)
    return state ? heads(openssl, state).map(({ log, size, root }) => ({ log: toHex(log), size, root: toHex(root) })) : []
  }

  async #shown(name: Name): Promise<readonly PostView[]> {
    const { posts, more } = await this.#village.world.until(this.#village.person(name).messenger.channels.read(CHANNEL, { limit: 500 }))
    assert.equal(more, false)
    return posts
  }

  #some(by: Author, nth: number): PostView | undefined {
    const own = this.said.filter((each) => each.by === by)
    return own[nth % Math.max(1, own.length)]?.post
  }
}

const comparable = (posts: readonly PostView[]): unknown[] =>
  posts.map(({ id, author, seq, at, text, editedAt, withdrawn }) => ({ id, author, seq, at, text, editedAt, withdrawn }))
