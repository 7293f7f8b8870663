/** `/dure/mailbox/1` on a relay's node. What frames say is for who answers; here is who may say how much, and how slowly. */
import type { Connection, Stream } from '@libp2p/interface'
import { concat } from '../../protocols/suite/index.ts'
import { hostOf } from './addresses.ts'
import { drained } from './drained.ts'
import { ipOf } from './gater.ts'
import * as limit from './limits.ts'
import { frameReader, framed, MAILBOX_PROTOCOL } from './mailbox-frames.ts'
import type { LateFrame, MailboxSession, MailboxSessions, Outgoing } from './mailbox-sessions.ts'
import type { RelayPart } from './relay/part.ts'

export function createMailboxServer(sessions: MailboxSessions): RelayPart {
  let stopped: () => Promise<void> = async () => undefined
  return {
    name: 'mailbox',
    async start(libp2p) {
      const streams = new Set<Stream>()
      await libp2p.handle(
        MAILBOX_PROTOCOL,
        async (stream, connection) => {
          streams.add(stream)
          stream.addEventListener('close', () => streams.delete(stream))
          await serve(stream, connection, sessions)
        },
        { maxInboundStreams: limit.MAX_MAILBOX_STREAMS, maxOutboundStreams: 0 },
      )
      sessions.start()
      stopped = async () => {
        await libp2p.unhandle(MAILBOX_PROTOCOL)
        for (const stream of streams) stream.abort(new Error('the relay stops'))
        sessions.stop()
      }
    },
    stop: () => stopped(),
    status: () => sessions.status(),
  }
}

async function serve(stream: Stream, connection: Connection, sessions: MailboxSessions): Promise<void> {
  const writer = createWriter(stream)
  const session = sessions.open(hostOf(ipOf(connection)), writer)
  stream.addEventListener('close', () => session.end())
  if (stream.status !== 'open') session.end()
  try {
    await listen(stream, session, writer)
    await stream.close({ signal: AbortSignal.timeout(limit.CLOSE_TIMEOUT) })
  } catch (error) {
    stream.abort(error as Error)
  }
}

/** Takes commands as fast as they are answered and their answers are read. */
async function listen(stream: Stream, session: MailboxSession, writer: Writer): Promise<void> {
  const frames = frameReader(stream)
  let unanswered = 0
  let wake: () => void = () => undefined
  let failure: Error | undefined
  let last = performance.now()
  const quiet = (): boolean => !session.listening && performance.now() - last > limit.MAILBOX_IDLE
  for (;;) {
    const frame = await frames.next(quiet)
    if (failure) throw failure
    if (!frame) return
    last = performance.now()
    unanswered++
    void session
      .hear(frame)
      .catch((error: Error) => {
        failure = error
        stream.abort(error)
      })
      .finally(() => {
        unanswered--
        wake()
      })
    while (unanswered >= limit.MAX_MAILBOX_UNANSWERED) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    await writer.below(limit.MAX_MAILBOX_UNANSWERED)
    // Who asks too much is read more slowly, not refused.
    const wait = session.turn()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait).unref())
  }
}

interface Writer extends Outgoing {
  /** Resolves when fewer than so many replies wait to be read. */
  below(count: number): Promise<void>
}

interface Waiting {
  readonly frame: LateFrame
  readonly isReply: boolean
}

/** Sends frames in order, as fast as they are read; each is made when its turn has come. */
function createWriter(stream: Stream): Writer {
  let waiting: Waiting[] = []
  let replies = 0
  let writing = false
  let sent: () => void = () => undefined

  /** The next frames, as one write. A few are made at once, for a store may be far away. */
  async function batch(): Promise<Uint8Array> {
    const frames: Uint8Array[] = []
    let size = 0
    while (waiting.length > 0 && size < limit.MAILBOX_BATCH_BYTES) {
      const next = waiting.slice(0, limit.MAILBOX_FRAMES_AT_ONCE)
      waiting = waiting.slice(next.length)
      for (const made of await Promise.all(next.map(async ({ frame }) => frame()))) {
        if (!made) continue
        frames.push(framed(made))
        size += made.length
      }
      replies -= next.filter(({ isReply }) => isReply).length
    }
    sent()
    return concat(...frames)
  }

  async function write(): Promise<void> {
    writing = true
    try {
      // At the end of the turn: what one commit answers leaves together.
      await new Promise(setImmediate)
      while (waiting.length > 0) if (!stream.send(await batch())) await drained(stream, limit.MAILBOX_DRAIN_TIMEOUT)
    } catch (error) {
      stream.abort(error as Error)
    }
    writing = false
  }

  function add(frame: LateFrame, isReply: boolean): void {
    if (stream.status !== 'open') return
    if (isReply) replies++
    waiting.push({ frame, isReply })
    if (!writing) void write()
  }

  stream.addEventListener('close', () => {
    waiting = []
    sent()
  })
  return {
    push: (frame) => add(frame, false),
    reply: (frame) => add(frame, true),
    async below(count) {
      while (replies >= count && stream.status === 'open') {
        await new Promise<void>((resolve) => {
          sent = resolve
        })
      }
    },
  }
}
