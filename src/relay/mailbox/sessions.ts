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
import { fromHex, type Random, type Suite, toHex } from '../../../protocols/suite/index.ts'
import type { MailboxSessions, Outgoing } from '../../net/index.ts'
import { createBudget } from './budget.ts'
import * as limit from './limits.ts'
import type { Acted, MailboxStore, StoreSize } from './ports.ts'

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

/** What a step has made of a queue: `queue` as it is, or as it was before it went. */
interface Kept {
  readonly queue: Queue
  readonly live: Live
  readonly pushes: readonly Push[]
}

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

  // Another process has changed queues that somebody listens to, or waits for, here.
  store.onChanged((ids) => {
    const here = ids ? ids.map(toHex).filter((key) => live.has(key)) : [...live.keys()]
    for (const id of here.map(fromHex)) void attend(id, (queue) => look(id, queue)).catch(() => undefined)
  })

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

  /** What became of a queue, for the store. Who listens is known from this moment, and again as it was when it does not become durable. */
  function keep(id: Uint8Array, before: Queue | undefined, after: Pick<Answered, 'box' | 'kept' | 'dropped' | 'pushes'>): Acted<Kept> {
    const { box, kept, dropped, pushes } = after
    const key = toHex(id)
    const { watch, waiting }: Live = box ?? NOBODY
    const current: Live = { ...(watch && { watch }), ...(waiting !== undefined && { waiting }) }
    setLive(key, current, live.get(key)?.durable ?? NOBODY)
    const result = { queue: box?.queue ?? before ?? { ...decoy, recipient: id }, live: current, pushes }
    if (box?.queue === before && !kept && dropped.length === 0) return { result }
    return { change: { id, queue: box?.queue, kept, dropped }, result }
  }

  /** It is durable. */
  function settle({ queue, live: current, pushes }: Kept): void {
    const key = toHex(queue.recipient)
    const gone = streamsOf(current).filter((stream) => !sessions.has(stream))
    setLive(key, currently(key), gone.reduce(without, current))
    push(queue, pushes)
  }

  function lost(error: unknown): void {
    total.failed++
    failed(error)
  }

  /** A step nobody commanded. */
  async function attend(id: Uint8Array, act: (queue: Queue | undefined) => Acted<Kept | undefined>): Promise<void> {
    try {
      const kept = await store.step('recipient', id, act)
      if (kept) settle(kept)
    } catch (error) {
      lost(error)
      throw error
    }
  }

  function push(queue: Queue, pushes: readonly Push[]): void {
    for (const each of pushes) {
      sessions.get(each.to)?.out.push(async () => {
        if (each.type !== 'delivery' || each.item.kind !== 'block') return pushFrame(suite, random, queue, each)
        const body = await store.body(queue.recipient, each.item.seq)
        // Deleted since, by its recipient on another stream or by age.
        if (!body) return undefined
        total.delivered++
        return pushFrame(suite, random, queue, each, body)
      })
    }
  }

  /** @throws MailboxError at once: the stream is to be reset */
  function command(open: Open, frame: Uint8Array): Promise<void> {
    const { session, asked } = hear(open.session, frame)
    open.session = session
    total.commands++
    asking.take(open.host)
    const { by, value } = whose(asked)
    const refuse = (code: 'denied' | 'busy'): void => {
      total[code]++
      open.out.reply(() => refusal(asked, code))
    }
    return store.step(by, value, (queue, size) => judged(open, { session, asked }, queue, size)).then(
      (judgement) => {
        if (typeof judgement === 'string') return refuse(judgement)
        const { kept, after } = judgement
        if (after.kept && asked.command.type === 'send') total.taken++
        if (after.reply && suite.equal(after.reply, refusal(asked, 'quota'))) total.quota++
        open.out.reply(() => after.reply ?? readNotice(kept.queue.recipient, after.notice))
        settle(kept)
      },
      (error: unknown) => {
        lost(error)
        refuse('busy')
      },
    )
  }

  function judged(open: Open, heard: ReturnType<typeof hear>, queue: Queue | undefined, size: StoreSize): Acted<'denied' | 'busy' | { kept: Kept; after: Answered }> {
    const { asked } = heard
    const { type } = asked.command
    const used = limit.bytesOf(size)
    if (type === 'create' && !queue && (used + limit.QUEUE_BYTES > quota || !creating.take(open.host))) return { result: 'busy' }
    // Read anew whether it is needed or not, for a secret key costs more when it is used first (attack 62).
    const nobodys = decodeQueue(suite, decoyBytes)
    const box = boxOf(queue ?? nobodys, currently(toHex((queue ?? nobodys).recipient)))
    const found = queue && box
    const after = answer(suite, random, nobodys, found, heard, now())
    const id = (found ?? after.box)?.queue.recipient
    if (!id || (after.reply && suite.equal(after.reply, refusal(asked, 'denied')))) return { result: 'denied' }
    // From here on it is somebody who may command the queue.
    const crowded = type === 'subscribe' && open.queues.size >= limit.MAX_QUEUES_PER_STREAM && !open.queues.has(toHex(id))
    const full = after.kept !== undefined && used + limit.BLOCK_BYTES > quota
    if (!commanding.take(`${whose(asked).by} ${toHex(id)}`) || crowded || full) return { result: 'busy' }
    const { result: kept, ...change } = keep(id, queue, after)
    return { ...change, result: { kept, after } }
  }

  async function readNotice(id: Uint8Array, notice: Answered['notice']): Promise<Uint8Array | undefined> {
    const body = notice && (await store.body(id, notice.seq))
    return body && noticeFrame(suite, random, notice, body)
  }

  /** A queue as it is now: who was evicted elsewhere is told, what is new is pushed, and that there is room again. */
  function look(id: Uint8Array, queue: Queue | undefined): Acted<Kept | undefined> {
    const { watch, waiting } = currently(toHex(id))
    if (!queue) return keep(id, queue, { box: undefined, kept: undefined, dropped: [], pushes: watch ? [{ to: watch.session, type: 'evicted' }] : [] })
    const roomy = waiting !== undefined && !queue.full
    const { box, pushes } = dueOf(boxOf(queue, { ...(watch && { watch }), ...(waiting !== undefined && !roomy && { waiting }) }))
    return keep(id, queue, { box, kept: undefined, dropped: [], pushes: roomy ? [...pushes, { to: waiting, type: 'room' }] : pushes })
  }

  /** Blocks of old age go, and queues nobody comes to any more. */
  async function sweepAll(): Promise<void> {
    for (;;) {
      const due = await store.due(now(), limit.SWEEP_STEP)
      await Promise.all(due.map(sweepOne))
      if (due.length < limit.SWEEP_STEP) return
    }
  }

  async function sweepOne(id: Uint8Array): Promise<void> {
    const gone = { abandoned: 0, expired: 0 }
    await attend(id, (queue) => {
      if (!queue) return { result: undefined }
      const before = boxOf(queue, currently(toHex(id)))
      if (isAbandoned(queue, now())) {
        gone.abandoned = 1
        return keep(id, queue, { box: undefined, kept: undefined, dropped: [], pushes: before.watch ? [{ to: before.watch.session, type: 'evicted' }] : [] })
      }
      const swept = sweep(before, now())
      gone.expired = swept.dropped.length
      const { box, pushes } = dueOf(swept.box)
      return keep(id, queue, { box, kept: undefined, dropped: swept.dropped, pushes: [...swept.pushes, ...pushes] })
    })
    total.abandoned += gone.abandoned
    total.expired += gone.expired
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
      const size = store.size()
      const subscriptions = [...live.values()].filter((each) => each.now.watch).length
      return {
        ...size,
        bytes: limit.bytesOf(size),
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
