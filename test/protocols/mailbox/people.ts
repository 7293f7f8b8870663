/** A node with its store, and clients who talk to it by frames. Nothing here is asynchronous: a line is a function call. */
import {
  answer,
  type Box,
  type Command,
  type Credentials,
  credentials,
  decodeNodeFrame,
  type Decoy,
  enter,
  hear,
  helloFrame,
  leave,
  makeDecoy,
  type NodeFrame,
  noticeFrame,
  openCreated,
  openSession,
  type Push,
  pushFrame,
  type QueueKind,
  queueKeys,
  type Reply,
  say,
  sayCreate,
  type Session,
  type Stream,
  whose,
} from '../../../protocols/mailbox/index.ts'
import { type KeyPair, type Random, type Suite, toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'

export const DAY = 24 * 3600 * 1000
export const T0 = 1_800_000_000_000

export class TestNode {
  readonly suite: Suite = openssl
  readonly random: Random
  readonly decoy: Decoy
  readonly boxes = new Map<string, Box>()
  readonly bodies = new Map<string, Uint8Array>()
  readonly sessions = new Map<string, Session>()
  /** what was pushed to a session and not read yet */
  readonly lines = new Map<string, Uint8Array[]>()
  now = T0
  #names = 0

  constructor(random: Random) {
    this.random = random
    this.decoy = makeDecoy(this.suite, random)
  }

  connect(): { session: string; hello: Uint8Array } {
    const session = openSession(this.random, `stream ${this.#names++}`)
    this.sessions.set(session.id, session)
    this.lines.set(session.id, [])
    return { session: session.id, hello: helloFrame(session, this.now) }
  }

  disconnect(id: string): void {
    this.sessions.delete(id)
    this.lines.delete(id)
    for (const [name, box] of this.boxes) this.boxes.set(name, leave(box, id))
  }

  find(by: 'recipient' | 'sender' | 'recipientKey', value: Uint8Array): Box | undefined {
    return [...this.boxes.values()].find(({ queue }) => toHex(queue[by]) === toHex(value))
  }

  /** @throws MailboxError: the stream would be reset */
  hear(id: string, frame: Uint8Array): Uint8Array {
    const heard = hear(this.sessions.get(id) as Session, frame)
    this.sessions.set(id, heard.session)
    const wanted = whose(heard.asked)
    const found = this.find(wanted.by, wanted.value)
    const answered = answer(this.suite, this.random, this.decoy, found, heard, this.now)
    const box = answered.box ?? found
    const name = box && toHex(box.queue.recipient)
    if (box && name !== undefined) {
      if (answered.kept) this.bodies.set(`${name}/${answered.kept.seq}`, answered.kept.body)
      for (const seq of answered.dropped) this.bodies.delete(`${name}/${seq}`)
      if (answered.box) this.boxes.set(name, answered.box)
      else this.boxes.delete(name)
      for (const push of answered.pushes) this.push(box, push)
    }
    if (answered.reply) return answered.reply
    const notice = answered.notice as NonNullable<typeof answered.notice>
    return noticeFrame(this.suite, this.random, notice, this.bodies.get(`${name}/${notice.seq}`) as Uint8Array)
  }

  push({ queue }: Box, push: Push): void {
    const body = push.type === 'delivery' && push.item.kind === 'block' ? this.bodies.get(`${toHex(queue.recipient)}/${push.item.seq}`) : undefined
    this.lines.get(push.to)?.push(pushFrame(this.suite, this.random, queue, push, body))
  }
}

/** One stream to a node. */
export class Line {
  readonly node: TestNode
  readonly session: string
  stream: Stream

  constructor(node: TestNode) {
    const { session, hello } = node.connect()
    const frame = decodeNodeFrame(hello) as Extract<NodeFrame, { type: 'hello' }>
    this.node = node
    this.session = session
    this.stream = enter(frame)
  }

  /** The bytes that come back. */
  raw(command: Exclude<Command, { type: 'create' }>, as: Credentials): Uint8Array {
    const said = say(this.node.suite, this.stream, command, as)
    this.stream = said.stream
    return this.node.hear(this.session, said.frame)
  }

  ask(command: Exclude<Command, { type: 'create' }>, as: Credentials): Reply {
    const frame = decodeNodeFrame(this.raw(command, as))
    if (frame.type !== 'reply') throw new Error(`not a reply: ${frame.type}`)
    return frame.reply
  }

  create(kind: QueueKind, recipient: KeyPair<'x25519'>, senderKey: Uint8Array): { recipient: Uint8Array; sender: Uint8Array; nodeKey: Uint8Array } | 'refused' {
    const said = sayCreate(this.stream, { type: 'create', kind, recipientKey: recipient.publicKey, senderKey, pass: new Uint8Array(32) })
    this.stream = said.stream
    const frame = decodeNodeFrame(this.node.hear(this.session, said.frame))
    if (frame.type !== 'reply' || frame.reply.type !== 'created') return 'refused'
    return openCreated(this.node.suite, recipient, said.number, frame.reply)
  }

  /** What the node pushed since. */
  pushed(): NodeFrame[] {
    return (this.node.lines.get(this.session) ?? []).splice(0).map(decodeNodeFrame)
  }

  close(): void {
    this.node.disconnect(this.session)
  }
}

/** A queue with both its ends. */
export function makeQueue(node: TestNode, kind: QueueKind = 'conversation', secret: Uint8Array = node.random(32)) {
  const keys = queueKeys(node.suite, secret)
  const own = node.suite.generate('x25519', node.random)
  const line = new Line(node)
  const made = line.create(kind, own, keys.sender.publicKey)
  if (made === 'refused') throw new Error('refused')
  line.close()
  return {
    secret,
    keys,
    own,
    ids: made,
    recipient: credentials(node.suite, own, made.recipient, made.nodeKey),
    sender: credentials(node.suite, keys.sender, made.sender, made.nodeKey),
  }
}
export type MadeQueue = ReturnType<typeof makeQueue>
