/**
 * Fetches what is left for us: one stream to each node that has queues of ours, kept open, with a subscription for each queue. What comes is
 * judged as if it had come from the device itself, stored, and only then acknowledged to the node, which deletes it (attack 64).
 */
import {
  acknowledgements,
  EMPTY_INBOX,
  evicted,
  type Handle,
  type Inbox,
  openCreated,
  openDelivery,
  parted,
  type PushFrame,
  receive,
  subscribe,
  subscribed,
  type Taken,
} from '../../../protocols/mailbox/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import type { Fetched, Incoming } from '../incoming.ts'
import type { AccountKey } from '../ports.ts'
import type { Announcing } from './announcing.ts'
import { jittered, pauseAfter } from './backoff.ts'
import type { MailboxContext } from './context.ts'
import type { LayingOut } from './laying-out.ts'
import { Line } from './line.ts'
import type { Failure, Nodes } from './nodes.ts'
import { madeQueue, type OwnQueue } from './own-queue.ts'
import { type MailboxNode, MailboxNetError } from './ports.ts'
import type { Queues } from './queues.ts'
import { envelopeId, type Taking } from './taking.ts'
import type { Troubles } from './troubles.ts'

const NO_PASS = new Uint8Array(32)
/** After a node had no place for a queue: about when the usual budget of 20 a day has room for one more. */
const CREATE_PAUSE_MS = 72 * 60_000

interface Visit {
  node: MailboxNode
  line: Line | undefined
  failures: number
  cancelPause: (() => void) | undefined
  /** no more queues are asked for now */
  cancelCreatePause: (() => void) | undefined
  /** commands of one round are on their way */
  tending: boolean
  /** another round is wanted after this one */
  again: boolean
}

export class Fetching {
  readonly #context: MailboxContext
  readonly #queues: Queues
  readonly #announcing: Announcing
  /** asked when something came: it needs us as well */
  readonly #incoming: () => Pick<Incoming, 'fetched' | 'left' | 'startAnew'>
  readonly #layingOut: Pick<LayingOut, 'at'>
  readonly #taking: Taking
  readonly #troubles: Troubles
  readonly #nodes: Pick<Nodes, 'works' | 'failed'>
  /** Queues that are lost or read by others are to be made anew. */
  readonly #sync: () => Promise<void>
  readonly #visits = new Map<string, Visit>()
  readonly #inboxes = new Map<AccountKey, Inbox>()
  #settled: Handle[] = []
  #running = false

  constructor(
    context: MailboxContext,
    parts: { queues: Queues; announcing: Announcing; incoming: () => Pick<Incoming, 'fetched' | 'left' | 'startAnew'>; layingOut: Pick<LayingOut, 'at'>; taking: Taking; troubles: Troubles; nodes: Pick<Nodes, 'works' | 'failed'>; sync: () => Promise<void> },
  ) {
    this.#context = context
    this.#queues = parts.queues
    this.#announcing = parts.announcing
    this.#incoming = parts.incoming
    this.#layingOut = parts.layingOut
    this.#taking = parts.taking
    this.#troubles = parts.troubles
    this.#nodes = parts.nodes
    this.#sync = parts.sync
  }

  start(): void {
    this.#running = true
    this.attend()
  }

  stop(): void {
    this.#running = false
    for (const [peer, visit] of this.#visits) this.#leave(peer, visit)
    this.#inboxes.clear()
  }

  /** The rows have changed: goes to every node that has something to hear. */
  attend(): void {
    if (!this.#running) return
    const nodes = new Map(this.#queues.all().map(({ node }) => [node.peer, node]))
    for (const [peer, node] of nodes) {
      const visit = this.#visits.get(peer) ?? { node, line: undefined, failures: 0, cancelPause: undefined, cancelCreatePause: undefined, tending: false, again: false }
      visit.node = node
      this.#visits.set(peer, visit)
      void this.#tend(visit)
    }
    for (const [peer, visit] of this.#visits) if (!nodes.has(peer)) this.#leave(peer, visit)
  }

  /**
   * Something was not stored. It must come again, and before what came after it: subscribed anew, everything that was not acknowledged does, in
   * its order.
   */
  rolledBack(): void {
    this.#inboxes.clear()
    for (const { line } of this.#visits.values()) line?.close()
  }

  /** The network is another one now: no more pausing, and nodes see another address of ours. */
  retry(): void {
    for (const visit of this.#visits.values()) {
      visit.cancelCreatePause?.()
      visit.cancelCreatePause = undefined
      this.#resume(visit)
    }
  }

  #leave(peer: string, visit: Visit): void {
    this.#visits.delete(peer)
    visit.cancelPause?.()
    visit.cancelCreatePause?.()
    visit.line?.close()
  }

  #resume(visit: Visit): void {
    visit.cancelPause?.()
    visit.cancelPause = undefined
    void this.#tend(visit)
  }

  /** Everything a node is to hear, one round at a time. */
  async #tend(visit: Visit): Promise<void> {
    if (visit.tending) {
      visit.again = true
      return
    }
    if (!this.#running || visit.cancelPause) return
    visit.tending = true
    try {
      do {
        visit.again = false
        const line = await this.#line(visit)
        for (const queue of await this.#durable(visit)) await this.#remove(line, queue)
        const failure = await this.#createAll(visit, line)
        await this.#subscribe(visit, line)
        await this.#layingOut.at(line, visit.node)
        visit.failures = 0
        await this.#judge(visit, failure)
      } while (visit.again && this.#here(visit))
    } catch (error) {
      this.#failed(visit, error)
    } finally {
      visit.tending = false
      // It ended behind the last word that was heard.
      if (!visit.line) this.#pauseAfterFailure(visit)
    }
  }

  #here(visit: Visit): boolean {
    return this.#running && this.#visits.get(visit.node.peer) === visit
  }

  /** Nothing is made, suspended or removed at a node that a power cut could still undo here. */
  async #durable({ node }: Visit): Promise<OwnQueue[]> {
    const queues = this.#queues.ofNode(node.peer)
    await this.#context.store.settled()
    return queues
  }

  async #line(visit: Visit): Promise<Line> {
    if (visit.line && !visit.line.over) return visit.line
    const line = await Line.open(this.#context, 'fetch', visit.node, (push) => this.#pushed(push))
    if (!this.#here(visit)) {
      line.close()
      throw new MailboxNetError('stopped', 'nothing is fetched any more')
    }
    visit.line = line
    // Before anything is said on it: the end of the last stream may be told only after this one has begun.
    for (const queue of this.#queues.ofNode(visit.node.peer)) if (queue.view) this.#queues.hold({ ...queue, view: parted(queue.view) })
    void line.ended.then(() => {
      if (visit.line !== line) return
      visit.line = undefined
      if (!visit.tending) this.#pauseAfterFailure(visit)
    })
    return line
  }

  #failed(visit: Visit, error: unknown): void {
    if (!(error instanceof MailboxNetError)) this.#context.log.warn('fetching from a mailbox failed', { error: error instanceof Error ? error.name : 'unknown' })
    const hungUp = !visit.line && error instanceof MailboxNetError && error.code === 'refused'
    visit.line?.close()
    visit.line = undefined
    this.#pauseAfterFailure(visit)
    if (this.#here(visit)) this.#fails(visit, hungUp ? 'refused' : 'unreachable').catch(() => this.#context.log.warn('it was not stored that a mailbox fails'))
  }

  /** After a round that was heard to its end. A node that keeps something of ours does what it should, also when it has no room for more. */
  async #judge({ node, cancelCreatePause }: Visit, failure: Failure | undefined): Promise<void> {
    const keeps = this.#queues.ofNode(node.peer).some(({ phase }) => phase === 'open')
    if (failure && (failure === 'denied' || !keeps)) await this.#nodes.failed(node.peer, failure, true)
    else if (keeps || !cancelCreatePause) await this.#nodes.works(node.peer)
  }

  async #fails(visit: Visit, failure: Failure): Promise<void> {
    const reserved = this.#context.courier.relays().some(({ peer, state }) => state === 'reserved' && peer !== visit.node.peer)
    const answered = [...this.#visits.values()].some(({ node, line }) => node !== visit.node && line && !line.over)
    await this.#nodes.failed(visit.node.peer, failure, reserved || answered)
  }

  #pauseAfterFailure(visit: Visit): void {
    if (visit.cancelPause || !this.#here(visit)) return
    const { clock, random } = this.#context
    visit.cancelPause = clock.after(pauseAfter(visit.failures++, random), () => this.#resume(visit))
  }

  async #remove(line: Line, queue: OwnQueue): Promise<void> {
    if (queue.phase !== 'doomed' || !queue.made) return
    await line.ask({ type: 'delete', id: queue.made.recipient }, queue.made.as)
    await this.#forget(queue)
  }

  async #forget(queue: OwnQueue): Promise<void> {
    const step = newStep()
    this.#queues.remove(step, queue.id)
    await commit(this.#context, step)
  }

  /** For whom we spoke with last first: a node makes so many a day. @returns why it makes no more now */
  async #createAll(visit: Visit, line: Line): Promise<Failure | undefined> {
    if (visit.cancelCreatePause) return undefined
    const { store, random, clock } = this.#context
    const asked = (await this.#durable(visit)).filter(({ phase }) => phase === 'asked').map((queue) => ({ queue, spoke: store.lastMessage(queue.contact)?.at ?? 0 }))
    for (const { queue } of asked.toSorted((a, b) => b.spoke - a.spoke)) {
      const failure = await this.#create(line, queue)
      if (!failure) continue
      visit.cancelCreatePause = clock.after(jittered(CREATE_PAUSE_MS, random), () => {
        visit.cancelCreatePause = undefined
        this.attend()
      })
      return failure
    }
    return undefined
  }

  /** The same create again finds the queue it made, so nothing is lost with its reply. */
  async #create(line: Line, queue: OwnQueue): Promise<Failure | undefined> {
    const { suite, clock } = this.#context
    const { number, reply } = line.create({
      type: 'create',
      kind: 'conversation',
      recipientKey: queue.own.publicKey,
      senderKey: queue.keys.sender.publicKey,
      pass: NO_PASS,
    })
    const said = await reply
    if (said.type !== 'created') {
      this.#context.log.info('a mailbox made no queue', { said: said.type === 'refused' ? said.code : said.type })
      return said.type === 'refused' && said.code === 'denied' ? 'denied' : 'busy'
    }
    if (this.#queues.get(queue.id)?.phase !== 'asked') return undefined
    const step = newStep()
    this.#queues.put(step, madeQueue(suite, queue, openCreated(suite, queue.own, number, said), clock.now()))
    this.#announcing.announce(step, queue.contact)
    await commit(this.#context, step)
    return undefined
  }

  /** Every tag is stored before it is said, or it would look like a stranger's later. */
  async #subscribe(visit: Visit, line: Line): Promise<void> {
    const step = newStep()
    const asked = this.#queues.ofNode(visit.node.peer).flatMap((queue) => {
      if (!queue.made || queue.view?.phase !== 'idle' || queue.phase === 'doomed') return []
      const { view, command } = subscribe(queue.view, this.#context.random, queue.made.recipient)
      this.#queues.put(step, { ...queue, view })
      return [{ id: queue.id, command, as: queue.made.as }]
    })
    if (asked.length > 0) await commit(this.#context, step)
    for (const { id, command, as } of asked) {
      const reply = await line.ask(command, as)
      const queue = this.#queues.get(id)
      if (!queue?.view) continue
      if (reply.type === 'subscribed') {
        const { view, stranger } = subscribed(this.#context.suite, queue.view, reply)
        this.#queues.hold({ ...queue, view })
        if (!stranger || queue.phase === 'former') continue
        await this.#abandon(queue)
        // Or it was us, and this profile is a copy from before: then no session of it is good any more.
        await this.#incoming().startAnew(queue.contact)
      } else if (reply.type === 'refused' && reply.code === 'denied') await this.#lost(queue)
      else throw new MailboxNetError('refused', 'the node has no time')
    }
    for (const queue of await this.#durable(visit)) if (queue.phase === 'leaving') await this.#drain(line, queue)
  }

  /** No more may be left there, and when nothing lies there it goes. */
  async #drain(line: Line, { id, made }: OwnQueue): Promise<void> {
    if (!made) return
    await line.ask({ type: 'suspend', id: made.recipient }, made.as)
    const info = await line.ask({ type: 'info', id: made.recipient }, made.as)
    const queue = this.#queues.get(id)
    if (info.type !== 'info' || info.blocks > 0 || queue?.phase !== 'leaving') return
    await line.ask({ type: 'delete', id: made.recipient }, made.as)
    await this.#forget(queue)
  }

  /** The node does not know it any more. */
  async #lost(queue: OwnQueue): Promise<void> {
    this.#context.log.info('a mailbox lost a queue')
    await this.#forget(queue)
    if (queue.phase === 'open') await this.#sync()
  }

  /** Somebody else has its key (attack 63), and can read nothing with it. */
  async #abandon(queue: OwnQueue): Promise<void> {
    this.#troubles.read(queue)
    const step = newStep()
    if (queue.phase === 'open' && queue.view?.kind === 'conversation') this.#queues.replace(step, queue)
    else this.#queues.move(step, queue, 'doomed')
    await commit(this.#context, step)
    await this.#sync()
  }

  #pushed(push: PushFrame): void {
    const queue = this.#queues.named(toHex(push.id))
    if (!queue?.view || push.type === 'room') return
    if (push.type === 'delivery') return this.#delivered(queue, push)
    if (queue.view.phase !== 'subscribed' && queue.view.phase !== 'asked') return
    this.#queues.hold({ ...queue, view: evicted(queue.view) })
    if (queue.phase === 'former') return
    this.#abandon(queue).catch(() => this.#context.log.warn('a queue that others read was not left'))
  }

  /** @throws MailboxError: the node handed out what is not sealed for us, and its stream ends */
  #delivered(queue: OwnQueue, push: Extract<PushFrame, { type: 'delivery' }>): void {
    if (!queue.made || !queue.view || queue.phase === 'doomed') return
    const { suite, clock } = this.#context
    const delivered = openDelivery(suite, queue.made.as, push)
    const inbox = this.#inboxes.get(queue.contact) ?? EMPTY_INBOX
    const taken = receive(suite, queue.keys, inbox, queue.view, delivered, clock.now())
    // What came before is not remembered here: the session knows it, and who left it again is to be told again.
    this.#inboxes.set(queue.contact, { seen: [], partials: taken.inbox.partials })
    void this.#take(queue, taken)
  }

  async #take(queue: OwnQueue, taken: Taken): Promise<void> {
    const { suite } = this.#context
    try {
      const step = newStep()
      if (taken.view !== queue.view) this.#queues.put(step, { ...queue, view: taken.view })
      if (queue.phase === 'open' && taken.message && this.#queues.endFormer(step, queue.contact)) step.afterwards.push(() => this.attend())
      // Told in the conversation, so that who waits does not wait longer.
      if (taken.notes.some(({ type }) => type === 'quota') && queue.phase === 'open') this.#announcing.announce(step, queue.contact)
      // Both are handed to the store in one turn, and so are one transaction.
      const stored = step.changes.length > 0 ? commit(this.#context, step) : Promise.resolve()
      // What comes where nothing should be left any more may be of a session from before the one that stands now.
      const isNew = queue.phase === 'open' && taken.view.numbers !== queue.view?.numbers
      const fetched = taken.message ? this.#open(queue, taken.message, isNew) : undefined
      const [, said] = await Promise.all([stored, fetched])
      if (said?.answer === 'taken' && taken.message) this.#taking.owe(said.device, envelopeId(suite, taken.message))
      this.#troubles.noted(queue, taken.notes)
      this.#acknowledge(taken.settled)
    } catch {
      this.#context.log.warn('what lay in a mailbox was not stored; it is fetched again')
      this.rolledBack()
    }
  }

  async #open(queue: OwnQueue, message: Uint8Array, isNew: boolean): Promise<Fetched | undefined> {
    if (queue.view?.kind !== 'request') return this.#incoming().fetched(queue.contact, message, isNew)
    await this.#incoming().left(message)
    return undefined
  }

  /** What is stored at the same time is acknowledged together. */
  #acknowledge(handles: readonly Handle[]): void {
    if (this.#settled.length === 0 && handles.length > 0) queueMicrotask(() => this.#flush())
    this.#settled.push(...handles)
  }

  #flush(): void {
    const settled = this.#settled
    this.#settled = []
    for (const name of new Set(settled.map(({ queue }) => queue))) {
      const queue = this.#queues.named(name)
      const line = queue && this.#visits.get(queue.node.peer)?.line
      if (!queue?.made || !line) continue
      const { recipient, as } = queue.made
      const told = acknowledgements(recipient, settled).map((command) => line.ask(command, as))
      Promise.all(told).then(
        () => (queue.phase === 'leaving' ? this.attend() : undefined),
        () => undefined, // it comes again, and is known
      )
    }
  }
}
