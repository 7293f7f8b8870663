/** Streams for handing in, one a node, kept while they are of use. */
import type { PushFrame } from '../../../protocols/mailbox/index.ts'
import { LONGEST_PAUSE_MS, pauseAfter } from './backoff.ts'
import type { MailboxContext } from './context.ts'
import { Line } from './line.ts'
import { type MailboxNode, MailboxNetError } from './ports.ts'

/** A stream with nothing to do is closed: who hands in rarely should not be seen to be there all day. */
const IDLE_MS = 60_000

interface Kept {
  line: Promise<Line> | undefined
  /** in this run */
  answered: boolean
  failures: number
  /** not called again before */
  restsUntil: number
  cancelIdle: (() => void) | undefined
}

export class Lines {
  readonly #context: MailboxContext
  readonly #onPush: (push: PushFrame) => void
  readonly #kept = new Map<string, Kept>()

  constructor(context: MailboxContext, onPush: (push: PushFrame) => void) {
    this.#context = context
    this.#onPush = onPush
  }

  stop(): void {
    for (const peer of this.#kept.keys()) this.#close(peer)
    this.#kept.clear()
  }

  /** @throws MailboxNetError; the node then rests */
  async open(node: MailboxNode): Promise<Line> {
    const kept = this.#kept.get(node.peer) ?? { line: undefined, answered: false, failures: 0, restsUntil: 0, cancelIdle: undefined }
    this.#kept.set(node.peer, kept)
    if (this.restsUntil(node.peer) > this.#context.clock.now()) throw new MailboxNetError('unreachable', 'it did not answer just now')
    this.#idle(node.peer, kept)
    kept.line ??= Line.open(this.#context, 'hand-in', node, this.#onPush)
    const opening = kept.line
    try {
      const line = await opening
      if (!line.over) {
        kept.answered = true
        return line
      }
      throw new MailboxNetError('unreachable', 'the stream has ended')
    } catch (error) {
      if (kept.line === opening) this.failed(node.peer)
      throw error
    }
  }

  answered(peer: string): boolean {
    return this.#kept.get(peer)?.answered === true
  }

  /** When it may be called again. */
  restsUntil(peer: string): number {
    const until = this.#kept.get(peer)?.restsUntil ?? 0
    // Longer than anybody rests: the clock was set back since.
    return until - this.#context.clock.now() <= LONGEST_PAUSE_MS ? until : 0
  }

  works(peer: string): void {
    const kept = this.#kept.get(peer)
    if (kept) kept.failures = 0
  }

  failed(peer: string): void {
    const kept = this.#kept.get(peer)
    if (!kept) return
    this.#close(peer)
    const { clock, random } = this.#context
    kept.restsUntil = clock.now() + pauseAfter(kept.failures++, random)
  }

  /** The network is another one now. */
  retry(): void {
    for (const kept of this.#kept.values()) kept.restsUntil = 0
  }

  #idle(peer: string, kept: Kept): void {
    kept.cancelIdle?.()
    kept.cancelIdle = this.#context.clock.after(IDLE_MS, () => this.#close(peer))
  }

  #close(peer: string): void {
    const kept = this.#kept.get(peer)
    kept?.cancelIdle?.()
    const closing = kept?.line
    if (!kept || !closing) return
    kept.line = undefined
    closing.then(
      (line) => line.close(),
      () => undefined,
    )
  }
}
