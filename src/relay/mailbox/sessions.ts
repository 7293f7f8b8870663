/**
 * The streams of a relay's mailboxes: command -> protocols/mailbox -> commit -> reply and pushes. Which queue somebody asks for is looked up
 * anew for every command, and nothing that is agreed with anybody is kept but for a subscription: what the relay remembers would tell a
 * stranger who is there (attack 62).
 */
import {
  answer,
  type Answered,
  type Box,
  decodeQueue,
  dueOf,
  encodeQueue,
  hear,
  helloFrame,
  isAbandoned,
  leave,
  makeDecoy,
  noticeFrame,
  openSession,
  type Push,
  pushFrame,
  type Queue,
  refusal,
  type Session,
  sweep,
  whose,
} from '../../../protocols/mailbox/index.ts'
import { type Random, type Suite, toHex } from '../../../protocols/suite/index.ts'
import type { MailboxSessions, Outgoing } from '../../net/index.ts'
import { createBudget } from './budget.ts'
import * as limit from './limits.ts'
import type { MailboxStore } from './ports.ts'

export interface SessionsOptions {
  readonly suite: Suite
  readonly random: Random
  readonly store: MailboxStore
  readonly now: () => number
  /** bytes of blocks and queues in all */
  readonly quota: number
  readonly queuesPerHost: number
  readonly commandsPerQueue?: number
  readonly commandsPerHost?: { readonly burst: number; readonly perSecond: number }
  /** a commit did not become durable */
  readonly failed: (error: unknown) => void
}

/** Of a box, what lives as long as its streams. */
type Live = Pick<Box, 'watch' | 'waiting'>

interface Open {
  session: Session
  readonly host: string
  readonly out: Outgoing
  /** queues it listens to or waits for */
  readonly queues: Set<string>
}

const NOBODY: Live = {}
const SECONDS_A_DAY = 86_400

export function createSessions(options: SessionsOptions): MailboxSessions {
  const { suite, random, store, now, quota, failed } = options
  const decoy = makeDecoy(suite, random)
  const decoyBytes = encodeQueue(suite, decoy)
  const sessions = new Map<string, Open>()
  /** By recipient id: as of the last step, and as of the last that is durable. */
  const live = new Map<string, { now: Live; durable: Live }>()
  const total = { commands: 0, taken: 0, delivered: 0, expired: 0, abandoned: 0, denied: 0, quota: 0, busy: 0, failed: 0 }
  const budget = (burst: number, perSecond: number): ReturnType<typeof createBudget> => createBudget({ burst, perSecond, remembered: limit.MAX_REMEMBERED, now })
  const creating = budget(options.queuesPerHost, options.queuesPerHost / SECONDS_A_DAY)
  const perQueue = options.commandsPerQueue ?? limit.COMMANDS_PER_QUEUE_PER_MINUTE
  const commanding = budget(perQueue, perQueue / 60)
  const { burst, perSecond } = options.commandsPerHost ?? { burst: limit.COMMANDS_PER_HOST_BURST, perSecond: limit.COMMANDS_PER_HOST_PER_SECOND }
  const asking = budget(burst, perSecond)
  let opened = 0
  let sweeping: NodeJS.Timeout | undefined

  store.onRollback(() => {
    for (const [key, entry] of live) setLive(key, entry.durable, entry.durable)
  })

  const bytes = (): number => {
    const { queues, blocks } = store.size()
    return queues * limit.QUEUE_BYTES + blocks * limit.BLOCK_BYTES
  }

  const boxOf = (queue: Queue, { watch, waiting }: Live): Box => ({ queue, ...(watch && { watch }), ...(waiting !== undefined && { waiting }) })
  const streamsOf = ({ watch, waiting }: Live): string[] => [watch?.session, waiting].filter((each) => each !== undefined)
  const currently = (key: string): Live => live.get(key)?.now ?? NOBODY

  function setLive(key: string, current: Live, durable: Live): void {
    const before = live.get(key)
    const here = new Set([...streamsOf(current), ...streamsOf(durable)])
    for (const stream of before ? [...streamsOf(before.now), ...streamsOf(before.durable)] : []) if (!here.has(stream)) sessions.get(stream)?.queues.delete(key)
    for (const stream of here) sessions.get(stream)?.queues.add(key)
    if (here.size > 0) live.set(key, { now: current, durable })
    else live.delete(key)
  }

  /** Without a stream that has ended. */
  function without(each: Live, stream: string): Live {
    const { watch, waiting } = leave(boxOf(decoy, each), stream)
    return { ...(watch && { watch }), ...(waiting !== undefined && { waiting }) }
  }

  /** Stores what became of a queue. Who listens is known from this moment, and again as it was when it does not become durable. */
  async function keep(id: Uint8Array, before: Queue | undefined, after: Pick<Answered, 'box' | 'kept' | 'dropped'>): Promise<void> {
    const { box, kept, dropped } = after
    const key = toHex(id)
    const { watch, waiting }: Live = box ?? NOBODY
    const current: Live = { ...(watch && { watch }), ...(waiting !== undefined && { waiting }) }
    setLive(key, current, live.get(key)?.durable ?? NOBODY)
    const changed = box?.queue !== before || kept !== undefined || dropped.length > 0
    try {
      // A command that changes nothing may have seen what is not durable yet: its answer waits, too (attack 64).
      await store.commit(changed ? { id, queue: box?.queue, kept, dropped } : undefined)
    } catch (error) {
      total.failed++
      failed(error)
      throw error
    }
    const gone = streamsOf(current).filter((stream) => !sessions.has(stream))
    setLive(key, currently(key), gone.reduce(without, current))
  }

  function push(queue: Queue, pushes: readonly Push[]): void {
    for (const each of pushes) {
      sessions.get(each.to)?.out.push(() => {
        if (each.type !== 'delivery' || each.item.kind !== 'block') return pushFrame(suite, random, queue, each)
        const body = store.body(queue.recipient, each.item.seq)
        // Deleted since, by its recipient on another stream or by age.
        if (!body) return undefined
        total.delivered++
        return pushFrame(suite, random, queue, each, body)
      })
    }
  }

  /** @throws MailboxError when the stream is to be reset */
  function command(open: Open, frame: Uint8Array): Promise<void> {
    const { session, asked } = hear(open.session, frame)
    open.session = session
    total.commands++
    asking.take(open.host)
    const busy = async (): Promise<void> => {
      total.busy++
      open.out.reply(() => refusal(asked, 'busy'))
    }
    const { by, value } = whose(asked)
    const { type } = asked.command
    const queue = store.find(by, value)
    if (type === 'create' && !queue && (bytes() + limit.QUEUE_BYTES > quota || !creating.take(open.host))) return busy()
    const found = queue && boxOf(queue, currently(toHex(queue.recipient)))
    // Read as a queue is, for a secret key costs more when it is used first.
    const after = answer(suite, random, queue ? decoy : decodeQueue(suite, decoyBytes), found, { session, asked }, now())
    const id = (found ?? after.box)?.queue.recipient
    const denied = refusal(asked, 'denied')
    if (!id || (after.reply && suite.equal(after.reply, denied))) {
      total.denied++
      open.out.reply(() => denied)
      return Promise.resolve()
    }
    // From here on it is somebody who may command the queue.
    const crowded = type === 'subscribe' && open.queues.size >= limit.MAX_QUEUES_PER_STREAM && !open.queues.has(toHex(id))
    const full = after.kept !== undefined && bytes() + limit.BLOCK_BYTES > quota
    if (!commanding.take(`${by} ${toHex(id)}`) || crowded || full) return busy()
    return keep(id, queue, after).then(() => {
      if (after.kept && type === 'send') total.taken++
      if (after.reply && suite.equal(after.reply, refusal(asked, 'quota'))) total.quota++
      open.out.reply(() => after.reply ?? readNotice(id, after.notice))
      const subject = after.box?.queue ?? queue
      if (subject) push(subject, after.pushes)
    }, busy)
  }

  function readNotice(id: Uint8Array, notice: Answered['notice']): Uint8Array | undefined {
    const body = notice && store.body(id, notice.seq)
    return body && noticeFrame(suite, random, notice, body)
  }

  /** Blocks of old age go, and queues nobody comes to any more. */
  async function sweepAll(): Promise<void> {
    for (;;) {
      const due = store.due(now(), limit.SWEEP_STEP)
      await Promise.all(due.map(sweepOne))
      if (due.length < limit.SWEEP_STEP) return
    }
  }

  async function sweepOne(queue: Queue): Promise<void> {
    const { recipient: id } = queue
    const before = boxOf(queue, currently(toHex(id)))
    if (isAbandoned(queue, now())) {
      await keep(id, queue, { box: undefined, kept: undefined, dropped: [] })
      total.abandoned++
      return push(queue, before.watch ? [{ to: before.watch.session, type: 'evicted' }] : [])
    }
    const swept = sweep(before, now())
    const { box, pushes } = dueOf(swept.box)
    await keep(id, queue, { box, kept: undefined, dropped: swept.dropped })
    total.expired += swept.dropped.length
    push(box.queue, [...swept.pushes, ...pushes])
  }

  return {
    start() {
      // A failing disk was told of; the next round tries again.
      const round = (): void => void sweepAll().catch(() => undefined)
      round()
      sweeping = setInterval(round, limit.SWEEP_INTERVAL)
      sweeping.unref()
    },
    stop() {
      clearInterval(sweeping)
    },
    open(host, out) {
      const id = `${++opened}`
      const open: Open = { session: openSession(random, id), host, out, queues: new Set() }
      sessions.set(id, open)
      out.push(() => helloFrame(open.session, now()))
      return {
        get listening() {
          return open.queues.size > 0
        },
        turn: () => asking.wait(host),
        hear: (frame) => command(open, frame),
        end() {
          sessions.delete(id)
          for (const key of open.queues) {
            const entry = live.get(key)
            if (entry) setLive(key, without(entry.now, id), without(entry.durable, id))
          }
        },
      }
    },
    status() {
      const { queues, blocks } = store.size()
      const subscriptions = [...live.values()].filter((each) => each.now.watch).length
      return {
        queues,
        blocks,
        bytes: bytes(),
        bytes_limit: quota,
        streams: sessions.size,
        subscriptions,
        commands_total: total.commands,
        blocks_taken_total: total.taken,
        blocks_delivered_total: total.delivered,
        blocks_expired_total: total.expired,
        queues_abandoned_total: total.abandoned,
        refused_denied_total: total.denied,
        refused_quota_total: total.quota,
        refused_busy_total: total.busy,
        commits_failed_total: total.failed,
      }
    },
  }
}
