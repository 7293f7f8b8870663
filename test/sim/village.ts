/**
 * The people of the simulated world, their processes, disks, machines and roads: whole messengers over in-memory ports on one virtual
 * clock. What happens to them happens here; what must be true of it all is judged by the witness and the bazaar.
 */
import { GossipError } from '../../src/messenger/channels/ports.ts'
import { MessengerError } from '../../src/messenger/errors.ts'
import { StoreError } from '../../src/store/errors.ts'
import type { MemoryNode, MemoryMailboxNetwork } from '../support/memory-mailboxes.ts'
import { createMemoryStore, type MemorySnapshot } from '../support/memory-store.ts'
import { DiedError } from '../support/life.ts'
import { type Liar, makeLiar } from '../support/lying-gossip.ts'
import { type Person, World } from '../support/world.ts'
import { FRIENDS, HONEST, type Name, NODES, type Node, PEOPLE, STRANGERS } from './events.ts'

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const CHANNEL = 'Bakery'
/** More than any schedule writes: the rate has tests of its own. */
const RATE = 1_000
/** What a misdirected write may have been over. */
const LOST_TABLES = ['sessions', 'prekeys', 'messages', 'outbox', 'ledger', 'queues', 'announcements', 'senders', 'handed'] as const

/** A morning in the village: everybody knows whom they know, the channel is there, mailboxes are made. */
export interface Morning {
  readonly now: number
  readonly profiles: ReadonlyMap<Name, MemorySnapshot>
  readonly nodes: ReadonlyMap<Node, { readonly boxes: MemoryNode['boxes']; readonly bodies: MemoryNode['bodies'] }>
  readonly channel: string
}

/** Who looks on. */
export interface Watch {
  /** before its process starts */
  joined(person: Person): void
  /** its process is about to start on rows that are older than what was durable, or fewer */
  rewound(person: Person, to: MemorySnapshot): void
}

let morning: Promise<Morning> | undefined

export class Village {
  readonly world: World
  readonly people = new Map<Name, Person>()
  /** kinds of faults that did happen, and how often */
  readonly met = new Map<string, number>()
  liar: Liar = { lie: undefined }
  /** ways on which single envelopes may have been overtaken */
  orderly = true
  channel = ''
  /** for how long in all, ms */
  slept = 0
  readonly #apart: boolean
  readonly #backups = new Map<Name, MemorySnapshot>()
  /** what the disk really has, where it said that it had more */
  readonly #kept = new Map<Name, MemorySnapshot>()
  /** the device itself, while a copy runs in its place */
  readonly #swapped = new Map<Name, MemorySnapshot>()
  /** whose process is gone, and after how many events it starts again */
  readonly #dead = new Map<Name, number>()
  /** whose process has so much to do that its transactions stay open for so many turns */
  readonly #busy = new Map<Name, number>()
  readonly #away = new Set<Name>()
  readonly #unreachable = new Set<Name>()
  #witness: Watch = { joined: () => undefined, rewound: () => undefined }

  constructor(options: { seed: number; apart: boolean; now?: number }) {
    this.#apart = options.apart
    this.world = new World(options)
    this.world.gossip.dht = true
  }

  /** The same morning every time, and from then on what the seed brings. */
  static async wake<W extends Watch>(options: { seed: number; apart: boolean }, watch: (village: Village) => W): Promise<{ village: Village; witness: W }> {
    morning ??= new Village({ seed: 0, apart: false }).#found()
    const { now, profiles, nodes, channel } = await morning
    const village = new Village({ ...options, now })
    village.channel = channel
    for (const [name, { boxes, bodies }] of nodes) Object.assign(village.node(name), { boxes: new Map(boxes), bodies: new Map(bodies) })
    const witness = watch(village)
    village.#witness = witness
    for (const [name, profile] of profiles) {
      if (name === 'Mal') village.#lies(profile)
      const person = village.world.resident(name, profile)
      village.people.set(name, person)
      witness.joined(person)
      await village.world.start(person)
    }
    await village.settle(5_000)
    if (options.apart) for (const name of PEOPLE) village.world.offline(village.person(name))
    return { village, witness }
  }

  /** Mal's node lies from its first moment, when it is told to. */
  #lies(profile: MemorySnapshot): void {
    this.liar = makeLiar(this.world.gossip, this.world.keysOf(profile.tables.self.get('self')).peer)
  }

  async #found(): Promise<Morning> {
    const { world } = this
    for (const name of PEOPLE) this.people.set(name, await world.person(name))
    for (const [a, b] of FRIENDS) await world.pair(this.person(a), this.person(b))
    for (const name of HONEST) for (const node of NODES) await world.use(this.person(name), this.node(node))
    const { channels } = this.person('Ann').messenger
    await channels.create({ name: CHANNEL, rate: RATE })
    await channels.addStaff(CHANNEL, { contact: 'Ben', scope: ['text'], notAfter: world.clock.now() + 365 * DAY })
    await this.settle(10_000)
    const link = channels.link(CHANNEL)
    for (const name of ['Cho', 'Dan', 'Mal'] as const) await world.until(this.person(name).messenger.channels.follow(link, { private: name === 'Dan' }))
    await this.settle(20_000)
    for (const person of this.people.values()) await person.messenger.stop()
    await this.settle(1_000)
    return {
      now: world.clock.now(),
      profiles: new Map([...this.people].map(([name, { store }]) => [name, store.snapshot()])),
      nodes: new Map(NODES.map((name) => [name, { boxes: this.node(name).boxes, bodies: this.node(name).bodies }])),
      channel: this.person('Ann').store.peek().channels.keys().next().value ?? '',
    }
  }

  person(name: Name): Person {
    const person = this.people.get(name)
    if (!person) throw new Error(`${name} does not live here`)
    return person
  }

  node(name: Node): MemoryNode {
    return this.world.mailboxes.node(name)
  }

  get nodes(): MemoryMailboxNetwork['nodes'] {
    return this.world.mailboxes.nodes
  }

  meets(fault: string): void {
    this.met.set(fault, (this.met.get(fault) ?? 0) + 1)
  }

  /** What somebody asked of their messenger: undefined when it was refused, or when the process ended first. */
  async ask<T>(name: Name, ask: (person: Person) => Promise<T>): Promise<T | undefined> {
    const person = this.person(name)
    if (person.life.over) return undefined
    try {
      return await person.life.until(ask(person))
    } catch (error) {
      if (error instanceof MessengerError || error instanceof StoreError || error instanceof GossipError || error instanceof DiedError) return undefined
      throw error
    }
  }

  async settle(ms = 1_000, step = 500): Promise<void> {
    await this.world.settle(ms, step)
    await this.#acceptInvitations()
  }

  /** All machines sleep. */
  async sleep(ms: number): Promise<void> {
    this.slept += ms
    this.world.clock.jump(ms)
    await this.settle(5_000)
  }

  // ---------------------------------------------------------------- processes

  async restart(name: Name): Promise<void> {
    const person = this.person(name)
    if (person.life.over) return
    if (!person.store.sound || this.#kept.has(name)) return this.kill(name)
    await person.life.until(person.messenger.stop()).catch(() => undefined)
    person.store.close()
    await this.#begin(name, person.store.snapshot())
    this.meets('restart')
  }

  /** The process ends without a word, and starts again. */
  async kill(name: Name): Promise<void> {
    const person = this.person(name)
    if (person.life.over) return
    await this.world.kill(person)
    await this.#begin(name, person.store.snapshot())
    this.meets('kill')
  }

  die(name: Name, nth: number, moment: 'before' | 'after', back: number): void {
    const person = this.person(name)
    if (person.life.over) return
    person.store.dieIn(nth, moment, () => {
      this.meets(moment === 'before' ? 'death before fsync' : 'death after fsync')
      this.#dead.set(name, back)
      void this.world.kill(person)
    })
  }

  /** After each event: whose time has come starts again. */
  async pass(): Promise<void> {
    for (const [name, { life }] of this.people) if (life.over && !this.#dead.has(name)) await this.#diedOfItsDisk(name)
    for (const [name, back] of [...this.#dead]) {
      if (back > 0) this.#dead.set(name, back - 1)
      else await this.#begin(name, this.person(name).store.snapshot())
    }
  }

  async #diedOfItsDisk(name: Name): Promise<void> {
    await this.world.kill(this.person(name))
    this.meets('death of a damaged read')
    this.#dead.set(name, 0)
  }

  busy(name: Name, turns: number): void {
    this.#busy.set(name, turns)
    this.person(name).store.slowDown(turns)
    if (turns > 0) this.meets('busy process')
  }

  full(name: Name): void {
    if (this.person(name).life.over) return
    this.person(name).store.failNext()
    this.meets('full disk')
  }

  damage(name: Name): void {
    this.person(name).store.damageNextRead()
    this.meets('damaged read')
  }

  lose(name: Name): void {
    if (!this.#kept.has(name)) this.#kept.set(name, this.person(name).store.snapshot())
  }

  /** Rows are gone from some tables; the store says so and salvages the rest. */
  async misdirect(name: Name, share: number): Promise<void> {
    const person = this.person(name)
    await this.world.kill(person)
    const left = person.store.snapshot()
    const table = left.tables[LOST_TABLES[this.#below(LOST_TABLES.length)] ?? 'sessions'] as Map<string, unknown>
    for (const key of [...table.keys()]) if (this.#below(1_000) < share * 1_000) table.delete(key)
    const { messages, outbox, ledger, handed } = left.tables
    for (const [key, row] of ledger) if (!messages.has(row.message)) ledger.delete(key)
    for (const [key, row] of handed) if (![...outbox.values()].some(({ id, device }) => id === row.id && device === row.device)) handed.delete(key)
    await this.#begin(name, left, { rewound: true, noticed: true })
    this.meets('misdirected write')
  }

  backUp(name: Name): void {
    this.#backups.set(name, this.person(name).store.snapshot())
  }

  async restore(name: Name, noticed: boolean): Promise<void> {
    const backup = this.#backups.get(name)
    if (!backup) return
    await this.world.kill(this.person(name))
    await this.#begin(name, backup, { rewound: true, noticed })
    this.meets(noticed ? 'restore that is noticed' : 'restore that nothing shows')
  }

  async swap(name: Name): Promise<void> {
    const person = this.person(name)
    const next = this.#swapped.get(name) ?? this.#backups.get(name)
    if (!next) return
    await this.world.kill(person)
    const aside = person.store.snapshot()
    if (!this.#swapped.delete(name)) this.#swapped.set(name, aside)
    await this.#begin(name, next, { rewound: true, noticed: false })
    this.meets('copy in the place of a device')
  }

  async #begin(name: Name, profile: MemorySnapshot, { rewound = false, noticed = false } = {}): Promise<void> {
    const person = this.person(name)
    this.#dead.delete(name)
    const kept = rewound ? undefined : this.#kept.get(name)
    this.#kept.delete(name)
    if (kept) this.meets('lost writes')
    if (rewound || kept) this.orderly = false
    const from = kept ?? profile
    if (rewound || kept) this.#witness.rewound(person, from)
    const store = createMemoryStore({ from, rolledBack: noticed })
    store.slowDown(this.#busy.get(name) ?? 0)
    const started = this.world.revive(person, store)
    this.#witness.joined(person)
    await started.catch((error: unknown) => {
      if (!(error instanceof DiedError)) throw error
    })
  }

  /** Everybody's process runs on a disk that does what it says. */
  async repair(): Promise<void> {
    for (const name of PEOPLE) {
      const { life, store } = this.person(name)
      store.dieIn(Infinity, 'before', () => undefined)
      if (life.over) await this.#begin(name, store.snapshot())
      else if (!store.sound || this.#kept.has(name)) await this.kill(name)
    }
  }

  // ---------------------------------------------------------------- roads

  leave(name: Name): void {
    this.#away.add(name)
    this.#place(name)
    this.meets('away')
  }

  comeBack(name: Name): void {
    this.#away.delete(name)
    this.#unreachable.delete(name)
    this.#place(name)
  }

  unreachable(name: Name): void {
    this.#away.delete(name)
    this.#unreachable.add(name)
    this.#place(name)
    this.meets('unreachable')
  }

  #place(name: Name): void {
    const { network, gossip, mailboxes } = this.world
    const { device, peer } = this.person(name)
    if (this.#away.has(name) || this.#unreachable.has(name) || this.#apart) network.disconnect(device)
    else network.reconnect(device)
    if (this.#away.has(name)) {
      gossip.disconnect(peer)
      mailboxes.disconnect(device)
    } else {
      gossip.reconnect(peer)
      mailboxes.reconnect(device)
    }
  }

  part(side: readonly Name[]): void {
    const groups = [PEOPLE.filter((name) => side.includes(name)), PEOPLE.filter((name) => !side.includes(name))]
    this.world.gossip.partition(...groups.map((group) => group.map((name) => this.person(name).peer)))
    this.world.network.partition(...groups.map((group) => group.map((name) => this.person(name).device)))
    this.meets('partition')
  }

  heal(): void {
    this.world.gossip.heal()
    this.world.network.heal()
    this.world.network.cure()
  }

  deafen(from: Name, to: Name): void {
    this.world.network.deafen(this.person(from).device, this.person(to).device)
    this.meets('one way only')
  }

  weather(faults: { drop: number; duplicate: number; reorder: number; lag: number; gossip: number }): void {
    const { drop, duplicate, reorder, lag, gossip } = faults
    Object.assign(this.world.network.faults, { drop, duplicate, reorder, lag })
    Object.assign(this.world.gossip.faults, { drop: gossip, reorder: gossip * 10 })
    if (drop + duplicate + reorder > 0) this.orderly = false
    for (const [fault, p] of Object.entries(faults)) if (p > 0) this.meets(`weather: ${fault}`)
  }

  // ---------------------------------------------------------------- the end

  /** The weather clears, everybody is there and behaves, and time enough passes for everything that is tried again. */
  async calm(): Promise<void> {
    this.weather({ drop: 0, duplicate: 0, reorder: 0, lag: 0, gossip: 0 })
    this.heal()
    this.liar.lie = undefined
    for (const node of this.nodes) {
      Object.assign(node.lies, { lose: 0, reorder: 0, delay: 0, duplicate: 0 })
      node.away = false
      node.release()
    }
    for (const name of PEOPLE) this.busy(name, 0)
    await this.repair()
    for (const { skew } of this.people.values()) skew.ms = 0
    // A failure that still waits for its transaction has it now.
    for (const name of HONEST) await this.ask(name, ({ messenger }) => messenger.setReadReceipts(true))
    await this.repair()
    for (const [a, b] of FRIENDS) for (const [who, to] of [[a, b], [b, a]] as const) await this.ask(who, ({ messenger }) => messenger.unblock(to))
    if (this.#apart) return this.takeTurns()
    for (const name of PEOPLE) this.comeBack(name)
    await this.settle(60_000)
    // Two who both moved while apart find each other on the local network.
    for (const [a, b] of [...FRIENDS, ...STRANGERS]) this.world.network.meet(this.person(a).device, this.person(b).device)
    await this.settle(600_000, 1_000)
    for (let i = 0; i < 4; i++) {
      await this.sleep(61 * MINUTE)
      await this.settle(20_000)
    }
  }

  /** Only one of them is ever there. */
  async takeTurns(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      for (const name of ['Ann', 'Ben'] as const) this.leave(name)
      await this.settle(1_000)
      this.comeBack(turn % 2 === 0 ? 'Ann' : 'Ben')
      // Who lost what the other had told of its mailboxes hears it again within a week.
      if (turn === 6) await this.sleep(8 * DAY)
      // Of what was first left then nothing may be heard: a day later the keys of who does not answer are looked at.
      if (turn === 12) await this.sleep(25 * HOUR)
      this.world.clock.advance(HOUR)
      await this.settle(330_000, 2_000)
      if (turn >= 3 && !this.#waits('Ann', 'Ben') && !this.#waits('Ben', 'Ann')) break
    }
  }

  /** Has somebody something that is not with the other yet? What is for others of them waits until the morning: nobody else is there. */
  #waits(who: Name, to: Name): boolean {
    const { device } = this.person(to)
    return [...this.person(who).store.peek().outbox.values()].some((item) => item.device === device)
  }

  async #acceptInvitations(): Promise<void> {
    const ben = this.person('Ben')
    if (ben.life.over || ben.store.peek().staff.size === 0) return
    for (const { id } of ben.messenger.channels.invitations()) await this.world.until(this.ask('Ben', ({ messenger }) => messenger.channels.acceptInvitation(id)))
  }

  #below(limit: number): number {
    const [a = 0, b = 0] = this.world.random(2)
    return ((a << 8) | b) % limit
  }

  /** Nothing of it goes on. */
  async end(): Promise<void> {
    for (const person of this.people.values()) await this.world.kill(person)
  }
}
