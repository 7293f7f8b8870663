/** A client of mailboxes that speaks as protocols/mailbox does, wherever its frames travel. */
import assert from 'node:assert/strict'
import {
  type Command,
  type Credentials,
  credentials,
  decodeNodeFrame,
  type Delivered,
  enter,
  type NodeFrame,
  openCreated,
  openDelivery,
  type Reply,
  say,
  sayCreate,
  type Stream,
} from '../../protocols/mailbox/index.ts'
import type { KeyPair } from '../../protocols/suite/index.ts'
import { openssl as suite, secureRandom as random } from '../../src/crypto/index.ts'
import type { LateFrame, MailboxSessions } from '../../src/net/index.ts'

/** Both ends of one queue, as who made it knows it. */
export interface Ends {
  readonly recipient: { readonly id: Uint8Array; readonly as: Credentials }
  readonly sender: { readonly id: Uint8Array; readonly as: Credentials }
}

type Said = Exclude<NodeFrame, { type: 'reply' | 'hello' }>

/** Frames one way and the other, wherever they travel. */
export interface Line {
  send(frame: Uint8Array): void
  /** The next frame. */
  next(): Promise<Uint8Array>
}

/** A client of a mailbox: one stream, commands answered in turn, pushes kept. */
export class Client {
  readonly #line: Line
  #stream: Stream | undefined
  readonly #said: Said[] = []
  readonly #replies: Reply[] = []
  readonly frames: Uint8Array[] = []

  constructor(line: Line) {
    this.#line = line
  }

  async #frame(): Promise<NodeFrame> {
    const frame = await this.#line.next()
    this.frames.push(frame)
    return decodeNodeFrame(frame)
  }

  async #enter(): Promise<Stream> {
    if (this.#stream) return this.#stream
    const hello = await this.#frame()
    assert.equal(hello.type, 'hello')
    return (this.#stream = enter(hello as { nonce: Uint8Array }))
  }

  /** A frame to be sent by hand. */
  async ready(command: Exclude<Command, { type: 'create' }>, as: Credentials): Promise<Uint8Array> {
    const { stream, frame } = say(suite, await this.#enter(), command, as)
    this.#stream = stream
    return frame
  }

  send(frame: Uint8Array): void {
    this.#line.send(frame)
  }

  async ask(command: Exclude<Command, { type: 'create' }>, as: Credentials): Promise<Reply> {
    this.send(await this.ready(command, as))
    return this.reply()
  }

  async reply(): Promise<Reply> {
    await this.#enter()
    while (this.#replies.length === 0) await this.#sort()
    return this.#replies.shift() as Reply
  }

  async push(): Promise<Said> {
    while (this.#said.length === 0) await this.#sort()
    return this.#said.shift() as Said
  }

  async #sort(): Promise<void> {
    const frame = await this.#frame()
    if (frame.type === 'reply') this.#replies.push(frame.reply)
    else this.#said.push(frame as Said)
  }

  async delivery(as: Credentials): Promise<Delivered> {
    const said = await this.push()
    assert.equal(said.type, 'delivery')
    return openDelivery(suite, as, said as Extract<Said, { type: 'delivery' }>)
  }

  async create(kind: 'conversation' | 'request' = 'conversation', keys = { recipient: suite.generate('x25519', random), sender: suite.generate('x25519', random) }): Promise<Ends> {
    const made = await this.tryCreate(kind, keys)
    if ('type' in made) assert.fail(`refused: ${JSON.stringify(made)}`)
    return made
  }

  async tryCreate(kind: 'conversation' | 'request', { recipient, sender }: { recipient: KeyPair<'x25519'>; sender: KeyPair<'x25519'> }): Promise<Ends | Reply> {
    const { stream, number, frame } = sayCreate(await this.#enter(), {
      type: 'create', kind, recipientKey: recipient.publicKey, senderKey: sender.publicKey, pass: new Uint8Array(32),
    })
    this.#stream = stream
    this.send(frame)
    const reply = await this.reply()
    if (reply.type !== 'created') return reply
    const ids = openCreated(suite, recipient, number, reply)
    return {
      recipient: { id: ids.recipient, as: credentials(suite, recipient, ids.recipient, ids.nodeKey) },
      sender: { id: ids.sender, as: credentials(suite, sender, ids.sender, ids.nodeKey) },
    }
  }
}

/** A stream that never leaves the process. */
export function connect(sessions: MailboxSessions, host = '192.0.2.1'): Client & { end(): void; readonly stream: ReturnType<MailboxSessions['open']> } {
  const arrived: Uint8Array[] = []
  let wake: () => void = () => undefined
  let last: Promise<unknown> = Promise.resolve()
  const arrive = (make: LateFrame): void => {
    const made = Promise.resolve(make())
    last = last.then(async () => {
      const frame = await made
      if (!frame) return
      arrived.push(frame)
      wake()
    })
  }
  const session = sessions.open(host, { push: arrive, reply: arrive })
  const client = new Client({
    send: (frame) => void session.hear(frame),
    async next() {
      for (;;) {
        const frame = arrived.shift()
        if (frame) return frame
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  })
  return Object.assign(client, { end: () => session.end(), stream: session })
}

let blocks = 0
export const blockId = (n = ++blocks): Uint8Array => new Uint8Array(16).fill(n & 255).map((byte, i) => (i < 4 ? (n >>> (8 * i)) & 255 : byte))
export const body = (n: number): Uint8Array => new Uint8Array(16_480).fill(n & 255)
export const tag = (n: number): Uint8Array => new Uint8Array(16).fill(n)
