/**
 * One queue and who listens to it: (box, command, now) -> { box, reply, pushes }. Who may command was decided before (node.ts); nothing here
 * looks at a key. What must always hold:
 *
 * - a block leaves only by its acknowledgement, by its age (then a marker with the count stands first), or with the whole queue;
 * - blocks are pushed in the order they were taken, and none twice in one subscription;
 * - a block is taken once: its id is known while it is here and for RECENT blocks after;
 * - after a refusal for want of room nothing is taken until the recipient has acknowledged the marker;
 * - the step is committed before its reply and pushes leave.
 */
import { toHex } from '../suite/index.ts'
import type { Command, Reply } from './frames.ts'
import type { Shared } from './keys.ts'
import { RETENTION, WINDOW } from './limits.ts'
import { acknowledged, blocksIn, capacityOf, dayOf, type Item, knows, type Queue, without } from './queue.ts'

/** The subscription. Lives as long as its stream, and is not stored. */
export interface Watch {
  /** the node's name for the stream */
  readonly session: string
  readonly tag: Uint8Array
  /** for sealing what is pushed */
  readonly shared: Shared
  /** seqs that were pushed and are not acknowledged */
  readonly pushed: ReadonlySet<number>
}

export interface Box {
  readonly queue: Queue
  readonly watch?: Watch
  /** the stream of the sender that was last told `quota` */
  readonly waiting?: string
}

export type Push =
  /** to be sealed by `pushFrame`, a block with its body */
  | { readonly to: string; readonly type: 'delivery'; readonly item: Item; readonly shared: Shared }
  | { readonly to: string; readonly type: 'evicted' }
  | { readonly to: string; readonly type: 'room' }

/** Who commands: the stream, and what its queue's key and the node's share. */
export interface Caller {
  readonly session: string
  readonly shared: Shared
}

/** What a queue answers of itself; what takes a seal is made of `notice` by node.ts. */
export type Answer = Exclude<Reply, { type: 'created' | 'notice' }> | { readonly type: 'notice'; readonly seq: number }

export interface Step {
  /** undefined: the queue is gone */
  readonly box: Box | undefined
  readonly answer: Answer
  readonly pushes: readonly Push[]
  /** to be stored under the queue and this seq */
  readonly kept: { readonly seq: number; readonly body: Uint8Array } | undefined
  /** seqs whose bodies are to be removed */
  readonly dropped: readonly number[]
}

const DONE: Answer = { type: 'done' }
const DENIED: Answer = { type: 'refused', code: 'denied' }

export function step(before: Box, caller: Caller, command: Exclude<Command, { type: 'create' }>, now: number): Step {
  const swept = sweep(before, now)
  const acted = act(swept.box, caller, command, now)
  if (!acted.box) return { ...acted, pushes: [...swept.pushes, ...acted.pushes], dropped: [...swept.dropped, ...acted.dropped] }
  const { box, pushes } = due(acted.box)
  return { ...acted, box, pushes: [...swept.pushes, ...acted.pushes, ...pushes], dropped: [...swept.dropped, ...acted.dropped] }
}

function act(box: Box, caller: Caller, command: Exclude<Command, { type: 'create' }>, now: number): Step {
  const { queue } = box
  const unchanged = (answer: Answer): Step => ({ box, answer, pushes: [], kept: undefined, dropped: [] })
  const visited = queue.visited === dayOf(now) ? queue : { ...queue, visited: dayOf(now) }
  const changed = (change: Partial<Queue>, answer: Answer = DONE): Step => ({ ...unchanged(answer), box: { ...box, queue: { ...visited, ...change } } })
  const seen = (answer: Answer): Step => ({ ...unchanged(answer), box: { ...box, queue: visited } })
  switch (command.type) {
    case 'send':
      return send(box, caller, command, now)
    case 'read':
      return unchanged(queue.notice === undefined || queue.suspended ? DENIED : { type: 'notice', seq: queue.notice })
    case 'secure':
      return changed({ senderKey: command.senderKey })
    case 'suspend':
      return changed({ suspended: true })
    case 'info': {
      const oldest = queue.items.find(({ kind }) => kind === 'block')?.at ?? 0
      return seen({ type: 'info', blocks: blocksIn(queue), capacity: capacityOf(queue), oldest, full: queue.full, suspended: queue.suspended })
    }
    case 'post': {
      const seq = queue.nextSeq
      const dropped = queue.notice === undefined ? [] : [queue.notice]
      return { ...changed({ notice: seq, nextSeq: seq + 1 }), kept: { seq, body: command.body }, dropped }
    }
    case 'subscribe': {
      const { session, shared } = caller
      const subscribed = changed({ tag: command.tag }, { type: 'subscribed', previous: queue.tag, blocks: blocksIn(queue) })
      const next = { ...(subscribed.box as Box), watch: { session, tag: command.tag, shared, pushed: new Set<number>() } }
      return { ...subscribed, box: next, pushes: evictions(box, session) }
    }
    case 'acknowledge':
      return acknowledge({ ...box, queue: visited }, command.seqs)
    case 'delete': {
      const bodies = queue.items.filter(({ kind }) => kind === 'block').map(({ seq }) => seq)
      return { box: undefined, answer: DONE, pushes: evictions(box, caller.session), kept: undefined, dropped: [...bodies, ...(queue.notice === undefined ? [] : [queue.notice])] }
    }
  }
}

function send(box: Box, caller: Caller, { block, body }: Extract<Command, { type: 'send' }>, now: number): Step {
  const { queue } = box
  const plain = { box, pushes: [], kept: undefined, dropped: [] }
  if (queue.suspended) return { ...plain, answer: DENIED }
  if (knows(queue, block)) return { ...plain, answer: DONE }
  const seq = queue.nextSeq
  if (!queue.full && blocksIn(queue) < capacityOf(queue)) {
    const items = [...queue.items, { kind: 'block', seq, at: now, block } as const]
    return { ...plain, box: { ...box, queue: { ...queue, nextSeq: seq + 1, items } }, answer: DONE, kept: { seq, body } }
  }
  const marked = queue.full ? queue : { ...queue, full: true, nextSeq: seq + 1, items: [...queue.items, { kind: 'quota', seq, at: now } as const] }
  return { ...plain, box: { ...box, queue: marked, waiting: caller.session }, answer: { type: 'refused', code: 'quota' } }
}

function acknowledge(box: Box, seqs: readonly number[]): Step {
  const gone = box.queue.items.filter(({ seq }) => seqs.includes(seq))
  const opened = remove(box, gone, acknowledged)
  return { ...opened, answer: DONE, kept: undefined, dropped: gone.filter(({ kind }) => kind === 'block').map(({ seq }) => seq) }
}

/** Takes items out; when a marker of QUOTA is among them there is room again. */
function remove(box: Box, gone: readonly Item[], from: typeof without): { box: Box; pushes: Push[] } {
  if (gone.length === 0) return { box, pushes: [] }
  const opens = box.queue.full && gone.some(({ kind }) => kind === 'quota')
  const queue = { ...from(box.queue, gone), ...(opens && { full: false }) }
  const { waiting, ...rest } = box
  const left: Box = { ...rest, queue, ...(waiting !== undefined && !opens && { waiting }) }
  return { box: left, pushes: opens && waiting !== undefined ? [{ to: waiting, type: 'room' }] : [] }
}

/** Items at their age go; where a block was among them, one marker stands first and says how many the queue has lost so far. What is to be pushed then, `due` says. */
export function sweep(box: Box, now: number): { box: Box; pushes: readonly Push[]; dropped: readonly number[] } {
  const old = box.queue.items.filter(({ kind, at }) => kind !== 'expired' && now - at >= RETENTION)
  const blocks = old.filter(({ kind }) => kind === 'block')
  const marker = box.queue.items.filter(({ kind }) => kind === 'expired')
  const { box: left, pushes } = remove(box, blocks.length === 0 ? old : [...old, ...marker], without)
  if (blocks.length === 0) return { box: left, pushes, dropped: [] }
  const { queue } = left
  const total = queue.expired + blocks.length
  const items = [{ kind: 'expired', seq: queue.nextSeq, at: now, total } as const, ...queue.items]
  return { box: { ...left, queue: { ...queue, expired: total, nextSeq: queue.nextSeq + 1, items } }, pushes, dropped: blocks.map(({ seq }) => seq) }
}

/**
 * What is to be pushed now: also for a box whose queue was changed elsewhere, by another process on the same store. Its watch is told that it
 * is evicted when another subscription has taken its place there.
 */
export function due(box: Box): { box: Box; pushes: readonly Push[] } {
  const { queue, watch } = box
  if (!watch) return { box, pushes: [] }
  if (toHex(watch.tag) !== toHex(queue.tag)) return { box: leave(box, watch.session), pushes: evictions(box) }
  const here = new Set(queue.items.map(({ seq }) => seq))
  const pushed = new Set([...watch.pushed].filter((seq) => here.has(seq)))
  const pushes: Push[] = []
  for (const item of queue.items) {
    if (pushed.size >= WINDOW) break
    if (pushed.has(item.seq)) continue
    pushed.add(item.seq)
    pushes.push({ to: watch.session, type: 'delivery', item, shared: watch.shared })
  }
  return { box: { ...box, watch: { ...watch, pushed } }, pushes }
}

/** The stream has ended. */
export function leave(box: Box, session: string): Box {
  const { queue, watch, waiting } = box
  return { queue, ...(watch && watch.session !== session && { watch }), ...(waiting !== undefined && waiting !== session && { waiting }) }
}

/** `session`: who needs not be told, as it is their own doing. */
const evictions = ({ watch }: Box, session?: string): Push[] => (watch && watch.session !== session ? [{ to: watch.session, type: 'evicted' }] : [])
