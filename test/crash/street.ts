/** Ann, Ben, Cat and a relay: real processes on loopback, what they do with each other, and the history of all of it. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { History } from '../support/history.ts'
import { Home } from '../support/processes.ts'
import { Seals } from '../support/seals.ts'
import { type Act, type Name, PEOPLE } from './draw.ts'
import { Interrupted, Resident } from './resident.ts'

const CHANNEL = 'Bakery'
/** The first time; then it listens where it did. */
const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws']
/** The whole street is one address. */
const RELAY = ['--per-ip', '100', '--mailboxes-per-ip', '1000']
/** Conversations and channels are looked at as far back as this, and whole at the end. */
const GLANCE = 60
const ALL = 5_000
/** Until everything is where it should be once nobody is killed any more. */
const SETTLED_MS = 300_000
/** What a person may be told when somebody else is not there, or they know of it themselves already. */
const ABSENT = ['unreachable', 'conflict']
/** A request was answered, or an invite used, and the answer to that was lost. */
const OVERTAKEN = [...ABSENT, 'not-found', 'invite-used', 'not-accepted']

type Shown = { readonly id: string; readonly direction: string; readonly kind: string; readonly text: string; readonly delivery?: string }

export class Street {
  readonly history = new History()
  readonly relay: Home
  relayKills = 0
  readonly #people: ReadonlyMap<Name, Resident>
  readonly #seals = new Seals()
  #link = ''
  readonly #friends = new Set<string>()
  #hasChannel = false
  #channelLink = ''
  readonly #followers = new Set<Name>()
  /** said last on a way and not answered, with the id it was given */
  readonly #unsure = new Map<string, { id: string; text: string }>()
  readonly #numbers = new Map<string, number>()

  /** @param folder for the homes; @param environment of every start */
  constructor(folder: string, program: string, environment: NodeJS.ProcessEnv = {}, people: readonly Name[] = PEOPLE) {
    const home = (name: string): Home => {
      const directory = path.join(folder, name)
      mkdirSync(directory, { mode: 0o700, recursive: true })
      return new Home(environment, [], directory, program)
    }
    this.relay = home('relay')
    this.#people = new Map(people.map((name) => [name, new Resident(name, home(name), path.join(folder, `${name}.record`))]))
  }

  get people(): readonly Resident[] {
    return [...this.#people.values()]
  }

  get kills(): number {
    return this.people.reduce((sum, { kills }) => sum + kills, this.relayKills)
  }

  person(name: Name): Resident {
    return this.#people.get(name) as Resident
  }

  async wakeRelay(): Promise<void> {
    if (this.relay.isRunning) return
    const link = await this.relay.startRelay(...RELAY, ...(this.#link === '' ? LISTEN : []))
    assert.equal(this.#link || link, link, 'the relay is another one')
    this.#link = link
  }

  async killRelay(): Promise<void> {
    if (this.relay.isRunning) this.relayKills++
    await this.relay.end('SIGKILL')
  }

  /** Until it is done, or interrupted. */
  async act(act: Act): Promise<void> {
    try {
      await this.#act(act)
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
    }
  }

  #act(act: Act): Promise<void> {
    switch (act.does) {
      case 'say': return this.#say(act)
      case 'read': return this.#read(act.who, act.whom)
      case 'pair': return this.#pair(act.who, act.whom)
      case 'use relay': return this.#useRelay(act.who)
      case 'post': return this.#post(act)
      case 'follow': return this.#follow(act.who)
      case 'look': return this.look(this.person(act.who))
    }
  }

  // ---------------------------------------------------------------- contacts

  async #useRelay(who: Name): Promise<void> {
    if (this.#link !== '') await this.person(who).ask('POST /v1/relays', { body: { link: this.#link } }, ABSENT)
  }

  async #pair(who: Name, whom: Name): Promise<void> {
    const [a, b] = [this.person(who), this.person(whom)]
    if ((await this.#knows(a, whom)) && (await this.#knows(b, who))) return
    const { link } = await a.ask('POST /v1/invites', { body: { inPerson: false } })
    await b.ask('POST /v1/pair', { body: { link, scanned: false } }, OVERTAKEN)
    const request = (await a.ask('GET /v1/requests')).find(({ name }) => name === whom)
    if (request) await a.ask('POST /v1/requests/{id}/accept', { params: { id: request.id } }, OVERTAKEN)
    await this.#knows(a, whom)
    await this.#knows(b, who)
  }

  /** Who is a contact once, to the knowledge of a person, stays one. */
  async #knows(person: Resident, whom: Name): Promise<boolean> {
    const key = `${person.name} ${whom}`
    const contacts = await person.ask('GET /v1/contacts')
    const knows = contacts.some(({ name, state }) => name === whom && state === 'accepted')
    assert.ok(knows || !this.#friends.has(key), `${person.name} has lost the contact ${whom}`)
    if (knows) this.#friends.add(key)
    return knows
  }

  // ---------------------------------------------------------------- conversations

  async #say({ who, to, times, length }: Act & { does: 'say' }): Promise<void> {
    const [person, way] = [this.person(who), `${who} to ${to}`]
    const send = async ({ id, text }: { id: string; text: string }): Promise<void> => {
      this.history.tried(way, text)
      this.#unsure.set(way, { id, text })
      const { delivery } = await person.ask('POST /v1/contacts/{name}/messages', { params: { name: to }, body: { id, text } })
      this.history.acknowledged(way, text)
      this.#unsure.delete(way)
      this.history.state(id, delivery ?? 'none')
    }
    if (!(await this.#knows(person, to))) return
    const unsure = this.#unsure.get(way)
    if (unsure) await send(unsure) // whoever is not sure says it again with the same id: it is there once
    for (let n = 0; n < times; n++) {
      const number = this.#next(way)
      await send({ id: idOf(`${way} ${number}`), text: `${way} ${number}`.padEnd(length, '.') })
    }
  }

  #next(way: string): number {
    const number = (this.#numbers.get(way) ?? 0) + 1
    this.#numbers.set(way, number)
    return number
  }

  async #read(who: Name, whom: Name): Promise<void> {
    const person = this.person(who)
    if (await this.#knows(person, whom)) await person.ask('POST /v1/contacts/{name}/read', { params: { name: whom }, body: {} })
  }

  // ---------------------------------------------------------------- the channel

  async #post({ times, length }: Act & { does: 'post' }): Promise<void> {
    const ann = this.person('Ann')
    await this.#open(ann)
    for (let n = 0; n < times; n++) {
      const text = `post ${this.#next(CHANNEL)}`.padEnd(length, '.')
      this.history.tried(CHANNEL, text)
      await ann.ask('POST /v1/channels/{name}/posts', { params: { name: CHANNEL }, body: { text } })
      this.history.acknowledged(CHANNEL, text)
    }
  }

  async #open(ann: Resident): Promise<void> {
    const channels = await ann.ask('GET /v1/channels')
    if (channels.length === 0) {
      assert.ok(!this.#hasChannel, 'Ann has lost her channel')
      await ann.ask('POST /v1/channels', { body: { name: CHANNEL, rate: 1_000 } })
    }
    assert.ok(channels.length < 2, 'Ann has two channels')
    this.#hasChannel = true
    if (this.#channelLink === '') ({ link: this.#channelLink } = await ann.ask('GET /v1/channels/{name}/link', { params: { name: CHANNEL } }))
  }

  async #follow(who: Name): Promise<void> {
    if (who === 'Ann') return this.#open(this.person(who))
    if (this.#channelLink === '') return
    const person = this.person(who)
    const follows = (await person.ask('GET /v1/channels')).length > 0
    assert.ok(follows || !this.#followers.has(who), `${who} follows no more`)
    if (!follows) await person.ask('POST /v1/follows', { body: { link: this.#channelLink, private: false, name: CHANNEL } }, ABSENT)
    this.#followers.add(who)
  }

  // ---------------------------------------------------------------- looking

  /** What one person is shown now, as far as it says something against what was promised. */
  async look(person: Resident): Promise<void> {
    for (const whom of PEOPLE) {
      if (!this.#friends.has(`${person.name} ${whom}`)) continue
      const { said, heard } = await this.#conversation(person, whom, GLANCE)
      this.history.shown(`${person.name} to ${whom}`, said)
      this.history.shown(`${whom} to ${person.name}`, heard)
    }
    if (person.name === 'Ann' ? this.#hasChannel : this.#followers.has(person.name as Name)) this.history.shown(CHANNEL, await this.#posts(person, GLANCE))
  }

  async #conversation(person: Resident, whom: Name, limit: number): Promise<{ said: string[]; heard: string[]; states: string[] }> {
    const page: readonly Shown[] = await person.ask('GET /v1/contacts/{name}/messages', { params: { name: whom }, query: { limit: String(limit) } })
    // The number of a message is sealed: who finds one used twice says so with a notice.
    assert.ok(!page.some(({ kind, text }) => kind === 'notice' && text === 'history-broken'), `${whom} used a number twice towards ${person.name}`)
    const texts = page.filter(({ kind }) => kind === 'text')
    const said = texts.filter(({ direction }) => direction === 'out')
    for (const { id, delivery } of said) this.history.state(id, delivery ?? 'none')
    return {
      said: said.map(({ text }) => text),
      heard: texts.filter(({ direction }) => direction === 'in').map(({ text }) => text),
      states: said.map(({ delivery = 'none' }) => delivery),
    }
  }

  /** Oldest first. */
  async #posts(person: Resident, limit: number): Promise<string[]> {
    const { posts } = await person.ask('GET /v1/channels/{name}/posts', { params: { name: CHANNEL }, query: { limit: String(limit) } }, ABSENT)
    return posts.map(({ text }) => text).toReversed()
  }

  /** No key sealed twice, and nothing left that was not stored. */
  hear(): void {
    for (const person of this.people) person.confess(this.#seals)
  }

  // ---------------------------------------------------------------- in the end

  /** Everybody is awake and stays so. They become contacts who are not yet; then all that was promised has to come to be. */
  async settle(): Promise<void> {
    const names = this.people.map(({ name }) => name as Name)
    const pairs = names.flatMap((a, n) => names.slice(n + 1).map((b) => [a, b] as const))
    const known = [...pairs, ...pairs.map(([a, b]) => [b, a] as const)].map(([a, b]) => `${a} ${b}`)
    await none('no contacts or followers yet', async () => {
      for (const [a, b] of pairs) await this.act({ does: 'pair', who: a, whom: b })
      for (const who of names) await this.act({ does: 'follow', who })
      return [...known.filter((pair) => !this.#friends.has(pair)), ...names.filter((name) => name !== 'Ann' && !this.#followers.has(name))]
    })
    await this.act({ does: 'post', who: 'Ann', times: 1, length: 20 })
    for (const [a, b] of pairs) {
      await this.act({ does: 'say', who: a, to: b, times: 1, length: 20 })
      await this.act({ does: 'say', who: b, to: a, times: 1, length: 20 })
    }
    await none('not arrived', () => this.#outstanding(pairs))
    await this.#judge(pairs)
    this.hear()
  }

  async #outstanding(pairs: readonly (readonly [Name, Name])[]): Promise<string[]> {
    const open: string[] = []
    for (const [a, b] of pairs.flatMap(([a, b]) => [[a, b], [b, a]] as const)) {
      const { states } = await this.#conversation(this.person(a), b, ALL)
      const waiting = states.filter((state) => state !== 'delivered' && state !== 'read')
      if (waiting.length > 0) open.push(`${waiting.length} of ${a} to ${b} ${waiting[0]}`)
      const { heard } = await this.#conversation(this.person(b), a, ALL)
      open.push(...this.history.missing(`${a} to ${b}`, heard).map((text) => text.slice(0, 20)))
    }
    for (const person of this.people) open.push(...this.history.missing(CHANNEL, await this.#posts(person, ALL)).map((text) => `${text.slice(0, 20)} at ${person.name}`))
    return open
  }

  async #judge(pairs: readonly (readonly [Name, Name])[]): Promise<void> {
    for (const [a, b] of pairs.flatMap(([a, b]) => [[a, b], [b, a]] as const)) {
      const { said } = await this.#conversation(this.person(a), b, ALL)
      const { heard } = await this.#conversation(this.person(b), a, ALL)
      this.history.settled(`${a} to ${b}`, said)
      this.history.settled(`${a} to ${b}`, heard)
      assert.deepEqual(heard, said, `${b} is shown something else than ${a} said`)
    }
    for (const person of this.people) {
      this.history.settled(CHANNEL, await this.#posts(person, ALL))
      const { entries, held, missing } = await person.ask('GET /v1/channels/{name}/proof', { params: { name: CHANNEL }, query: { all: 'true' } })
      assert.deepEqual({ held, missing }, { held: entries, missing: [] }, `${person.name} cannot prove the channel whole`)
      const channel = await person.ask('GET /v1/channels/{name}', { params: { name: CHANNEL } })
      assert.equal(channel.frozen, undefined, `the channel is forked for ${person.name}`)
    }
  }

  /** Whatever happened. */
  async end(): Promise<void> {
    await Promise.all([this.relay, ...this.people.map(({ home }) => home)].map((home) => home.end('SIGKILL')))
  }
}

/** Asks again until nothing is left. */
async function none(what: string, left: () => Promise<string[]>): Promise<void> {
  let last: readonly string[] = []
  const isOver = async (): Promise<boolean> => {
    try {
      last = await left()
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      last = [error.message]
    }
    return last.length === 0
  }
  for (const end = Date.now() + SETTLED_MS; !(await isOver()); await new Promise((resolve) => setTimeout(resolve, 200))) {
    assert.ok(Date.now() < end, `${what}: ${last.slice(0, 20).join('; ')}`)
  }
}

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
