/** What a person should hear of a mailbox that does not do what it should. */
import type { Note } from '../../../protocols/mailbox/index.ts'
import type { Contacts } from '../contacts.ts'
import { relayName } from '../ids.ts'
import type { WarningCode } from '../views.ts'
import type { MailboxContext } from './context.ts'
import type { OwnQueue } from './own-queue.ts'
import type { Queues } from './queues.ts'

/** What is missing may be on its way in another queue, or late. */
const LATE_MS = 10 * 60_000
/** The same of the same queue is said this often. */
const AGAIN_AFTER_MS = 6 * 3600_000

export class Troubles {
  readonly #context: MailboxContext
  readonly #contacts: Contacts
  readonly #queues: Queues
  readonly #told = new Map<string, number>()
  readonly #waits = new Map<string, () => void>()

  constructor(context: MailboxContext, parts: { contacts: Contacts; queues: Queues }) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#queues = parts.queues
  }

  stop(): void {
    for (const cancel of this.#waits.values()) cancel()
    this.#waits.clear()
  }

  noted(queue: OwnQueue, notes: readonly Note[]): void {
    for (const note of notes) {
      switch (note.type) {
        case 'gap':
          // Of a former one we may know a state that is older than what was fetched.
          if (queue.phase !== 'former') this.#waitForMissing(queue)
          break
        case 'foreign':
          this.#warn(queue, 'mailbox-faulty', `the mailbox ${nameOf(queue)} handed out something that was never left there for you`)
          break
        case 'expired':
          this.#warn(queue, 'mailbox-expired', `something from ${this.#from(queue)} lay in the mailbox ${nameOf(queue)} for too long and was removed; it comes when they are online`)
          break
        case 'nonsense':
        case 'abandoned':
          this.#context.log.info('something in a mailbox could not be read', { note: note.type })
          break
        case 'late':
        case 'quota':
          break
      }
    }
  }

  /** Somebody else has subscribed to a queue of ours. */
  read(queue: OwnQueue): void {
    const text = `somebody else looked into the mailbox ${nameOf(queue)}, where ${this.#from(queue)} leaves messages for you. They could read nothing. A new one is made; if you do not run this profile twice, a copy of it may be in use`
    this.#warn(queue, 'mailbox-read', text)
  }

  #waitForMissing(queue: OwnQueue): void {
    if (this.#waits.has(queue.id)) return
    const cancel = this.#context.clock.after(LATE_MS, () => {
      this.#waits.delete(queue.id)
      if ((this.#queues.get(queue.id)?.view?.numbers.missing.length ?? 0) === 0) return
      this.#warn(queue, 'mailbox-faulty', `the mailbox ${nameOf(queue)} did not hand out everything ${this.#from(queue)} left there; it is sent again another way`)
    })
    this.#waits.set(queue.id, cancel)
  }

  #warn(queue: OwnQueue, code: WarningCode, text: string): void {
    const key = `${queue.id}/${code}`
    const now = this.#context.clock.now()
    if (now - (this.#told.get(key) ?? -Infinity) < AGAIN_AFTER_MS) return
    this.#told.set(key, now)
    this.#context.events.emit({ type: 'warning', code, text })
  }

  #from(queue: OwnQueue): string {
    return this.#contacts.get(queue.contact)?.name ?? 'a contact'
  }
}

const nameOf = ({ node }: OwnQueue): string => relayName(node.peer)
