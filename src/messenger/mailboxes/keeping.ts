/** Which queues there should be: one for every contact at each node we use. What is not to be any more is emptied or removed. */
import { RETENTION } from '../../../protocols/mailbox/index.ts'
import { commit, newStep, type Step } from '../context.ts'
import type { Contacts } from '../contacts.ts'
import type { AccountKey } from '../ports.ts'
import type { Announcing } from './announcing.ts'
import type { MailboxContext } from './context.ts'
import type { OwnQueue } from './own-queue.ts'
import type { MailboxNode } from './ports.ts'
import type { Queues } from './queues.ts'

/** Contacts hear so often where they may leave things: one who lost it to a damaged disk, and never meets us, could not even ask. */
const TELL_AGAIN_MS = 7 * 24 * 3600_000
const TOLD = 'mailboxesTold'
/** Who was not heard of for so long has the newer one by now, or does not come back. */
const FORMER_MS = 180 * 24 * 3600_000

export class Keeping {
  readonly #context: MailboxContext
  readonly #contacts: Contacts
  readonly #queues: Queues
  readonly #announcing: Announcing
  readonly #nodes: () => readonly MailboxNode[]

  constructor(context: MailboxContext, parts: { contacts: Contacts; queues: Queues; announcing: Announcing; nodes: () => readonly MailboxNode[] }) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#queues = parts.queues
    this.#announcing = parts.announcing
    this.#nodes = parts.nodes
  }

  /** Brings the rows in line with who our contacts are and what we use; the nodes hear of it from `Fetching`. */
  async sync(): Promise<void> {
    const step = newStep()
    const used = this.#nodes()
    const changed = new Set<AccountKey>()
    for (const queue of this.#queues.all()) this.#judge(step, queue, used, changed)
    const there = new Set(this.#queues.all().flatMap(({ contact, node, phase }) => (phase === 'asked' || phase === 'open' ? [`${contact}/${node.peer}`] : [])))
    for (const { account } of this.#contacts.all()) {
      if (!this.#contacts.isWanted(account)) continue
      for (const node of used) if (!there.has(`${account}/${node.peer}`)) this.#queues.draw(step, account, node)
    }
    if (this.#isTimeToTell(step)) for (const { contact, phase } of this.#queues.all()) if (phase === 'open') changed.add(contact)
    for (const contact of changed) this.#announcing.announce(step, contact)
    if (step.changes.length > 0) await commit(this.#context, step)
  }

  #isTimeToTell(step: Step): boolean {
    const now = this.#context.clock.now()
    const since = now - Number(this.#context.store.setting(TOLD) ?? 0)
    if (since >= 0 && since < TELL_AGAIN_MS) return false
    step.changes.push({ put: 'setting', key: TOLD, value: String(now) })
    return true
  }

  /** The store is older than what was done with it: somebody else may have the keys, and no session opens what lies there. */
  async renewAfterRollback(): Promise<void> {
    if (!this.#context.store.rolledBack) return
    const step = newStep()
    for (const queue of this.#queues.all()) {
      if (queue.phase === 'open' && queue.view?.kind === 'conversation') this.#queues.replace(step, queue)
      else if (queue.phase !== 'former') this.#end(step, queue)
    }
    await commit(this.#context, step)
  }

  #judge(step: Step, queue: OwnQueue, used: readonly MailboxNode[], changed: Set<AccountKey>): void {
    const node = used.find(({ peer }) => peer === queue.node.peer)
    if (queue.view?.kind === 'request') return this.#isOpen(queue) ? undefined : this.#end(step, queue)
    const state = this.#contacts.get(queue.contact)?.state
    if (state !== 'accepted' && state !== 'asked' && state !== 'asking') return this.#end(step, queue)
    const ending = queue.phase === 'leaving' || queue.phase === 'doomed'
    if (ending) {
      if (this.#context.clock.now() - queue.since >= RETENTION) this.#queues.remove(step, queue.id)
      return
    }
    if (queue.phase === 'former' && this.#context.clock.now() - queue.since >= FORMER_MS) return this.#end(step, queue)
    if (!node) {
      if (queue.phase === 'asked') return this.#queues.remove(step, queue.id)
      this.#queues.move(step, queue, 'leaving')
      changed.add(queue.contact)
    } else if (node.addresses.join() !== queue.node.addresses.join()) {
      this.#queues.put(step, { ...queue, node })
      if (queue.phase === 'open') changed.add(queue.contact)
    }
  }

  /** The invite it is for can still be answered, or be tried a second time. */
  #isOpen({ contact, phase }: OwnQueue): boolean {
    return phase === 'open' && this.#context.store.invites().some(({ id, role, expires }) => id === contact && role === 'inviter' && expires > this.#context.clock.now())
  }

  #end(step: Step, queue: OwnQueue): void {
    // One that was only asked for has no name we could remove it by; the node gives it up after half a year.
    if (queue.phase === 'asked') this.#queues.remove(step, queue.id)
    else if (queue.phase !== 'doomed') this.#queues.move(step, queue, 'doomed')
    else if (this.#context.clock.now() - queue.since >= RETENTION) this.#queues.remove(step, queue.id)
  }
}
