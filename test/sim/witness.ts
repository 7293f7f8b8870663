/**
 * Sees every transaction of everybody in the moment it is durable, and all that leaves, and says at once when something is not as was
 * promised. It believes no view and no messenger: it compares what disks hold.
 */
import assert from 'node:assert/strict'
import { RETENTION } from '../../protocols/mailbox/index.ts'
import type { Change, DeliveryState, MessageRow, StoredMessage } from '../../src/messenger/ports.ts'
import type { EntryRow } from '../../src/messenger/channels/ports.ts'
import type { MemorySnapshot } from '../support/memory-store.ts'
import { sealOf, Seals } from '../support/seals.ts'
import type { Person } from '../support/world.ts'
import { HONEST, type Name } from './events.ts'
import type { Village, Watch } from './village.ts'

/** Something that was said: durable at its author, and from then on never lost. */
interface Said {
  readonly id: string
  readonly from: Name
  readonly to: Name
  readonly text: string
  /** of what its author said to that person, the how manieth */
  readonly number: number
  /** its author or its reader was put back to before it, or struck the other off */
  void: boolean
}

const CLAIMS: readonly DeliveryState[] = ['sent', 'delivered', 'read']

export class Witness implements Watch {
  readonly #village: Village
  readonly #said = new Map<string, Said>()
  /** not yet on the disk of who it is for */
  readonly #open = new Set<Said>()
  readonly #counts = new Map<string, number>()
  /** what ever was durable at whom, and read there: `name id` */
  readonly #held = new Set<string>()
  readonly #read = new Set<string>()
  readonly #seals = new Seals()
  /** `who whom`, and since which envelope on the wire */
  readonly #blocked = new Map<string, number>()
  readonly #entries = new Set<string>()
  readonly #authors = new Map<string, Name>()
  readonly #places = new Map<string, string>()
  /** what a queue was said to hold, by its sender id */
  readonly #left = new Map<string, Set<string>>()
  readonly #changed = new Set<Name>()
  readonly #rewound = new Set<Name>()
  /** arrived, and left the outbox with a damaged page before that was known: nothing of it is on its way, so nobody is asked whether it came */
  readonly #unasked = new Set<Said>()
  /** `who whom`, also when it is over */
  readonly #everBlocked = new Set<string>()
  readonly #accounts = new Map<string, Name>()
  readonly #devices = new Map<string, Name>()
  #wire = 0
  #failure: Error | undefined

  constructor(village: Village) {
    this.#village = village
  }

  joined(person: Person): void {
    const name = person.name as Name
    const first = !this.#devices.has(person.device)
    this.#devices.set(person.device, name)
    this.#accounts.set(person.messenger.id().account, name)
    if (first) {
      const { outbox, entries } = person.store.peek()
      for (const { envelope } of outbox.values()) if (envelope) this.#seals.durable(name, sealOf(envelope))
      for (const row of entries.values()) this.#known(name, row)
    }
    person.store.onDurable((changes) => {
      try {
        this.#changed.add(name)
        for (const change of changes) this.#durable(person, name, change)
      } catch (error) {
        this.#failure ??= error as Error
      }
    })
  }

  /** Somebody's process starts on rows that are older than what was durable, or fewer. */
  rewound(person: Person, { tables }: MemorySnapshot): void {
    const name = person.name as Name
    this.#rewound.add(name)
    for (const said of this.#said.values()) {
      const isHeld = this.#held.has(`${said.to} ${said.id}`)
      const here = tables.messages.has(said.id)
      const { device } = this.#village.person(said.to)
      const waits = tables.outbox.has(`${said.id}/${device}`)
      if (said.from === name && (!here || (!isHeld && !waits))) this.#forget(said)
      else if (said.from === name && !waits && !CLAIMS.includes(tables.messages.get(said.id)?.delivery ?? 'queued')) this.#unasked.add(said)
      if (said.to === name && isHeld && !here) this.#forget(said)
    }
  }

  #forget(said: Said): void {
    said.void = true
    this.#open.delete(said)
  }

  // ---------------------------------------------------------------- in the moment it is durable

  #durable(person: Person, name: Name, change: Change): void {
    if ('add' in change) {
      if (change.add === 'message') return change.row.direction === 'out' ? this.#says(name, change.row) : this.#hears(name, change.row)
      if (change.add === 'entry') return this.#known(name, change.row)
      return
    }
    if (!('put' in change)) return
    switch (change.put) {
      case 'message': {
        if (change.row.direction === 'in' && change.row.readAt !== undefined) this.#read.add(`${name} ${change.row.id}`)
        if (change.row.direction === 'out') this.#claims(change.row.id, change.row.delivery)
        return
      }
      case 'ledger': return this.#claims(change.row.message, change.row.state)
      case 'outbox': return change.row.envelope && this.#seals.durable(name, sealOf(change.row.envelope))
      case 'handed': return this.#leaves(change.row.queue, change.row.id)
      case 'contact': {
        const whom = this.#accounts.get(change.row.account)
        if (whom) this.#admits(person, name, whom, change.row.state === 'blocked')
        return
      }
      default: return
    }
  }

  #says(name: Name, row: MessageRow): void {
    const to = this.#accounts.get(row.contact)
    if (row.kind !== 'text' || !to) return
    const way = `${name} ${to}`
    const number = (this.#counts.get(way) ?? 0) + 1
    this.#counts.set(way, number)
    const said = { id: row.id, from: name, to, text: row.text, number, void: false }
    this.#said.set(row.id, said)
    this.#open.add(said)
  }

  #hears(name: Name, row: MessageRow): void {
    if (row.kind === 'notice') return
    const from = this.#accounts.get(row.contact)
    const said = this.#said.get(row.id)
    assert.ok(said?.from === from && said?.to === name && said?.text === row.text, `${name} is shown what ${from} did not say: ${row.text}`)
    assert.ok(!this.#blocked.has(`${name} ${from}`), `${name} hears ${from}, who is blocked: ${row.text}`)
    this.#held.add(`${name} ${row.id}`)
    this.#open.delete(said)
  }

  #claims(id: string, state: DeliveryState | undefined): void {
    const said = this.#said.get(id)
    if (!said || !state || !CLAIMS.includes(state)) return
    assert.ok(this.#held.has(`${said.to} ${id}`), `${said.from} is told "${state}" of what ${said.to} has never stored: ${said.text}`)
    if (state === 'read') assert.ok(this.#read.has(`${said.to} ${id}`), `${said.from} is told that ${said.to} read what was never shown: ${said.text}`)
  }

  #leaves(queue: string, id: string): void {
    const left = this.#left.get(queue) ?? new Set()
    this.#left.set(queue, left.add(id))
    const taken = this.#village.nodes.reduce((sum, node) => sum + (node.words.get(queue) ?? 0), 0)
    assert.ok(left.size <= taken, 'something is said to lie in a mailbox that has not said so')
  }

  #admits(person: Person, who: Name, whom: Name, blocked: boolean): void {
    const way = `${who} ${whom}`
    if (!blocked) {
      this.#overhear()
      this.#blocked.delete(way)
      return
    }
    if (this.#blocked.has(way)) return
    this.#overhear()
    this.#blocked.set(way, this.#wire)
    this.#everBlocked.add(way)
    const { outbox } = person.store.peek()
    const { device } = this.#village.person(whom)
    for (const said of this.#said.values()) {
      if (said.from === who && said.to === whom && !outbox.has(`${said.id}/${device}`)) this.#forget(said)
    }
  }

  /** The first to hold an entry of a log is its author; what nobody of them held first, nobody of them signed. */
  #known(name: Name, row: EntryRow): void {
    const place = `${row.log}/${row.seq}`
    const key = `${place}/${row.id}`
    if (this.#entries.has(key)) return
    const author = this.#authors.get(row.log) ?? name
    assert.ok(author === name && (name === 'Ann' || name === 'Ben'), `${name} stores an entry that its author did not sign`)
    this.#authors.set(row.log, author)
    this.#entries.add(key)
    assert.equal(this.#places.get(place) ?? row.id, row.id, `${name} signed two entries of one number`)
    this.#places.set(place, row.id)
  }

  // ---------------------------------------------------------------- after every event

  check(): void {
    if (this.#failure) throw this.#failure
    this.#overhear()
    for (const said of this.#open) {
      const { outbox } = this.#village.person(said.from).store.peek()
      const { device } = this.#village.person(said.to)
      assert.ok(outbox.has(`${said.id}/${device}`), `lost: ${said.text}`)
    }
    for (const name of this.#changed) {
      this.#conversations(name)
      this.#whereabouts(name)
    }
    this.#changed.clear()
  }

  /** What went over the wire since the last look. */
  #overhear(): void {
    const { wire } = this.#village.world.network
    for (; this.#wire < wire.length; this.#wire++) {
      const { from, to, kind, bytes } = wire[this.#wire]!
      const [sender, receiver] = [this.#devices.get(from), this.#devices.get(to)]
      if (kind !== 'envelope' || !sender) continue
      this.#seals.left(sender, sealOf(bytes).digest)
      assert.ok(!this.#blocked.has(`${sender} ${receiver}`), `${sender} writes to ${receiver}, who is blocked`)
    }
  }

  #conversations(name: Name): void {
    const last = new Map<Name, number>()
    const shown = new Set<string>()
    for (const row of this.#village.person(name).store.peek().messages.values()) {
      const said = this.#said.get(row.id)
      if (!said || said.to !== name) continue
      if (isPlain(row)) {
        assert.ok(!shown.has(row.text), `${name} is shown twice: ${row.text}`)
        shown.add(row.text)
      }
      // What lay in a mailbox to its age is left again behind what was said since; what lay there when its author struck the reader off comes when it
      // is found.
      if (said.void || !this.#village.orderly || this.#village.slept >= RETENTION) continue
      assert.ok(said.number > (last.get(said.from) ?? 0), `${name} is shown "${said.text}" after what ${said.from} said later`)
      last.set(said.from, said.number)
    }
  }

  /** Where something lies is known of what waits, and of nothing else: what is not asked for any more would be looked for without end. */
  #whereabouts(name: Name): void {
    const { handed, outbox } = this.#village.person(name).store.peek()
    for (const { id, device } of handed.values()) assert.ok(outbox.has(`${id}/${device}`), `${name} knows where something lies that waits no more`)
  }

  // ---------------------------------------------------------------- at the end of quiet

  settled(names: readonly Name[]): void {
    this.check()
    for (const said of this.#open) assert.fail(`never arrived: ${said.text}`)
    for (const said of this.#said.values()) {
      const { id, from, to, text, void: isVoid } = said
      if (isVoid) continue
      assert.ok(this.#village.person(to).store.peek().messages.has(id), `${to} has lost: ${text}`)
      const row = this.#village.person(from).store.peek().messages.get(id)
      // A receipt may be among what somebody who was put back no longer knows; it waits for nobody who is blocked, is not heard by who blocked
      // its sender when it came, and expires in a mailbox.
      const isCutOff = this.#everBlocked.has(`${to} ${from}`) || this.#everBlocked.has(`${from} ${to}`)
      const isLess = this.#rewound.has(from) || this.#rewound.has(to) || isCutOff || this.#village.slept >= RETENTION
      const told = isLess ? CLAIMS : (['delivered', 'read'] as const)
      if (this.#unasked.has(said)) continue
      assert.ok(row?.delivery && told.includes(row.delivery), `${from} is not told that ${to} has it, but "${row?.delivery}": ${text}`)
    }
    const devices = new Set(names.map((name) => this.#village.person(name).device))
    for (const name of names) {
      const waiting = [...this.#village.person(name).store.peek().outbox.values()].filter(({ device }) => devices.has(device))
      assert.equal(waiting.length, 0, `something of ${name} waits for ever`)
    }
  }

  /** Everybody can still talk with whom they know, both ways. */
  async farewell(apart: boolean, pairs: readonly (readonly [Name, Name])[]): Promise<void> {
    for (const [a, b] of pairs) {
      for (const [who, to] of [[a, b], [b, a]] as const) {
        const sent = await this.#village.ask(who, ({ messenger }) => messenger.send(to, `farewell of ${who} to ${to}`))
        assert.ok(sent, `${who} cannot write to ${to}`)
      }
    }
    if (apart) await this.#village.takeTurns()
    else await this.#village.settle(30_000)
    this.settled(apart ? ['Ann', 'Ben'] : HONEST)
  }

  /** What somebody said last, for changing it. */
  own(name: Name, nth: number): string | undefined {
    const own = [...this.#said.values()].filter(({ from }) => from === name)
    return own[nth % Math.max(1, own.length)]?.id
  }
}

const isPlain = (row: StoredMessage): boolean => row.deletedAt === undefined && row.editedAt === undefined
