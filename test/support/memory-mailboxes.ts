/**
 * Nodes with mailboxes, in memory: what they do is `protocols/mailbox`, what is around it (streams, stores) is made up and can go wrong. One
 * frame moves at a time, in an order that follows from the calls; every choice comes from `random`.
 */
import {
  answer, type Box, CAPACITY, type Decoy, dueOf, hear, helloFrame, leave, makeDecoy, MailboxError, noticeFrame, openSession, type Push, pushFrame, refusal, type Session, whose,
} from '../../protocols/mailbox/index.ts'
import { type Random, type Suite, toHex } from '../../protocols/suite/index.ts'
import { type MailboxNode, type Mailboxes, MailboxNetError, type MailboxRole, type MailboxStream } from '../../src/messenger/mailboxes/ports.ts'
import type { Clock } from '../../src/messenger/ports.ts'

/** What a node does wrong, as probabilities. */
export interface Lies {
  /** says that it has a block, and has not */
  lose: number
  /** hands out a block in place of another */
  reorder: number
  /** keeps a block back until `release` */
  delay: number
  /** hands a block out twice */
  duplicate: number
}

interface Wire {
  readonly client: string
  readonly role: MailboxRole
  readonly session: string
  /** to the client; undefined ends it */
  readonly out: (Uint8Array | undefined)[]
  arrived(): void
  over: boolean
}

export class MemoryNode implements MailboxNode {
  readonly peer: string
  readonly addresses: readonly string[]
  readonly lies: Lies = { lose: 0, reorder: 0, delay: 0, duplicate: 0 }
  /** it takes no streams */
  away = false
  /** it knows nothing of mailboxes, and hangs up */
  foreign = false
  /** it makes no queues, for nobody */
  denies = false
  /** queues that it still makes */
  room = Infinity
  /** queues that it was asked for */
  asked = 0
  /** streams that somebody wanted */
  called = 0
  boxes = new Map<string, Box>()
  bodies = new Map<string, Uint8Array>()
  /** blocks that it said it has */
  taken = 0
  /** the same by queue, as its sender calls it */
  readonly words = new Map<string, number>()
  readonly wires = new Map<string, Wire>()
  readonly #suite: Suite
  readonly #random: Random
  readonly #clock: Clock
  readonly #decoy: Decoy
  readonly #sessions = new Map<string, Session>()
  /** blocks to keep back */
  readonly #late = new Set<string>()
  /** those of them that were due */
  readonly #held = new Set<string>()
  readonly #gone = new Map<string, { body: Uint8Array; box: string }>()
  #names = 0

  constructor(parts: { suite: Suite; random: Random; clock: Clock; peer: string }) {
    this.#suite = parts.suite
    this.#random = parts.random
    this.#clock = parts.clock
    this.peer = parts.peer
    this.addresses = [`/ip4/192.0.2.1/tcp/${4000 + (Number.parseInt(parts.peer.slice(0, 3), 16) % 1000)}`]
    this.#decoy = makeDecoy(this.#suite, this.#random)
  }

  enter(client: string, role: MailboxRole, arrived: () => void): Wire {
    const session = openSession(this.#random, `${this.#names++}`)
    this.#sessions.set(session.id, session)
    const wire: Wire = { client, role, session: session.id, out: [helloFrame(session, this.#clock.now())], arrived, over: false }
    this.wires.set(session.id, wire)
    return wire
  }

  leave(session: string): void {
    this.#sessions.delete(session)
    const wire = this.wires.get(session)
    this.wires.delete(session)
    for (const [name, box] of this.boxes) this.boxes.set(name, leave(box, session))
    if (wire && !wire.over) {
      wire.over = true
      wire.out.push(undefined)
      wire.arrived()
    }
  }

  /** Every stream ends; new ones are possible unless it is away. */
  hangUp(): void {
    for (const session of [...this.wires.keys()]) this.leave(session)
  }

  /** Gone with all it had. */
  vanish(): void {
    this.away = true
    this.hangUp()
    this.boxes.clear()
    this.bodies.clear()
  }

  /** What it holds, in all queues. */
  get blocks(): number {
    return [...this.boxes.values()].reduce((sum, { queue }) => sum + queue.items.filter(({ kind }) => kind === 'block').length, 0)
  }

  /** Somebody has the recipient's key and subscribes: this is all the node sees of it. */
  steal(recipient: string): void {
    const box = this.#box(recipient)
    const watched = box.watch
    this.boxes.set(recipient, { queue: { ...box.queue, tag: this.#random(16) } })
    if (watched) this.#send(watched.session, pushFrame(this.#suite, this.#random, box.queue, { to: watched.session, type: 'evicted' }))
  }

  /** Hands out again everything that was deleted (attack 60). */
  replay(): void {
    for (const [key, { body, box: name }] of [...this.#gone]) {
      if (!this.boxes.has(name)) continue
      this.add(name, body)
      this.#gone.delete(key)
    }
  }

  /** Two blocks of different queues change places. */
  swap(): void {
    const [a = '', b = ''] = [...this.boxes].flatMap(([name, { queue }]) => queue.items.filter(({ kind }) => kind === 'block').slice(0, 1).map(({ seq }) => `${name}/${seq}`))
    const [first, second] = [this.bodies.get(a), this.bodies.get(b)]
    if (!first || !second) throw new Error('there are not two queues with blocks')
    this.bodies.set(a, second)
    this.bodies.set(b, first)
  }

  /** Strangers' blocks fill a queue: what is in it cannot be read, but counts. */
  fill(recipient: string): void {
    const body = this.#random(16_480)
    while (this.#box(recipient).queue.items.length < CAPACITY) this.add(recipient, body)
  }

  /** One block more in a queue, whoever made it. */
  add(recipient: string, body: Uint8Array): void {
    const box = this.#box(recipient)
    const seq = box.queue.nextSeq
    this.bodies.set(`${recipient}/${seq}`, body)
    const items = [...box.queue.items, { kind: 'block' as const, seq, at: this.#clock.now(), block: this.#random(16) }]
    this.#stored(recipient, { ...box, queue: { ...box.queue, nextSeq: seq + 1, items } })
  }

  /** Hands out what it kept back. */
  release(): void {
    this.#late.clear()
    for (const [name, box] of this.boxes) this.#stored(name, box)
  }

  /** A frame of a client. */
  heard(id: string, frame: Uint8Array): void {
    const session = this.#sessions.get(id)
    if (!session) return
    try {
      const heard = hear(session, frame)
      this.#sessions.set(id, heard.session)
      const wanted = whose(heard.asked)
      const found = [...this.boxes.values()].find(({ queue }) => toHex(queue[wanted.by]) === toHex(wanted.value))
      if (heard.asked.command.type === 'create' && !found) {
        this.asked++
        if (this.denies || this.room === 0) return this.#send(id, refusal(heard.asked, this.denies ? 'denied' : 'busy'))
        this.room--
      }
      const answered = answer(this.#suite, this.#random, this.#decoy, found, heard, this.#clock.now())
      const box = answered.box ?? found
      const name = box ? toHex(box.queue.recipient) : ''
      const loses = answered.kept !== undefined && this.#chance(this.lies.lose)
      if (box && heard.asked.command.type === 'send' && answered.kept) {
        this.taken++
        const sender = toHex(box.queue.sender)
        this.words.set(sender, (this.words.get(sender) ?? 0) + 1)
      }
      if (box && !loses) {
        if (answered.kept) {
          this.bodies.set(`${name}/${answered.kept.seq}`, answered.kept.body)
          if (this.#chance(this.lies.delay)) this.#late.add(`${name}/${answered.kept.seq}`)
        }
        for (const seq of answered.dropped) {
          const body = this.bodies.get(`${name}/${seq}`)
          if (body) this.#gone.set(`${name}/${seq}`, { body, box: name })
          this.bodies.delete(`${name}/${seq}`)
        }
        if (answered.box) this.boxes.set(name, answered.box)
        else this.boxes.delete(name)
      }
      const reply = answered.reply ?? noticeFrame(this.#suite, this.#random, answered.notice!, this.bodies.get(`${name}/${answered.notice!.seq}`)!)
      this.#send(id, reply)
      if (box && !loses) this.#push(name, box, answered.pushes)
    } catch (error) {
      if (!(error instanceof MailboxError)) throw error
      this.leave(id)
    }
  }

  #box(recipient: string): Box {
    const box = this.boxes.get(recipient)
    if (!box) throw new Error('there is no such queue here')
    return box
  }

  #stored(name: string, before: Box): void {
    const { box, pushes } = dueOf(before.watch ? { ...before, watch: { ...before.watch, pushed: this.#without(name, before.watch.pushed) } } : before)
    this.boxes.set(name, box)
    this.#push(name, box, pushes)
  }

  /** What was kept back counts as pushed, until it is released. */
  #without(name: string, pushed: ReadonlySet<number>): Set<number> {
    return new Set([...pushed].filter((seq) => !this.#held.delete(`${name}/${seq}`)))
  }

  #push(name: string, box: Box, pushes: readonly Push[]): void {
    const order = [...pushes]
    for (let i = order.length - 1; i > 0; i--) if (this.#chance(this.lies.reorder)) order.push(...order.splice(i - 1, 1))
    for (const push of order) {
      const key = push.type === 'delivery' ? `${name}/${push.item.seq}` : ''
      if (this.#late.has(key)) {
        this.#held.add(key)
        continue
      }
      for (let times = this.#chance(this.lies.duplicate) ? 2 : 1; times > 0; times--) {
        const body = push.type === 'delivery' && push.item.kind === 'block' ? this.bodies.get(key) : undefined
        this.#send(push.to, pushFrame(this.#suite, this.#random, box.queue, push, body))
      }
    }
  }

  #send(session: string, frame: Uint8Array): void {
    const wire = this.wires.get(session)
    wire?.out.push(frame)
    wire?.arrived()
  }

  #chance(p: number): boolean {
    if (p <= 0) return false
    const [a = 0, b = 0] = this.#random(2)
    return ((a << 8) | b) < p * 65_536
  }
}

export interface MemoryMailboxNetwork {
  /** The way of one person to all nodes. */
  mailboxes(client: string): Mailboxes
  node(name: string): MemoryNode
  readonly nodes: readonly MemoryNode[]
  /** No stream of this person stands or comes to stand. */
  disconnect(client: string): void
  reconnect(client: string): void
  /** Every frame handed to a node, for tests that look at the wire. */
  readonly wire: { readonly client: string; readonly role: MailboxRole; readonly peer: string; readonly session: string; readonly frame: Uint8Array }[]
  /** Streams in the order they were opened: by whom, to which node, and through which one. */
  readonly ways: { readonly client: string; readonly role: MailboxRole; readonly peer: string; readonly through: string | undefined }[]
  /** Until nothing is on its way and nobody has more to say. @returns whether anything was */
  settle(): Promise<boolean>
}

export function createMemoryMailboxNetwork(parts: { suite: Suite; random: Random; clock: Clock }): MemoryMailboxNetwork {
  const nodes = new Map<string, MemoryNode>()
  const cut = new Set<string>()
  const legs: (() => void)[] = []
  const wire: MemoryMailboxNetwork['wire'] = []
  const ways: MemoryMailboxNetwork['ways'] = []
  let scheduled = false

  const later = (move: () => void): void => {
    legs.push(move)
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      for (const leg of legs.splice(0)) leg()
    })
  }

  const answers = ({ peer, addresses }: MailboxNode): MemoryNode | undefined => {
    const node = nodes.get(peer)
    return node && !node.away && addresses.some((address) => node.addresses.includes(address)) ? node : undefined
  }

  /** @param behind relays of who hides */
  function connect(client: string, role: MailboxRole, to: MailboxNode, behind: readonly MailboxNode[] | undefined): Promise<MailboxStream> {
    return new Promise((resolve, reject) =>
      later(() => {
        const hides = behind && role === 'hand-in' && !behind.some(({ peer }) => peer === to.peer)
        const through = hides ? behind.find(answers) : undefined
        const node = hides && !through ? undefined : answers(to)
        if (node) node.called++
        if (node?.foreign && !cut.has(client)) reject(new MailboxNetError('refused', 'it keeps no mailboxes'))
        else if (node && !cut.has(client)) {
          ways.push({ client, role, peer: node.peer, through: through?.peer })
          resolve(stream(node, client, role))
        } else reject(new MailboxNetError('unreachable', 'no address answered'))
      }),
    )
  }

  function stream(node: MemoryNode, client: string, role: MailboxRole): MailboxStream {
    const inbox: (Uint8Array | undefined)[] = []
    let waiting = Promise.withResolvers<void>()
    const own = node.enter(client, role, () =>
      later(() => {
        inbox.push(...own.out.splice(0))
        waiting.resolve()
        waiting = Promise.withResolvers()
      }),
    )
    own.arrived()
    return {
      async send(frame) {
        if (own.over) throw new MailboxNetError('unreachable', 'the stream has ended')
        wire.push({ client, role, peer: node.peer, session: own.session, frame: frame.slice() })
        later(() => node.heard(own.session, frame.slice()))
      },
      frames: {
        async *[Symbol.asyncIterator]() {
          for (;;) {
            while (inbox.length === 0) await waiting.promise
            const next = inbox.shift()
            if (next === undefined) return
            yield next.slice()
          }
        },
      },
      close: () => node.leave(own.session),
    }
  }

  return {
    wire,
    ways,
    mailboxes(client) {
      let running = false
      let behind: (() => readonly MailboxNode[]) | undefined
      return {
        hideBehind(own) {
          behind = own
        },
        check: () => undefined, // what is cut here ends at once
        async start() {
          running = true
        },
        async stop() {
          running = false
          for (const node of nodes.values()) for (const each of [...node.wires.values()]) if (each.client === client) node.leave(each.session)
        },
        async connect(role, node) {
          if (!running) throw new MailboxNetError('stopped', 'mailboxes are stopped')
          return connect(client, role, node, behind?.())
        },
      }
    },
    node(name) {
      const peer = toHex(parts.suite.hash(new TextEncoder().encode(name))).slice(0, 64)
      const node = nodes.get(peer) ?? new MemoryNode({ ...parts, peer })
      nodes.set(peer, node)
      return node
    },
    get nodes() {
      return [...nodes.values()]
    },
    disconnect(client) {
      cut.add(client)
      for (const node of nodes.values()) for (const each of [...node.wires.values()]) if (each.client === client) node.leave(each.session)
    },
    reconnect: (client) => void cut.delete(client),
    async settle() {
      let moved = false
      for (let quiet = 0; quiet < 4; quiet++) {
        if (legs.length > 0) {
          quiet = 0
          moved = true
        }
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      return moved
    },
  }
}
