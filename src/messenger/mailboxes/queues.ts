/** Our queues, the newest of each in memory. A queue moves forward only together with the change that stores it. */
import { toHex } from '../../../protocols/suite/index.ts'
import type { Step } from '../context.ts'
import type { AccountKey } from '../ports.ts'
import type { MailboxContext } from './context.ts'
import { decodeOwnQueue, drawQueue, encodeOwnQueue, type OwnQueue } from './own-queue.ts'
import type { MailboxNode, QueuePhase } from './ports.ts'

/** Former ones of a contact at a node: the one it knew for sure, and the last. Whatever makes them anew again and again does not fill the node. */
const MAX_FORMER = 2

export class Queues {
  readonly #context: MailboxContext
  #queues = new Map<string, OwnQueue>()

  constructor(context: MailboxContext) {
    this.#context = context
    this.reload()
  }

  /** Back to what the store holds. */
  reload(): void {
    const { store, suite } = this.#context
    this.#queues = new Map(store.queues().map((row) => [row.id, decodeOwnQueue(suite, row)]))
  }

  all(): OwnQueue[] {
    return [...this.#queues.values()]
  }

  get(id: string): OwnQueue | undefined {
    return this.#queues.get(id)
  }

  ofNode(peer: string): OwnQueue[] {
    return this.all().filter(({ node }) => node.peer === peer)
  }

  /** By the name the node calls it. */
  named(recipient: string): OwnQueue | undefined {
    return this.all().find(({ made }) => made && toHex(made.recipient) === recipient)
  }

  draw(step: Step, contact: AccountKey, node: MailboxNode): void {
    const { suite, random, clock } = this.#context
    this.put(step, drawQueue(suite, random, contact, node, clock.now()))
  }

  put(step: Step, queue: OwnQueue): OwnQueue {
    this.#queues.set(queue.id, queue)
    step.changes.push({ put: 'queue', row: encodeOwnQueue(this.#context.suite, queue) })
    return queue
  }

  /** What is not stored of it has changed. */
  hold(queue: OwnQueue): void {
    this.#queues.set(queue.id, queue)
  }

  /** Another is to take its place. Until the contact uses that, what it leaves here is taken. */
  replace(step: Step, queue: OwnQueue): void {
    const former = this.#former(queue.contact).filter(({ node }) => node.peer === queue.node.peer)
    if (former.length >= MAX_FORMER) this.move(step, former.at(-1) as OwnQueue, 'doomed')
    this.move(step, queue, 'former')
  }

  /** The contact uses one that it was told of since. */
  endFormer(step: Step, contact: AccountKey): boolean {
    const former = this.#former(contact)
    for (const queue of former) this.move(step, queue, 'leaving')
    return former.length > 0
  }

  /** Oldest first. */
  #former(contact: AccountKey): OwnQueue[] {
    return this.all().filter((queue) => queue.contact === contact && queue.phase === 'former').toSorted((a, b) => a.since - b.since)
  }

  move(step: Step, queue: OwnQueue, phase: QueuePhase): void {
    this.put(step, { ...queue, phase, since: this.#context.clock.now() })
  }

  remove(step: Step, id: string): void {
    this.#queues.delete(id)
    step.changes.push({ remove: 'queue', id })
  }
}
