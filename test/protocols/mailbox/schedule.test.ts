/**
 * One contact writes to another through one node or two, while everything goes wrong: streams end with frames and replies lost, clients crash and
 * come back with what they had stored, a second client subscribes, the queue fills, weeks pass.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  acknowledgements,
  CAPACITY,
  type Command,
  decodeInbox,
  decodeNodeFrame,
  decodeSender,
  decodeView,
  due,
  EMPTY_INBOX,
  encodeInbox,
  encodeSender,
  encodeView,
  evicted,
  heard,
  type Inbox,
  interrupted,
  left,
  newSender,
  newView,
  type NodeFrame,
  type Note,
  openDelivery,
  parted,
  PART,
  type Piece,
  type QueueKind,
  receive,
  roomAgain,
  type Sender,
  sendCommand,
  start,
  subscribe,
  subscribed,
  type View,
} from '../../../protocols/mailbox/index.ts'
import { toHex, u32 } from '../../../protocols/suite/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { DAY, Line, type MadeQueue, makeQueue, TestNode } from './people.ts'

const message = (name: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  bytes.set(u32(name))
  return bytes
}
const nameOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)

/** The writer: an outbox, and a sender for each queue. A crash forgets what is not in `disk`. */
class Writer {
  readonly queues: MadeQueue[]
  readonly nodes: TestNode[]
  readonly outbox = new Map<string, Uint8Array>()
  disk: Uint8Array[]
  senders: Sender[]
  lines: (Line | undefined)[]
  readonly promised: number[] = []

  constructor(nodes: TestNode[], queues: MadeQueue[]) {
    this.nodes = nodes
    this.queues = queues
    this.senders = queues.map(() => newSender())
    this.disk = this.senders.map(encodeSender)
    this.lines = queues.map(() => undefined)
  }

  write(bytes: Uint8Array): void {
    for (const place of this.queues.keys()) {
      const sender = this.senders[place]!
      if (sender.started.length >= 8) continue
      this.senders[place] = start(this.nodes[0]!.suite, sender, bytes)
      this.outbox.set(toHex(this.senders[place].started.at(-1)!.hash), bytes)
      this.store(place)
    }
  }

  store(place: number): void {
    this.disk[place] = encodeSender(this.senders[place]!)
  }

  /** Hands in what is due; `lose`: the line breaks after so many frames, whose last reply is lost. */
  flush(place: number, lose = Infinity): void {
    const node = this.nodes[place % this.nodes.length]!
    const line = (this.lines[place] ??= new Line(node))
    if (line.pushed().some(({ type }) => type === 'room')) this.senders[place] = roomAgain(this.senders[place]!)
    const pieces = due(this.senders[place]!, node.now)
    this.senders[place] = left(this.senders[place]!, pieces)
    let frames = 0
    for (const piece of pieces) {
      const reply = this.hand(line, place, piece)
      if (++frames >= lose) return this.hangUp(place)
      const said = reply.type === 'done' ? 'done' : reply.type === 'refused' ? reply.code : assert.fail(reply.type)
      const { sender, finished } = heard(this.senders[place]!, piece, said, node.now, node.random)
      this.senders[place] = sender
      this.store(place)
      if (finished !== undefined) this.promised.push(nameOf(this.outbox.get(finished)!))
    }
  }

  hand(line: Line, place: number, piece: Piece) {
    const queue = this.queues[place]!
    const command = sendCommand(line.node.suite, line.node.random, { keys: queue.keys, sender: queue.ids.sender }, this.outbox.get(piece.message)!, piece)
    return line.ask(command, queue.sender)
  }

  hangUp(place: number): void {
    this.lines[place]?.close()
    this.lines[place] = undefined
    this.senders[place] = interrupted(this.senders[place]!)
  }

  crash(): void {
    for (const place of this.queues.keys()) this.hangUp(place)
    this.senders = this.disk.map(decodeSender)
  }
}

/** The reader: an inbox of all queues, a view of each; what is shown is stored with them. */
class Reader {
  readonly queues: MadeQueue[]
  readonly nodes: TestNode[]
  inbox: Inbox = EMPTY_INBOX
  views: View[]
  lines: (Line | undefined)[]
  disk: { inbox: Uint8Array; views: Uint8Array[]; shown: number[] }
  shown: number[] = []
  readonly notes: Note[] = []
  strangers = 0

  constructor(nodes: TestNode[], queues: MadeQueue[]) {
    this.nodes = nodes
    this.queues = queues
    this.views = queues.map(({ ids }) => newView(ids.recipient, 'conversation'))
    this.lines = queues.map(() => undefined)
    this.disk = this.stored()
  }

  stored() {
    return { inbox: encodeInbox(this.inbox), views: this.views.map(encodeView), shown: [...this.shown] }
  }

  /** `rival`: the old stream is still open, and is evicted. */
  subscribe(place: number, rival = false): void {
    if (!rival) this.hangUp(place)
    const old = this.lines[place]
    const line = new Line(this.nodes[place % this.nodes.length]!)
    const queue = this.queues[place]!
    const asked = subscribe(this.views[place]!, line.node.random, queue.ids.recipient)
    this.views[place] = asked.view
    this.disk = { ...this.disk, views: this.views.map(encodeView) }
    const reply = line.ask(asked.command, queue.recipient)
    if (reply.type !== 'subscribed') return assert.fail(reply.type)
    const { view, stranger } = subscribed(line.node.suite, asked.view, reply)
    this.views[place] = view
    if (stranger) this.strangers++
    this.lines[place] = line
    if (old) assert.equal(old.pushed().at(-1)?.type, 'evicted', 'the first is told (attack 63)')
    old?.close()
  }

  /** Takes in so many deliveries; `crash` before the last one is stored, or after it is stored and before it is acknowledged. */
  drain(place: number, most = Infinity, crash: 'no' | 'before' | 'after' = 'no'): void {
    const line = this.lines[place]
    if (!line) return
    let taken = 0
    for (;;) {
      const frames = line.pushed()
      if (frames.length === 0) return
      for (const frame of frames) {
        if (frame.type === 'evicted') {
          this.views[place] = evicted(this.views[place]!)
          this.lines[place] = undefined
          return
        }
        const settled = this.take(place, frame)
        if (++taken >= most && crash === 'before') return this.crash()
        this.disk = this.stored()
        if (taken >= most && crash === 'after') return this.crash()
        for (const command of settled) this.lines[this.placeOf(command)]?.ask(command, this.queues[this.placeOf(command)]!.recipient)
        if (taken >= most) return this.hangUp(place)
      }
    }
  }

  placeOf(command: Extract<Command, { type: 'acknowledge' }>): number {
    return this.queues.findIndex(({ ids }) => toHex(ids.recipient) === toHex(command.id))
  }

  take(place: number, frame: NodeFrame): Extract<Command, { type: 'acknowledge' }>[] {
    if (frame.type !== 'delivery') return assert.fail(frame.type)
    const queue = this.queues[place]!
    const node = this.nodes[place % this.nodes.length]!
    const taken = receive(node.suite, queue.keys, this.inbox, this.views[place]!, openDelivery(node.suite, queue.recipient, frame), node.now)
    this.inbox = taken.inbox
    this.views[place] = taken.view
    this.notes.push(...taken.notes)
    if (taken.message) this.shown.push(nameOf(taken.message))
    return this.queues.flatMap(({ ids }) => acknowledgements(ids.recipient, taken.settled))
  }

  hangUp(place: number): void {
    this.lines[place]?.close()
    this.lines[place] = undefined
    this.views[place] = parted(this.views[place]!)
  }

  crash(): void {
    for (const place of this.queues.keys()) this.hangUp(place)
    this.inbox = decodeInbox(this.disk.inbox)
    this.views = this.disk.views.map(decodeView)
    this.shown = [...this.disk.shown]
  }
}

const steps = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), length: fc.constantFrom(4_096, 16_384, 65_536, 131_072) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('flush' as const), place: fc.nat(1), lose: fc.constantFrom(1, 2, 5, Infinity, Infinity) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('drain' as const), place: fc.nat(1), most: fc.constantFrom(1, 3, 9, Infinity), crash: fc.constantFrom('no' as const, 'before' as const, 'after' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), place: fc.nat(1), rival: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('writerCrash' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('readerCrash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.nat(60) }) },
)
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never

function run(seed: number, plan: readonly Step[], queues: number, nodes = queues, kind: QueueKind = 'conversation') {
  const random = seededRandom(seed)
  const all = Array.from({ length: nodes }, () => new TestNode(random))
  const made = Array.from({ length: queues }, (_, place) => makeQueue(all[place % nodes]!, kind))
  const writer = new Writer(all, made)
  const reader = new Reader(all, made)
  let written = 0
  for (const step of plan) {
    const place = 'place' in step ? step.place % queues : 0
    switch (step.do) {
      case 'write':
        if (writer.senders.every(({ started }) => started.length < 8)) writer.write(message(++written, step.length))
        break
      case 'flush':
        writer.flush(place, step.lose)
        break
      case 'drain':
        reader.drain(place, step.most, step.crash)
        break
      case 'subscribe':
        reader.subscribe(place, step.rival)
        break
      case 'writerCrash':
        writer.crash()
        break
      case 'readerCrash':
        reader.crash()
        break
      case 'wait':
        for (const node of all) node.now += step.minutes * 60_000
    }
  }
  /** Then all is well, and what was written comes through. */
  const settle = (places: readonly number[] = made.map((_, place) => place)): void => {
    for (let round = 0; round < 60; round++) {
      for (const place of places) {
        for (const node of all) node.now += 16 * 60_000
        writer.flush(place)
        if (!reader.lines[place]) reader.subscribe(place)
        reader.drain(place)
      }
    }
  }
  return { all, made, writer, reader, written, settle }
}

describe('any schedule of a mailbox', () => {
  it('shows every message once, whatever was lost, repeated, crashed or evicted (attacks 60, 64)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(steps, { minLength: 10, maxLength: 60, size: 'max' }), (seed, plan) => {
        const { reader, writer, written, settle, all } = run(seed, plan, 1)
        settle()
        assert.deepEqual([...reader.shown].sort((a, b) => a - b), Array.from({ length: written }, (_, i) => i + 1))
        assert.deepEqual(reader.shown, [...reader.shown].sort((a, b) => a - b), 'and in the order of the queue')
        assert.equal(writer.senders[0]!.started.length, 0)
        assert.equal(reader.strangers, 0)
        assert.equal(all[0]!.bodies.size, 0, 'and nothing is left behind')
        assert.ok(reader.notes.every(({ type }) => type === 'quota'), JSON.stringify(reader.notes))
      }),
      { numRuns: 45 },
    )
  })

  it('in a queue of eight blocks, nearly always full, loses none and shows none twice (attack 61)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(steps, { minLength: 10, maxLength: 60, size: 'max' }), (seed, plan) => {
        const { reader, written, settle, all } = run(seed, plan, 1, 1, 'request')
        settle()
        assert.deepEqual([...reader.shown].sort((a, b) => a - b), Array.from({ length: written }, (_, i) => i + 1))
        assert.equal(all[0]!.bodies.size, 0)
        assert.deepEqual(reader.views[0]!.numbers.missing, [])
      }),
      { numRuns: 45 },
    )
  })

  it('through two mailboxes shows every message once, and still does when one of them is gone (attack 59)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(steps, { maxLength: 50, size: 'max' }), fc.boolean(), (seed, plan, first) => {
        const { reader, written, settle, writer } = run(seed, plan, 2)
        const alive = first ? 0 : 1
        writer.hangUp(1 - alive)
        reader.hangUp(1 - alive)
        settle([alive])
        assert.equal(new Set(reader.shown).size, reader.shown.length)
        assert.equal(reader.shown.length, written)
      }),
      { numRuns: 30 },
    )
  })

  it('never shows a gap that is none: numbers survive every crash of both sides', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(steps, { minLength: 10, maxLength: 60, size: 'max' }), (seed, plan) => {
        const { reader, settle, writer } = run(seed, plan, 1)
        settle()
        assert.deepEqual(reader.views[0]!.numbers, { next: writer.senders[0]!.next, missing: [] })
      }),
      { numRuns: 45 },
    )
  })
})

describe('a mailbox that is full', () => {
  it('says so to both, keeps what it has, and says when there is room (attack 61)', () => {
    const { reader, writer, made, all } = run(1, [], 1)
    const [node] = all as [TestNode]
    const bystander = makeQueue(node)
    let written = 0
    while (writer.senders[0]!.state === 'ready') {
      if (writer.senders[0]!.started.length < 8) writer.write(message(++written, 4_096))
      writer.flush(0)
    }
    assert.equal(writer.promised.length, CAPACITY)
    assert.equal(node.bodies.size, CAPACITY)
    const [other] = [new Line(node)]
    assert.equal(other.ask(sendCommand(node.suite, node.random, { keys: bystander.keys, sender: bystander.ids.sender }, message(1, 4_096), { message: '', index: 0, number: 1 }), bystander.sender).type, 'done', 'others are not affected')
    assert.deepEqual(other.ask({ type: 'info', id: made[0]!.ids.recipient }, made[0]!.recipient), { type: 'info', blocks: CAPACITY, capacity: CAPACITY, oldest: node.now, full: true, suspended: false })
    reader.subscribe(0)
    reader.drain(0)
    assert.deepEqual(reader.shown, Array.from({ length: CAPACITY }, (_, i) => i + 1))
    assert.deepEqual(reader.notes, [{ type: 'quota' }], 'after the last block')
    writer.flush(0) // hears `room`
    assert.equal(writer.senders[0]!.state, 'ready')
    reader.drain(0)
    assert.equal(reader.shown.length, written)
  })

  it('lets a sender try again by itself, seldom and not at once', () => {
    const { writer, all } = run(2, [], 1)
    const [node] = all as [TestNode]
    for (let written = 0; writer.senders[0]!.state === 'ready'; ) {
      if (writer.senders[0]!.started.length < 8) writer.write(message(++written, 4_096))
      writer.flush(0)
    }
    writer.hangUp(0)
    const from = node.now
    const waits: number[] = []
    for (let last = from; waits.length < 12; last = node.now) {
      assert.deepEqual(due(writer.senders[0]!, node.now), [])
      node.now = writer.senders[0]!.again
      waits.push(node.now - last)
      assert.equal(due(writer.senders[0]!, node.now).length, 1, 'one block, to see')
      writer.flush(0)
    }
    assert.ok(waits.every((wait) => wait >= 15_000 && wait <= 15 * 60_000), `${waits}`)
    assert.ok(waits.slice(6).every((wait) => wait >= 7.5 * 60_000), `${waits}`)
  })
})

describe('a month of sleep', () => {
  it('loses what is too old, says how much, and then goes on', () => {
    const { reader, writer, all } = run(3, [], 1)
    const [node] = all as [TestNode]
    for (let i = 1; i <= 5; i++) writer.write(message(i, 4_096))
    writer.flush(0)
    node.now += 20 * DAY
    writer.write(message(6, 4_096))
    writer.flush(0)
    node.now += 2 * DAY
    reader.subscribe(0)
    reader.drain(0)
    assert.deepEqual(reader.shown, [6])
    assert.deepEqual(reader.notes, [{ type: 'expired', blocks: 5 }, { type: 'gap', gap: { from: 1, to: 5 } }])
    reader.crash()
    reader.subscribe(0)
    reader.drain(0)
    assert.equal(reader.notes.length, 2, 'told once')
  })

  it('opens a full queue when what filled it has expired, and what was refused comes through', () => {
    const { reader, writer, all } = run(4, [], 1)
    const [node] = all as [TestNode]
    let written = 0
    while (writer.senders[0]!.state === 'ready') {
      if (writer.senders[0]!.started.length < 8) writer.write(message(++written, 4_096))
      writer.flush(0)
    }
    node.now += 21 * DAY
    for (let i = 0; i < 3; i++) writer.flush(0)
    reader.subscribe(0)
    reader.drain(0)
    assert.deepEqual(reader.shown, Array.from({ length: written - CAPACITY }, (_, i) => CAPACITY + i + 1))
    assert.deepEqual(reader.notes[0], { type: 'expired', blocks: CAPACITY })
  })

  it('lets a message that expired be handed in again', () => {
    const { reader, writer, all } = run(5, [], 1)
    const [node] = all as [TestNode]
    writer.write(message(1, 4_096))
    writer.flush(0)
    node.now += 22 * DAY
    writer.write(message(1, 4_096))
    writer.flush(0)
    reader.subscribe(0)
    reader.drain(0)
    assert.deepEqual(reader.shown, [1])
  })
})

describe('a node that lies (attack 59)', () => {
  /** Reads what the node pushes, as the node would rather have it. */
  function deceived(lie: (frames: NodeFrame[], world: ReturnType<typeof run>) => NodeFrame[], queues = 1) {
    const world = run(6, [], queues, 1)
    for (let i = 1; i <= 6; i++) world.writer.write(message(i, 4_096))
    for (let place = 0; place < queues; place++) world.writer.flush(place)
    const { reader } = world
    reader.subscribe(0)
    for (const frame of lie(reader.lines[0]!.pushed(), world)) reader.take(0, frame)
    return reader
  }

  it('and drops a block is found out by the next one', () => {
    const reader = deceived((frames) => frames.toSpliced(2, 2))
    assert.deepEqual(reader.shown, [1, 2, 5, 6])
    assert.deepEqual(reader.notes, [{ type: 'gap', gap: { from: 3, to: 4 } }])
  })

  it('and drops the last blocks is not found out here, only by the silence where receipts should be', () => {
    const reader = deceived((frames) => frames.slice(0, 4))
    assert.deepEqual([reader.shown, reader.notes], [[1, 2, 3, 4], []])
  })

  it('and changes the order is found out, and nothing is lost', () => {
    const reader = deceived((frames) => [frames[0]!, frames[2]!, frames[1]!, ...frames.slice(3)])
    assert.deepEqual(reader.shown, [1, 3, 2, 4, 5, 6])
    assert.deepEqual(reader.notes, [{ type: 'gap', gap: { from: 2, to: 2 } }, { type: 'late', number: 2 }])
  })

  it('and repeats blocks, also ones it was told to delete, shows none twice (attack 60)', () => {
    const reader = deceived((frames) => [...frames, ...frames, frames[3]!, frames[0]!])
    assert.deepEqual(reader.shown, [1, 2, 3, 4, 5, 6])
    assert.deepEqual(reader.notes, [])
  })

  it('and hands out a block of another queue as one of this is found out', () => {
    const reader = deceived((frames, { all, made, reader: { queues } }) => {
      const node = all[0]!
      const other = node.find('recipient', made[1]!.ids.recipient)!
      const mine = node.find('recipient', queues[0]!.ids.recipient)!
      const body = node.bodies.get(`${toHex(other.queue.recipient)}/1`)!
      const push = { to: mine.watch!.session, type: 'delivery', item: { kind: 'block', seq: 1, at: node.now, block: new Uint8Array(16) }, shared: mine.watch!.shared } as const
      node.bodies.set(`${toHex(mine.queue.recipient)}/1`, body)
      node.push(mine, push)
      return [...node.lines.get(mine.watch!.session)!.splice(0).map(decodeNodeFrame), ...frames.slice(1)]
    }, 2)
    assert.deepEqual(reader.shown, [2, 3, 4, 5, 6])
    assert.deepEqual(reader.notes, [{ type: 'foreign' }, { type: 'gap', gap: { from: 1, to: 1 } }])
  })
})

describe('the parts of a message', () => {
  it('are held back at the nodes until it is whole, and come from two of them if need be', () => {
    const { reader, writer, all } = run(7, [], 2)
    writer.write(message(1, 5 * PART))
    writer.flush(0, 3)
    writer.flush(1)
    reader.subscribe(0)
    reader.drain(0)
    assert.deepEqual([reader.shown, all[0]!.bodies.size], [[], 3])
    reader.subscribe(1)
    reader.drain(1)
    assert.deepEqual([reader.shown, all[0]!.bodies.size, all[1]!.bodies.size], [[1], 0, 0])
  })
})
