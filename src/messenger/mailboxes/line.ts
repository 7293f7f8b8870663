/** A stream to a node: commands go out, each gets its reply; what the node says unasked goes to `onPush`. */
import { type Command, type Credentials, decodeNodeFrame, enter, type PushFrame, type Reply, say, sayCreate, type Stream } from '../../../protocols/mailbox/index.ts'
import type { MailboxContext } from './context.ts'
import { type MailboxNode, MailboxNetError, type MailboxRole, type MailboxStream } from './ports.ts'

/** A node that says nothing for so long after a command is as good as gone. */
const REPLY_TIMEOUT_MS = 30_000

interface Pending {
  resolve(reply: Reply): void
  reject(error: MailboxNetError): void
}

export class Line {
  readonly #context: MailboxContext
  readonly #port: MailboxStream
  readonly #pending = new Map<number, Pending>()
  readonly #onPush: (push: PushFrame) => void
  readonly #ended = Promise.withResolvers<void>()
  #stream: Stream
  #over = false

  /** @throws MailboxNetError */
  static async open(context: MailboxContext, role: MailboxRole, node: MailboxNode, onPush: (push: PushFrame) => void, signal?: AbortSignal): Promise<Line> {
    const port = await context.mailboxes.connect(role, node, signal)
    const cancel = context.clock.after(REPLY_TIMEOUT_MS, () => port.close())
    const frames = port.frames[Symbol.asyncIterator]()
    try {
      const first = await frames.next()
      const hello = first.done ? undefined : decodeNodeFrame(first.value)
      if (hello?.type !== 'hello') throw new MailboxNetError('refused', 'the node did not say hello')
      return new Line(context, port, frames, enter(hello), onPush)
    } catch (error) {
      port.close()
      throw error instanceof MailboxNetError ? error : new MailboxNetError('refused', 'the node said something else than hello')
    } finally {
      cancel()
    }
  }

  private constructor(context: MailboxContext, port: MailboxStream, frames: AsyncIterator<Uint8Array>, stream: Stream, onPush: (push: PushFrame) => void) {
    this.#context = context
    this.#port = port
    this.#stream = stream
    this.#onPush = onPush
    void this.#read(frames)
  }

  /** Resolves when the stream has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  get over(): boolean {
    return this.#over
  }

  /** @throws MailboxNetError: not known to have been heard */
  ask(command: Exclude<Command, { type: 'create' }>, as: Credentials): Promise<Reply> {
    return this.command(command, as).reply
  }

  /** The number of a command is part of what its reply is sealed for. */
  command(command: Exclude<Command, { type: 'create' }>, as: Credentials): { number: number; reply: Promise<Reply> } {
    return this.#say(say(this.#context.suite, this.#stream, command, as))
  }

  create(command: Extract<Command, { type: 'create' }>): { number: number; reply: Promise<Reply> } {
    return this.#say(sayCreate(this.#stream, command))
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#port.close()
    for (const { reject } of this.#pending.values()) reject(new MailboxNetError('unreachable', 'the stream has ended'))
    this.#pending.clear()
    this.#ended.resolve()
  }

  #say({ stream, number, frame }: ReturnType<typeof sayCreate>): { number: number; reply: Promise<Reply> } {
    this.#stream = stream
    const reply = new Promise<Reply>((resolve, reject) => {
      if (this.#over) return reject(new MailboxNetError('unreachable', 'the stream has ended'))
      const cancel = this.#context.clock.after(REPLY_TIMEOUT_MS, () => this.close())
      this.#pending.set(number, {
        resolve(found) {
          cancel()
          resolve(found)
        },
        reject(error) {
          cancel()
          reject(error)
        },
      })
      this.#port.send(frame).catch(() => this.close())
    })
    return { number, reply }
  }

  async #read(frames: AsyncIterator<Uint8Array>): Promise<void> {
    try {
      for (let next = await frames.next(); next.done !== true && !this.#over; next = await frames.next()) this.#heard(next.value)
    } catch (error) {
      this.#context.log.info('a mailbox broke the protocol', { error: error instanceof Error ? error.name : 'unknown' })
    } finally {
      this.close()
    }
  }

  #heard(bytes: Uint8Array): void {
    const frame = decodeNodeFrame(bytes)
    if (frame.type === 'reply') {
      const waiting = this.#pending.get(frame.number)
      this.#pending.delete(frame.number)
      waiting?.resolve(frame.reply)
    } else if (frame.type !== 'hello') this.#onPush(frame)
  }
}
