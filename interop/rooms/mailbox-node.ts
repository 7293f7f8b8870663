/** A node with queues and streams, held by a handle: who is subscribed and who waits for room is in no bytes of the room. */
import {
  answer,
  type Box,
  dueOf,
  type Decoy,
  hear,
  helloFrame,
  leave,
  makeDecoy,
  noticeFrame,
  openSession,
  type Push,
  pushFrame,
  refusal,
  type Session,
  sweep,
  whose,
} from '../../protocols/mailbox/index.ts'
import { noble, type Random, toHex } from '../../protocols/suite/index.ts'
import { type Answer, command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { DoorError } from '../errors.ts'
import { bytes, text, whole } from '../fields.ts'
import { Handles } from '../handles.ts'

/** Queues of a node: beyond them it is busy. Each holds 128 blocks at the most. */
const MAX_QUEUES = 16
const MAX_STREAMS = 16

interface Node {
  readonly decoy: Decoy
  readonly streams: Map<string, Session>
  /** by recipient id, in hex */
  readonly boxes: Map<string, Box>
  /** by recipient id and seq */
  readonly bodies: Map<string, Uint8Array>
  names: number
}

const find = ({ boxes }: Node, { by, value }: ReturnType<typeof whose>): Box | undefined => [...boxes.values()].find(({ queue }) => toHex(queue[by]) === toHex(value))

const frames = (node: Node, random: Random, { queue }: Box, pushes: readonly Push[]): Answer[] =>
  pushes.map((push) => {
    const body = push.type === 'delivery' && push.item.kind === 'block' ? node.bodies.get(`${toHex(queue.recipient)}/${push.item.seq}`) : undefined
    return { stream: push.to, frame: pushFrame(noble, random, queue, push, body) }
  })

function store(node: Node, name: string, box: Box | undefined, kept: { readonly seq: number; readonly body: Uint8Array } | undefined, dropped: readonly number[]): void {
  if (kept) node.bodies.set(`${name}/${kept.seq}`, kept.body)
  for (const seq of dropped) node.bodies.delete(`${name}/${seq}`)
  if (box) node.boxes.set(name, box)
  else node.boxes.delete(name)
}

function close(node: Node, stream: string): void {
  node.streams.delete(stream)
  for (const [name, box] of node.boxes) node.boxes.set(name, leave(box, stream))
}

/** What a frame brings about: a reply and pushes, or a stream that is reset. */
function heard(node: Node, name: string, frame: Uint8Array, random: Random, now: number): Answer {
  const before = streamOf(node, name)
  const { session, asked } = resetting(node, name, () => hear(before, frame))
  node.streams.set(name, session)
  const found = find(node, whose(asked))
  if (!found && asked.command.type === 'create' && node.boxes.size >= MAX_QUEUES) return { frame: refusal(asked, 'busy'), pushes: [] }
  const answered = answer(noble, random, node.decoy, found, { session, asked }, now)
  const box = answered.box ?? found
  if (box) store(node, toHex(box.queue.recipient), answered.box, answered.kept, answered.dropped)
  const notice = answered.notice
  const reply = notice && box ? noticeFrame(noble, random, notice, node.bodies.get(`${toHex(box.queue.recipient)}/${notice.seq}`) as Uint8Array) : answered.reply
  return { frame: reply, pushes: box ? frames(node, random, box, answered.pushes) : [] }
}

function streamOf(node: Node, name: string): Session {
  const stream = node.streams.get(name)
  if (!stream) throw new DoorError('unknown-handle', 'stream')
  return stream
}

/** Whatever is refused ends the stream. */
function resetting<T>(node: Node, stream: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    close(node, stream)
    throw error
  }
}

/** Time has passed: items at their age go, and who listens is pushed what is due. */
function swept(node: Node, random: Random, now: number): Answer[] {
  return [...node.boxes].flatMap(([name, before]) => {
    const { box, pushes, dropped } = sweep(before, now)
    const next = dueOf(box)
    store(node, name, next.box, undefined, dropped)
    return frames(node, random, next.box, [...pushes, ...next.pushes])
  })
}

export function mailboxNode(): Commands {
  const nodes = new Handles<Node>('node')
  return {
    node: command({ seed: bytes() }, ({ seed }) => ({ node: nodes.hold({ decoy: makeDecoy(noble, drawing(seed)), streams: new Map(), boxes: new Map(), bodies: new Map(), names: 0 }) })),
    connect: command({ node: text, seed: bytes(), now: whole() }, ({ seed, now, ...asked }) => {
      const node = nodes.get(asked.node)
      if (node.streams.size >= MAX_STREAMS) throw new DoorError('too-many', `${MAX_STREAMS} at once: stream`)
      const stream = openSession(drawing(seed), `stream ${++node.names}`)
      node.streams.set(stream.id, stream)
      return { stream: stream.id, frame: helloFrame(stream, now) }
    }),
    hear: command({ node: text, stream: text, frame: bytes(), seed: bytes(), now: whole() }, ({ stream, frame, seed, now, ...asked }) =>
      heard(nodes.get(asked.node), stream, frame, drawing(seed), now),
    ),
    disconnect: command({ node: text, stream: text }, ({ stream, ...asked }) => {
      close(nodes.get(asked.node), stream)
      return {}
    }),
    sweep: command({ node: text, seed: bytes(), now: whole() }, ({ seed, now, ...asked }) => ({ pushes: swept(nodes.get(asked.node), drawing(seed), now) })),
    forgetNode: command({ node: text }, ({ node }) => ({ forgotten: nodes.forget(node) })),
  }
}
