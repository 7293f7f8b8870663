/**
 * A brand with staff, followers of every habit and one node that lies: whole messengers over in-memory networks and stores, on one
 * virtual clock. Moves them about, and knows what must be true of them at the end.
 */
import assert from 'node:assert/strict'
import { type Channel, decodeChannel, decodeEntry, EntryError, heads, KIND } from '../../protocols/channel/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import { openssl } from '../../src/crypto/index.ts'
import type { PostView, PublishedView } from '../../src/messenger/channels/views.ts'
import { forgery, type Liar, makeLiar } from './lying-gossip.ts'
import { createMemoryStore, type MemorySnapshot } from './memory-store.ts'
import { type Person, World } from './world.ts'

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
const CHANNEL = 'Bakery'
/** More than any schedule writes: the rate has tests of its own. */
const RATE = 1_000

/** Ann is the brand and posts, Ben is staff; Cho and Eve follow, Dan follows in private, Mal may lie. */
export const PEOPLE = ['Ann', 'Ben', 'Cho', 'Dan', 'Eve', 'Mal'] as const
export type Name = (typeof PEOPLE)[number]
const AUTHORS: readonly Name[] = ['Ann', 'Ben']
const HONEST = PEOPLE.filter((name) => name !== 'Mal')

interface Said {
  readonly by: Name
  readonly post: PostView
}

export class Bazaar {
  readonly world: World
  /** posts that `publish` resolved with */
  readonly said: Said[] = []
  readonly #people = new Map<Name, Person>()
  readonly #texts = new Set<string>()
  readonly #following = new Set<Name>()
  readonly #backups = new Map<Name, MemorySnapshot>()
  #liar: Liar = { lie: undefined }
  #id = ''

  constructor(seed: number) {
    this.world = new World({ seed })
    this.world.gossip.dht = true
  }

  async begin(): Promise<void> {
    for (const name of PEOPLE) {
      if (name !== 'Mal') this.#people.set(name, await this.world.person(name))
      else this.#people.set(name, await this.#liarsPerson())
    }
    await this.world.pair(this.person('Ann'), this.person('Ben'))
    const { channels } = this.person('Ann').messenger
    await channels.create({ name: CHANNEL, rate: RATE })
    this.#id = this.person('Ann').store.channels()[0]?.id ?? ''
    await this.certify()
    await this.settle(10_000)
    for (const name of ['Cho', 'Dan', 'Mal'] as const) await this.follow(name)
    await this.settle()
    assert.ok(this.state('Ben')?.logs.size === 2, 'staff is certified before the weather turns')
  }

  /** A liar is one from the first moment of its node. */
  async #liarsPerson(): Promise<Person> {
    const { gossip } = this.world
    const plain = gossip.gossip
    // Its key is known once it is there; until it is told to lie it is as honest as all others.
    const person = await this.world.person('Mal')
    gossip.gossip = plain
    this.#liar = makeLiar(gossip, person.peer)
    await this.world.restart(person)
    return person
  }

  person(name: Name): Person {
    const person = this.#people.get(name)
    assert.ok(person)
    return person
  }

  async settle(ms = 1_000): Promise<void> {
    await this.world.settle(ms)
    await this.#acceptInvitations()
  }

  /** Time passes for everybody, as for machines that sleep. */
  async pass(ms: number): Promise<void> {
    this.world.clock.jump(ms)
    await this.settle(5_000)
  }

  // ---------------------------------------------------------------- what people do

  /** Whether it becomes an entry now, later or never is up to the weather; who got a post back was promised that it stays. */
  post(by: Name, text: string): void {
    this.#texts.add(text)
    this.#keep(by, this.person(by).messenger.channels.publish(CHANNEL, { text }))
  }

  edit(by: Name, nth: number, text: string): void {
    const post = this.#some(by, nth)
    if (!post) return
    this.#texts.add(text)
    this.#ignore(this.person(by).messenger.channels.edit(CHANNEL, post.id, { text }))
  }

  withdraw(by: Name, nth: number): void {
    const post = this.#some(by, nth)
    if (post) this.#ignore(this.person(by).messenger.channels.withdraw(CHANNEL, post.id, 'changed my mind'))
  }

  certify(): Promise<void> {
    const { channels } = this.person('Ann').messenger
    const offer = { contact: 'Ben', scope: ['text' as const], notAfter: this.world.clock.now() + 365 * DAY }
    return channels.addStaff(CHANNEL, offer).catch(() => undefined)
  }

  revoke(): void {
    this.#ignore(this.person('Ann').messenger.channels.revokeStaff(CHANNEL, 'Ben', 'left us'))
  }

  rotate(): void {
    this.#ignore(this.person('Ann').messenger.channels.rotate(CHANNEL))
  }

  async follow(name: Name): Promise<void> {
    if (this.#following.has(name)) return
    const link = this.person('Ann').messenger.channels.link(CHANNEL)
    this.#following.add(name)
    await this.world.until(this.person(name).messenger.channels.follow(link, { private: name === 'Dan' }))
  }

  // ---------------------------------------------------------------- what happens to them

  /** As kill -9: what was not committed is gone, and nobody hears of it. */
  async crash(name: Name): Promise<void> {
    await this.#beginAgain(name, createMemoryStore({ from: this.person(name).store.snapshot() }))
  }

  /** What a backup of now would hold. */
  backUp(name: Name): void {
    this.#backups.set(name, this.person(name).store.snapshot())
  }

  /** Back to the last backup, which the store notices. What nobody else has is lost with the disk. */
  async restore(name: Name): Promise<void> {
    const backup = this.#backups.get(name)
    if (!backup) return
    await this.#beginAgain(name, createMemoryStore({ from: backup, rolledBack: true }))
    const others = PEOPLE.filter((each) => each !== name).map((each) => this.person(each).store)
    const left = this.said.filter(({ by, post }) => by !== name || others.some((store) => store.entryById(this.#id, post.id)))
    this.said.splice(0, this.said.length, ...left)
  }

  /** A thief with a copy of a node posts beside its owner, each where the other is not heard, until all meet. */
  async twoHands(name: Name, posts: number): Promise<void> {
    const thief = await this.#copyOf(name)
    const { gossip, network } = this.world
    const there: readonly Name[] = ['Cho', 'Mal'] // two that can be asked for the newest entry, as the thief's node does
    const here = PEOPLE.filter((each) => !there.includes(each))
    gossip.partition(here.map((each) => this.person(each).peer), [thief.peer, ...there.map((each) => this.person(each).peer)])
    for (let n = 0; n < posts; n++) {
      this.post(name, `${name} ${n}`)
      this.#texts.add(`thief ${n}`)
      this.#ignore(thief.messenger.channels.publish(CHANNEL, { text: `thief ${n}` }))
      await this.settle(10_000)
    }
    network.heal()
    gossip.heal()
    await this.settle(10_000)
  }

  /** Everything that is on a node, keys too. */
  async #copyOf(name: Name): Promise<Person> {
    const thief = await this.world.person('Thief')
    this.leave(name)
    await this.world.restart(thief, createMemoryStore({ from: this.person(name).store.snapshot() }))
    this.comeBack(name)
    return thief
  }

  async #beginAgain(name: Name, store: Person['store']): Promise<void> {
    const person = this.person(name)
    const { gossip, network } = this.world
    // The old process says no more.
    gossip.disconnect(person.peer)
    network.disconnect(person.device)
    await this.world.restart(person, store)
    gossip.reconnect(person.peer)
    network.reconnect(person.device)
  }

  leave(name: Name): void {
    this.world.gossip.disconnect(this.person(name).peer)
    this.world.network.disconnect(this.person(name).device)
  }

  comeBack(name: Name): void {
    this.world.gossip.reconnect(this.person(name).peer)
    this.world.network.reconnect(this.person(name).device)
  }

  /** Those named on one side, all others on the other. */
  part(side: readonly Name[]): void {
    const groups = [PEOPLE.filter((name) => side.includes(name)), PEOPLE.filter((name) => !side.includes(name))]
    this.world.gossip.partition(...groups.map((group) => group.map((name) => this.person(name).peer)))
    this.world.network.partition(...groups.map((group) => group.map((name) => this.person(name).device)))
  }

  heal(): void {
    this.world.gossip.heal()
    this.world.network.heal()
  }

  lie(how: Liar['lie']): void {
    this.#liar.lie = how
  }

  /** Something that was said once is said again, when nobody remembers having heard it; changed on the way when `forged`. */
  replay(nth: number, to: Name, forged: boolean): void {
    const { gossip } = this.world
    const messages = gossip.wire.filter(({ kind, bytes }) => kind === 'message' && bytes[0] === 1)
    const message = messages[nth % Math.max(1, messages.length)]?.bytes
    if (!message) return
    gossip.forgetSeen()
    gossip.inject(this.person('Mal').peer, this.person(to).peer, this.#id, forged ? forgery(message) : message)
  }

  /** The weather clears, everybody is there, and time enough passes for everything that is tried again. */
  async calm(): Promise<void> {
    Object.assign(this.world.gossip.faults, { drop: 0, reorder: 0 })
    this.lie(undefined)
    this.heal()
    for (const name of PEOPLE) this.comeBack(name)
    for (const name of HONEST) if (!AUTHORS.includes(name)) await this.follow(name)
    for (let i = 0; i < 4; i++) {
      await this.pass(61 * MINUTE)
      await this.settle(20_000)
    }
  }

  // ---------------------------------------------------------------- what must be true

  state(name: Name): Channel | undefined {
    const { store } = this.person(name)
    const row = store.channels().find(({ id }) => id === this.#id)
    return row && row.state.length > 0 ? decodeChannel(openssl, row.state, store.channelLogs(row.id).map(({ state }) => state)) : undefined
  }

  async shown(name: Name): Promise<readonly PostView[]> {
    const { posts, more } = await this.world.until(this.person(name).messenger.channels.read(CHANNEL, { limit: 500 }))
    assert.equal(more, false)
    return posts
  }

  /** The same posts, heads and no gaps for everybody; nothing that nobody said. */
  async assertSame(): Promise<void> {
    const expected = comparable(await this.shown('Ann'))
    const ours = this.#heads('Ann')
    for (const name of HONEST) {
      assert.deepEqual(this.#heads(name), ours, `${name} has other heads than Ann`)
      assert.deepEqual(comparable(await this.shown(name)), expected, `${name} is shown something else than Ann`)
      const proof = await this.world.until(this.person(name).messenger.channels.verify(CHANNEL, { all: true }))
      assert.deepEqual([proof.missing, proof.held], [[], proof.entries], `${name} misses something`)
    }
    for (const { text, withdrawn } of await this.shown('Ann')) assert.ok(withdrawn || this.#texts.has(text), `nobody said "${text}"`)
  }

  /** What was promised is there, unless the brand ended that log before it. */
  async assertKept(): Promise<void> {
    const shown = new Set((await this.shown('Eve')).map(({ id }) => id))
    const cuts = this.state('Ann')?.cuts
    for (const { by, post } of this.said) {
      const isVoid = post.seq >= (cuts?.get(post.log)?.size ?? Infinity)
      assert.equal(shown.has(post.id), !isVoid, `"${post.text}" of ${by} is ${isVoid ? 'void and shown' : 'lost'}`)
    }
    assert.equal(new Set(shown).size, shown.size)
  }

  assertNoForks(): void {
    for (const name of HONEST) {
      const { frozen } = this.person(name).messenger.channels.channel(CHANNEL)
      assert.equal(frozen, undefined, `${name}: ${frozen}`)
      assert.deepEqual(this.person(name).messenger.channels.evidence(CHANNEL), [])
    }
    const ids = new Map<string, string>()
    for (const { from, kind, bytes } of this.world.gossip.wire) {
      if (kind !== 'message' || bytes[0] !== 1 || from === this.person('Mal').peer) continue
      const entry = decoded(bytes.subarray(1))
      if (!entry) continue
      const place = `${toHex(entry.log)}/${entry.seq}`
      assert.equal(ids.get(place) ?? toHex(entry.id), toHex(entry.id), 'two entries of one number were sent')
      ids.set(place, toHex(entry.id))
    }
  }

  /** Everybody holds the proof, and says so. */
  assertForked(): void {
    for (const name of HONEST) {
      const { channels } = this.person(name).messenger
      assert.ok(channels.channel(CHANNEL).frozen?.startsWith('an author signed two entries'), `${name} does not know of the fork`)
      const [proof] = channels.evidence(CHANNEL)
      assert.ok(proof && this.person('Ann').messenger.channels.checkEvidence(proof.bytes).channel !== '')
    }
  }

  /** Only who lied is told on for it. */
  assertNobodyElseBlamed(): void {
    const lies = this.world.gossip.reports.filter(({ fault }) => fault === 'invalid' || fault === 'flood')
    assert.deepEqual(lies.filter(({ peer }) => peer !== this.person('Mal').peer), [])
  }

  /** Nothing waits for ever, but what can never be signed. */
  assertNothingWaits(): void {
    assert.deepEqual(this.person('Ann').store.drafts(this.#id).map(({ kind }) => kind).filter((kind) => kind === KIND.post), [])
  }

  // ---------------------------------------------------------------- shared

  #heads(name: Name): string[] {
    const state = this.state(name)
    assert.ok(state, `${name} has nothing of the channel`)
    return heads(openssl, state).map(({ log, size, root }) => `${toHex(log)} ${size} ${toHex(root)}`)
  }

  #some(by: Name, nth: number): PostView | undefined {
    const own = this.said.filter((each) => each.by === by)
    return own[nth % Math.max(1, own.length)]?.post
  }

  #keep(by: Name, publishing: Promise<PublishedView>): void {
    publishing.then(({ post }) => {
      if (post) this.said.push({ by, post })
    }, () => undefined)
  }

  #ignore(doing: Promise<unknown>): void {
    doing.catch(() => undefined)
  }

  async #acceptInvitations(): Promise<void> {
    const { channels } = this.person('Ben').messenger
    for (const { id } of channels.invitations()) await this.world.until(channels.acceptInvitation(id).catch(() => undefined))
  }
}

const comparable = (posts: readonly PostView[]): unknown[] =>
  posts.map(({ id, author, seq, at, text, editedAt, withdrawn }) => ({ id, author, seq, at, text, editedAt, withdrawn }))

function decoded(bytes: Uint8Array): ReturnType<typeof decodeEntry> | undefined {
  try {
    return decodeEntry(openssl, bytes)
  } catch (error) {
    if (error instanceof EntryError) return undefined
    throw error
  }
}
