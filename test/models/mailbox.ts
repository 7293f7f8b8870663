/**
 * A writer, a node and a reader of one mailbox, and all that can go wrong with them: processes end, streams break on one side or on both, frames are
 * lost, doubled, swapped and replayed, somebody else subscribes. What each does is decided by `protocols/mailbox`, that is, by the code that runs.
 *
 * Not modelled one by one, because they come to the same: a process that ends before it has stored what it was told, and one that ends before it
 * was told; the node's step and its commit (what leaves it was stored, unless the mistake is to be found); a message's blocks leaving one by one.
 * Time stands still, and a wait may be over at any moment.
 */
import {
  acknowledgements,
  blocksIn,
  type Box,
  decodeInbox,
  decodeSender,
  decodeView,
  due,
  EMPTY_INBOX,
  encodeCommand,
  encodeInbox,
  encodeSender,
  encodeView,
  evicted,
  hear,
  heard,
  type Inbox,
  interrupted,
  type Item,
  leave,
  left,
  newQueue,
  newSender,
  newView,
  openSession,
  PART,
  parted,
  type Piece,
  type Push,
  type Queue,
  queueKeys,
  type QueueKind,
  receive,
  roomAgain,
  sealBlock,
  type Sender,
  sendCommand,
  type Session,
  type Shared,
  start,
  step,
  type Command,
  type Answer,
  type Delivered,
  type Handle,
  MailboxError,
  subscribe,
  subscribed,
  type View,
} from '../../protocols/mailbox/index.ts'
import { toHex, u64 } from '../../protocols/suite/index.ts'
import { openssl as suite } from '../../src/crypto/index.ts'
import { seededRandom } from '../support/seeded.ts'
import type { Model, Move } from './explore.ts'

export type Fault =
  | 'the writer ends' | 'the node ends' | 'the reader ends'
  /** both sides see it */
  | 'a stream breaks'
  /** the client sees it; what it had sent may still arrive */
  | 'a stream breaks on one side'
  /** by who carries it, or a node that lies */
  | 'a frame is lost' | 'a frame is doubled' | 'frames are swapped' | 'a deleted block is replayed'
  /** who has the reader's key listens, and may acknowledge */
  | 'somebody else subscribes'

/** What must not be done, to see that it is found out. */
export type Mistake =
  | 'the reader acknowledges before it has stored'
  | 'the reader does not remember what it has'
  | 'the reader acknowledges each part by itself'
  | 'the reader leaves the marker of QUOTA'
  | 'the node answers before it has stored'
  | 'the writer takes any answer for done'
  | 'the writer never tries again'
  | 'nobody looks at the tag'

export interface World {
  readonly kind: QueueKind
  /** blocks of each message that the writer has to say */
  readonly messages: readonly number[]
  /** blocks with nothing in them that are in the queue already */
  readonly filled: number
  readonly faults: readonly Fault[]
  /** of all of them together */
  readonly most: number
  readonly mistake?: Mistake
}

type Role = 'writer' | 'reader' | 'thief' | 'old'

interface Up {
  readonly number: number
  readonly command: Exclude<Command, { type: 'create' }>
}

type Down =
  | { readonly type: 'reply'; readonly number: number; readonly answer: Answer }
  | { readonly type: 'delivery'; readonly delivered: Delivered }
  | { readonly type: 'evicted' | 'room' }

/** Frames on their way, the next one first. */
interface Stream {
  readonly id: string
  readonly session: Session
  readonly next: number
  readonly up: readonly Up[]
  readonly down: readonly Down[]
  /** something of it was lost; whoever waits for it ends it */
  readonly harmed: boolean
}

interface Writer {
  /** of the messages so many are started */
  readonly said: number
  readonly sender: Sender
  readonly disk: Sender
  /** by number of the command */
  readonly asked: ReadonlyMap<number, Piece>
}

interface Kept {
  readonly inbox: Inbox
  readonly view: View
  /** what the person was shown, with it */
  readonly shown: readonly string[]
}

interface Reader extends Kept {
  readonly disk: Kept
  /** settled by what is not stored yet */
  readonly settled: readonly Handle[]
  /** settled and stored, to be acknowledged */
  readonly owed: readonly Handle[]
  /** it knows that somebody else was here */
  readonly warned: boolean
  readonly gap: boolean
}

interface Node {
  readonly box: Box
  /** as a crash would leave it */
  readonly durable: Queue
}

interface State {
  readonly writer: Writer
  readonly node: Node
  readonly reader: Reader
  readonly streams: ReadonlyMap<Role, Stream>
  /** messages that somebody else acknowledged */
  readonly stolen: readonly string[]
  readonly thief: boolean
  readonly faults: number
  /** streams opened so far, for their names; nothing hangs on it */
  readonly opened: number
}

const T0 = 1_800_000_000_000
const random = seededRandom(6)
const keys = queueKeys(suite, random(32))
const SHARED: Shared = { id: new Uint8Array(0), dh: new Uint8Array(0), keys: new Uint8Array(0) }
/** What the thief's tag is; ours count from 1. */
const STRANGE = new Uint8Array(16).fill(255)
const REPLAYED = 1_000_000

const nameOfTag = (tag: Uint8Array): string => toHex(tag)
const without = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => new Map([...map].filter(([each]) => each !== key))

export function mailboxModel(world: World): Model<State> {
  const { messages, mistake } = world
  const texts = messages.map((parts, i) => new Uint8Array((parts - 1) * PART + 1).fill(i + 1))
  const names = new Map<string, string>()
  const commands = new Map<string, Extract<Command, { type: 'send' }>>()
  /** bodies, and which message a block is of, by the id of the block */
  const bodies = new Map<string, Uint8Array>()
  const messageOf = new Map<string, string>()
  const empty = newQueue(suite, random, { kind: world.kind, recipientKey: new Uint8Array(32), senderKey: new Uint8Array(32), now: T0 })
  const recipient = empty.recipient
  const can = (fault: Fault): boolean => world.faults.includes(fault)

  const queue = Array.from({ length: world.filled }, (_, i) => i + 1).reduce((filled, number) => {
    const block = suite.sha256(u64(number)).slice(0, 16)
    bodies.set(toHex(block), sealBlock(suite, random, keys, { what: 'nothing', number }))
    return step({ queue: filled }, { session: '', shared: SHARED }, { type: 'send', id: empty.sender, block, body: new Uint8Array(0) }, T0).box!.queue
  }, empty)

  function commandFor(piece: Piece): Extract<Command, { type: 'send' }> {
    const name = `${names.get(piece.message)}.${piece.index}`
    const known = commands.get(name)
    if (known) return known
    const text = texts[Number(names.get(piece.message)) - 1]!
    const command = sendCommand(suite, random, { keys, sender: empty.sender }, text, piece)
    commands.set(name, command)
    bodies.set(toHex(command.block), command.body)
    messageOf.set(toHex(command.block), names.get(piece.message)!)
    names.set(toHex(command.block), name)
    return command
  }

  // ---------------------------------------------------------------- streams

  const withStream = (state: State, role: Role, stream: Stream | undefined): State => ({
    ...state,
    streams: stream ? new Map(state.streams).set(role, stream) : without(state.streams, role),
  })

  function open(state: State, role: Role): State {
    const id = `${role} ${state.opened + 1}`
    const stream: Stream = { id, session: openSession(() => new Uint8Array(32), id), next: 1, up: [], down: [], harmed: false }
    return { ...withStream(state, role, stream), opened: state.opened + 1 }
  }

  function say(state: State, role: Role, said: readonly Up['command'][]): State {
    const stream = state.streams.get(role)!
    const up = said.map((command, i) => ({ number: stream.next + i, command }))
    return withStream(state, role, { ...stream, next: stream.next + said.length, up: [...stream.up, ...up] })
  }

  /** The node's end of it is gone. */
  const hungUp = (state: State, id: string): State => ({ ...state, node: { ...state.node, box: leave(state.node.box, id) } })

  /** The client's end of it is gone; `noticed` by the node, too. */
  function end(state: State, role: Role, noticed = true): State {
    const stream = state.streams.get(role)
    if (!stream) return state
    const closed = withStream(state, role, undefined)
    const parting: State =
      role === 'writer' ? { ...closed, writer: { ...state.writer, sender: interrupted(state.writer.sender), asked: new Map() } }
      : role === 'reader' ? { ...closed, reader: { ...state.reader, view: parted(state.reader.view) } }
      : closed
    if (noticed) return hungUp(parting, stream.id)
    return withStream(end(parting, 'old'), 'old', { ...stream, down: [] })
  }

  // ---------------------------------------------------------------- the node

  function downOf(push: Push): Down {
    if (push.type !== 'delivery') return { type: push.type }
    return { type: 'delivery', delivered: deliveredOf(push.item) }
  }

  const deliveredOf = (item: Item): Delivered => (item.kind === 'block' ? { kind: 'block', seq: item.seq, at: item.at, body: bodies.get(toHex(item.block))! } : item)

  function send(state: State, id: string, frame: Down): State {
    const role = [...state.streams].find(([, stream]) => stream.id === id)?.[0]
    if (!role || role === 'old' || role === 'thief') return state // nobody reads it
    const stream = state.streams.get(role)!
    return withStream(state, role, { ...stream, down: [...stream.down, frame] })
  }

  /** The next frame of a stream, answered. A number that did not rise resets the stream. */
  function nodeHears(state: State, role: Role): State {
    const stream = state.streams.get(role)!
    const [{ number, command }, ...up] = stream.up as [Up, ...Up[]]
    let session: Session
    try {
      session = hear(stream.session, encodeCommand(number, command)).session
    } catch (error) {
      if (error instanceof MailboxError) return end(state, role)
      throw error
    }
    const { box, answer, pushes } = step(state.node.box, { session: stream.id, shared: SHARED }, command, T0)
    const durable = mistake === 'the node answers before it has stored' ? state.node.durable : box!.queue
    let next: State = { ...withStream(state, role, { ...stream, session, up }), node: { box: box!, durable } }
    if (command.type === 'acknowledge' && role === 'thief') next = { ...next, stolen: [...next.stolen, ...lostTo(state, box!.queue)] }
    // Nobody waits for the answer to an acknowledgement.
    if (command.type !== 'acknowledge') next = send(next, stream.id, { type: 'reply', number, answer })
    return pushes.reduce((all, push) => send(all, push.to, downOf(push)), next)
  }

  const lostTo = ({ node, reader, stolen }: State, after: Queue): string[] => {
    const gone = node.box.queue.items.filter((item) => item.kind === 'block' && !after.items.includes(item))
    const lost = gone.flatMap((item) => (item.kind === 'block' ? (messageOf.get(toHex(item.block)) ?? []) : []))
    return [...new Set(lost)].filter((name) => !reader.disk.shown.includes(name) && !stolen.includes(name))
  }

  // ---------------------------------------------------------------- the writer

  function begin(state: State): State {
    const { writer } = state
    const sender = start(suite, writer.sender, texts[writer.said]!)
    names.set(toHex(sender.started.at(-1)!.hash), `${writer.said + 1}`)
    return { ...state, writer: { ...writer, said: writer.said + 1, sender, disk: sender } }
  }

  function flush(state: State, pieces: readonly Piece[]): State {
    const stream = state.streams.get('writer')!
    const asked = new Map(state.writer.asked)
    for (const [i, piece] of pieces.entries()) asked.set(stream.next + i, piece)
    return say({ ...state, writer: { ...state.writer, sender: left(state.writer.sender, pieces), asked } }, 'writer', pieces.map(commandFor))
  }

  function writerHears(state: State): State {
    const stream = state.streams.get('writer')!
    const [frame, ...down] = stream.down as [Down, ...Down[]]
    const next = withStream(state, 'writer', { ...stream, down })
    const { writer } = state
    if (frame.type === 'room') return { ...next, writer: { ...writer, sender: roomAgain(writer.sender) } }
    const piece = frame.type === 'reply' ? writer.asked.get(frame.number) : undefined
    if (frame.type !== 'reply' || !piece) return next
    const said = frame.answer.type === 'refused' && mistake !== 'the writer takes any answer for done' ? frame.answer.code : 'done'
    const { sender } = heard(writer.sender, piece, said, T0, () => new Uint8Array(1))
    return { ...next, writer: { ...writer, sender, disk: sender, asked: without(writer.asked, frame.number) } }
  }

  // ---------------------------------------------------------------- the reader

  function listen(state: State): State {
    const before = open(state, 'reader')
    const used = new Set([...state.reader.view.tags, ...state.reader.disk.view.tags, state.node.box.queue.tag, state.node.durable.tag].map(nameOfTag))
    let n = 1
    while (used.has(nameOfTag(new Uint8Array(16).fill(n)))) n++
    const asked = subscribe(state.reader.view, () => new Uint8Array(16).fill(n), recipient)
    const reader = { ...state.reader, view: asked.view, disk: { ...state.reader.disk, view: { ...state.reader.disk.view, tags: asked.view.tags } } }
    return say({ ...before, reader }, 'reader', [asked.command])
  }

  /** One frame, and with it what comes before it and says nothing. */
  function readerHears(state: State): State {
    const stream = state.streams.get('reader')!
    const [frame, ...down] = stream.down as [Down, ...Down[]]
    const next = withStream(state, 'reader', { ...stream, down })
    const { reader } = state
    switch (frame.type) {
      case 'room':
        return next
      case 'reply': {
        if (frame.answer.type !== 'subscribed') return next
        const { view, stranger } = subscribed(suite, reader.view, frame.answer)
        return { ...next, reader: { ...reader, view, warned: reader.warned || (stranger && mistake !== 'nobody looks at the tag') } }
      }
      case 'evicted':
        return end({ ...next, reader: { ...reader, view: evicted(reader.view), warned: true } }, 'reader')
      case 'delivery': {
        const taken = { ...next, reader: take(reader, frame.delivered) }
        return down.length > 0 && saysNothing(frame) ? readerHears(taken) : taken
      }
    }
  }

  const saysNothing = (frame: Down): boolean => frame.type === 'delivery' && frame.delivered.kind === 'block' && frame.delivered.seq <= world.filled

  function take(reader: Reader, delivered: Delivered): Reader {
    const forgetful = mistake === 'the reader does not remember what it has'
    const inbox = forgetful ? { ...reader.inbox, seen: [] } : reader.inbox
    const taken = receive(suite, keys, inbox, reader.view, delivered, T0)
    const own: Handle = { queue: reader.view.queue, seq: delivered.seq }
    const settled =
      mistake === 'the reader acknowledges each part by itself' ? [own]
      : mistake === 'the reader leaves the marker of QUOTA' && delivered.kind === 'quota' ? []
      : taken.settled
    const early = mistake === 'the reader acknowledges before it has stored'
    return {
      ...reader,
      inbox: taken.inbox,
      view: taken.view,
      shown: taken.message ? [...reader.shown, `${taken.message[0]}`] : reader.shown,
      settled: early ? reader.settled : [...reader.settled, ...settled],
      owed: early ? [...reader.owed, ...settled] : reader.owed,
      gap: reader.gap || taken.notes.some(({ type }) => type === 'gap'),
    }
  }

  const store = (reader: Reader): Reader => ({
    ...reader,
    disk: { inbox: reader.inbox, view: reader.view, shown: reader.shown },
    settled: [],
    owed: [...reader.owed, ...reader.settled],
  })

  const acknowledge = (state: State): State => say({ ...state, reader: { ...state.reader, owed: [] } }, 'reader', acknowledgements(recipient, state.reader.owed))

  // ---------------------------------------------------------------- what can happen

  const isStored = ({ disk, inbox, view, shown, settled }: Reader): boolean =>
    settled.length === 0 && disk.shown === shown && disk.inbox.seen === inbox.seen && disk.view.numbers === view.numbers

  function moves(state: State): Move<State>[] {
    const { writer, reader, streams } = state
    const found: Move<State>[] = []
    const may = (name: string, to: State): void => void found.push({ name, to })
    const mine = streams.get('writer')
    if (writer.said < messages.length) may(`the writer starts message ${writer.said + 1}`, begin(state))
    if (!mine && writer.sender.started.length > 0) may('the writer calls', open(state, 'writer'))
    if (mine) {
      const patient = mistake === 'the writer never tries again'
      const pieces = due(writer.sender, patient ? T0 : Math.max(T0, writer.sender.again))
      if (pieces.length > 0) may(`the writer hands in ${pieces.map((piece) => names.get(toHex(commandFor(piece).block))).join(', ')}`, flush(state, pieces))
      if (mine.down.length > 0) may(`the writer hears ${textOf(mine.down[0]!)}`, writerHears(state))
      if (mine.harmed && writer.sender.flying.length > 0) may('the writer has waited too long', end(state, 'writer'))
    }
    const listening = streams.get('reader')
    if (!listening) may('the reader subscribes', listen(state))
    if (listening && listening.down.length > 0) may(`the reader takes ${textOf(listening.down[0]!)}`, readerHears(state))
    if (!isStored(reader)) may('the reader stores', { ...state, reader: store(reader) })
    if (listening && reader.owed.length > 0) may('the reader acknowledges', acknowledge(state))
    if (listening?.harmed) may('the reader has waited too long', end(state, 'reader'))
    for (const [role, { up }] of streams) if (up.length > 0) may(`the node answers ${role === 'old' ? 'what an old stream brings: ' : ''}${up[0]!.command.type} (${role})`, nodeHears(state, role))
    if (streams.has('old')) may('the node sees that a stream is no more', end(state, 'old'))
    if (state.node.durable !== state.node.box.queue) may('the node stores', { ...state, node: { ...state.node, durable: state.node.box.queue } })
    return state.faults >= world.most ? found : [...found, ...faults(state).map(({ name, to }) => ({ name: `! ${name}`, to: { ...to, faults: to.faults + 1 }, fault: true }))]
  }

  function faults(state: State): Move<State>[] {
    const { streams, reader, writer, node } = state
    const found: Move<State>[] = []
    const may = (fault: Fault, to: () => State, more = ''): void => void (can(fault) && found.push({ name: `${fault}${more}`, to: to() }))
    may('the writer ends', () => {
      const sender = decodeSender(encodeSender(writer.disk))
      const ended = end(state, 'writer')
      return { ...ended, writer: { ...ended.writer, sender, disk: sender } }
    })
    may('the reader ends', () => {
      const disk = { inbox: decodeInbox(encodeInbox(reader.disk.inbox)), view: decodeView(encodeView(reader.disk.view)), shown: reader.disk.shown }
      return { ...end(state, 'reader'), reader: { ...reader, ...disk, disk, settled: [], owed: [] } }
    })
    may('the node ends', () => {
      const all = [...streams.keys()].reduce((each, role) => end(each, role), state)
      return { ...all, node: { box: { queue: node.durable }, durable: node.durable } }
    })
    for (const role of ['writer', 'reader'] as const) {
      const stream = streams.get(role)
      if (!stream) continue
      may('a stream breaks', () => end(state, role), ` (${role})`)
      may('a stream breaks on one side', () => end(state, role, false), ` (${role})`)
      for (const way of ['up', 'down'] as const) {
        const frames: readonly (Up | Down)[] = stream[way]
        const harmed = (left: readonly (Up | Down)[]): State => withStream(state, role, { ...stream, [way]: left, harmed: true })
        const whose = ` (${role}, ${way})`
        if (frames.length > 0) may('a frame is lost', () => harmed(frames.slice(1)), whose)
        if (frames.length > 0) may('a frame is doubled', () => harmed([frames[0]!, ...frames]), whose)
        if (frames.length > 1) may('frames are swapped', () => harmed([frames[1]!, frames[0]!, ...frames.slice(2)]), whose)
      }
    }
    const listening = streams.get('reader')
    if (listening) {
      for (const [i, block] of node.box.queue.recent.entries()) {
        if (!messageOf.has(toHex(block))) continue
        const delivered: Delivered = { kind: 'block', seq: REPLAYED + i, at: T0, body: bodies.get(toHex(block))! }
        may('a deleted block is replayed', () => withStream(state, 'reader', { ...listening, down: [...listening.down, { type: 'delivery', delivered }] }), ` (${names.get(toHex(block))})`)
      }
    }
    if (!state.thief) {
      may('somebody else subscribes', () => nodeHears(say({ ...open(state, 'thief'), thief: true }, 'thief', [{ type: 'subscribe', id: recipient, tag: STRANGE }]), 'thief'))
    } else if (streams.has('thief') && blocksIn(node.box.queue) > 0) {
      const seqs = node.box.queue.items.map(({ seq }) => seq).slice(0, 16)
      may('somebody else subscribes', () => nodeHears(say(state, 'thief', [{ type: 'acknowledge', id: recipient, seqs }]), 'thief'), ', and acknowledges')
    }
    return found
  }

  function textOf(frame: Down): string {
    if (frame.type === 'reply') return frame.answer.type === 'refused' ? frame.answer.code : frame.answer.type
    if (frame.type !== 'delivery') return frame.type
    const { delivered } = frame
    return delivered.kind === 'block' ? (nameOfBody(delivered.body) ?? 'nothing') : `the marker of ${delivered.kind}`
  }

  const nameOfBody = (body: Uint8Array): string | undefined => {
    for (const [block, each] of bodies) if (each === body) return names.get(block)
    return undefined
  }

  // ---------------------------------------------------------------- what must hold

  const isIn = (queue: Queue, block: string): boolean => queue.items.some((item) => item.kind === 'block' && toHex(item.block) === block)
  const blockOf = (message: string, index: number): string => toHex(commands.get(`${message}.${index}`)!.block)

  function broken(state: State): string | undefined {
    const { reader, writer, node, streams, stolen } = state
    const { shown } = reader
    if (new Set(shown).size < shown.length) return 'a message was shown twice'
    for (const { up } of streams.values()) {
      for (const { command } of up) {
        if (command.type !== 'acknowledge') continue
        for (const seq of command.seqs) {
          const item = node.box.queue.items.find((each) => each.seq === seq)
          const message = item?.kind === 'block' ? messageOf.get(toHex(item.block)) : undefined
          if (message !== undefined && !reader.disk.shown.includes(message)) return `message ${message} is acknowledged, and not stored`
        }
      }
    }
    const { disk } = writer
    for (const [i, parts] of messages.slice(0, writer.said).entries()) {
      const message = `${i + 1}`
      const started = disk.started.find(({ hash }) => names.get(toHex(hash)) === message)
      for (let part = 0; part < parts; part++) {
        if (started && (started.stored & (1 << part)) === 0) continue
        if (reader.disk.shown.includes(message) || stolen.includes(message) || isIn(node.durable, blockOf(message, part))) continue
        return `block ${message}.${part} is with the mailbox, they said, and it is nowhere`
      }
    }
    const inOrder = !can('frames are swapped') && !can('a deleted block is replayed') && world.filled === 0 && stolen.length === 0
    if (inOrder && shown.some((message, at) => at > 0 && Number(message) < Number(shown[at - 1]))) return 'messages were shown out of order'
    if (inOrder && reader.gap && !can('a frame is lost')) return 'a gap was told of, and there is none'
    return undefined
  }

  const rests = ({ writer, reader, node, streams, stolen, thief }: State): boolean =>
    writer.said === messages.length &&
    writer.sender.started.length === 0 &&
    messages.every((_, i) => reader.disk.shown.includes(`${i + 1}`) || stolen.includes(`${i + 1}`)) &&
    node.box.queue.items.length === 0 &&
    !node.box.queue.full &&
    node.durable === node.box.queue &&
    [...streams.values()].every(({ up, down }) => up.length + down.length === 0) &&
    (!thief || reader.warned)

  // ---------------------------------------------------------------- one name for what is the same

  function key(state: State): string {
    const { writer, reader, node, streams } = state
    const seqs = new Map<number, number>()
    const seq = (n: number): number => seqs.get(n) ?? (seqs.set(n, seqs.size), seqs.size - 1)
    const tags = new Map<string, number>()
    const tag = (bytes: Uint8Array): string => {
      const name = nameOfTag(bytes)
      if (!tags.has(name)) tags.set(name, tags.size)
      const own = (view: View): number => (view.tags.some((each) => nameOfTag(each) === name) ? 1 : 0)
      return `${tags.get(name)}${own(reader.view)}${own(reader.disk.view)}${bytes.some((byte) => byte !== 0) ? 1 : 0}`
    }
    const roles = new Map([...streams].map(([role, { id }]) => [id, role]))
    const queueOf = ({ items, recent, full, tag: last }: Queue, pushed?: ReadonlySet<number>): unknown => [
      items.map((item) => [item.kind === 'block' ? (names.get(toHex(item.block)) ?? '-') : item.kind, seq(item.seq), pushed?.has(item.seq) ? 1 : 0]),
      recent.map((block) => names.get(toHex(block)) ?? '-').sort(),
      full ? 1 : 0,
      tag(last),
    ]
    const handles = (all: readonly Handle[]): number[] => all.map((handle) => seq(handle.seq)).sort((a, b) => a - b)
    const kept = ({ inbox, view, shown }: Kept): unknown => [
      inbox.seen.length,
      inbox.seen.map((each) => names.get(each)),
      inbox.partials.map(({ hash, parts }) => [names.get(hash), [...parts].map(([index, held]) => [index, handles(held.handles)])]),
      view.numbers,
      shown,
    ]
    const sender = ({ started, state: phase }: Sender): unknown => [started.map(({ hash, stored }) => [names.get(toHex(hash)), stored]), phase]
    const { watch, waiting, queue: current } = node.box
    return JSON.stringify([
      queueOf(current, watch?.pushed),
      current === node.durable ? 0 : queueOf(node.durable),
      watch && [roles.get(watch.session), tag(watch.tag)],
      waiting !== undefined && roles.get(waiting),
      writer.said,
      sender(writer.sender),
      writer.disk === writer.sender ? 0 : sender(writer.disk),
      [...writer.sender.flying].sort((a, b) => a - b),
      [...streams].sort(([a], [b]) => (a < b ? -1 : 1)).map(([role, { up, down, session, harmed }]) => [
        role,
        up.map(({ number, command }) => [number - session.last, command.type, ...saidIn(command)]),
        down.map((frame) => [textOf(frame), ...heardIn(frame)]),
        harmed ? 1 : 0,
      ]),
      kept(reader),
      kept(reader.disk),
      reader.view.phase,
      handles(reader.settled),
      handles(reader.owed),
      reader.warned ? 1 : 0,
      state.stolen,
      state.thief ? 1 : 0,
      state.faults,
    ])

    function saidIn(command: Up['command']): unknown[] {
      switch (command.type) {
        case 'send':
          return [names.get(toHex(command.block))]
        case 'acknowledge':
          return command.seqs.map(seq)
        case 'subscribe':
          return [tag(command.tag)]
        default:
          return []
      }
    }

    function heardIn(frame: Down): unknown[] {
      if (frame.type === 'delivery') return [seq(frame.delivered.seq)]
      if (frame.type !== 'reply') return []
      if (frame.answer.type === 'subscribed') return [tag(frame.answer.previous)]
      const piece = writer.asked.get(frame.number)
      return [piece ? `${names.get(piece.message)}.${piece.index}` : '-']
    }
  }

  const view = newView(recipient, world.kind)
  const sender = newSender(world.filled + 1)
  const kept: Kept = { inbox: EMPTY_INBOX, view, shown: [] }
  return {
    initial: {
      writer: { said: 0, sender, disk: sender, asked: new Map() },
      node: { box: { queue }, durable: queue },
      reader: { ...kept, disk: kept, settled: [], owed: [], warned: false, gap: false },
      streams: new Map(),
      stolen: [],
      thief: false,
      faults: 0,
      opened: 0,
    },
    moves,
    key,
    broken,
    rests,
  }
}
