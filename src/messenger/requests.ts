/** What only the person can answer: who may become a contact, and whether what waits goes to a changed device. */
import { commit, type Context, newStep } from './context.ts'
import type { Acquaintance } from './acquaintance.ts'
import type { Contacts } from './contacts.ts'
import { MessengerError } from './errors.ts'
import type { Outbox } from './outbox.ts'
import type { Outgoing } from './outgoing.ts'
import type { AccountKey, ContactRow, RequestRow } from './ports.ts'
import type { Views } from './present.ts'
import type { ContactView } from './views.ts'

export class Requests {
  readonly #context: Context
  readonly #contacts: Contacts
  readonly #outbox: Outbox
  readonly #outgoing: Outgoing
  readonly #acquaintance: Acquaintance
  readonly #views: Views

  constructor(context: Context, parts: { contacts: Contacts; outbox: Outbox; outgoing: Outgoing; acquaintance: Acquaintance; views: Views }) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#outbox = parts.outbox
    this.#outgoing = parts.outgoing
    this.#acquaintance = parts.acquaintance
    this.#views = parts.views
  }

  async accept(id: string): Promise<ContactView> {
    const request = this.#openRequest(id)
    const step = newStep()
    step.changes.push({ remove: 'request', id: request.id })
    if (request.kind === 'new-device') this.#outbox.release(step, request.account)
    else this.#acquaintance.yes(step, request.account, {})
    await commit(this.#context, step)
    return this.#views.contact(this.#contact(request.account))
  }

  async refuse(id: string): Promise<void> {
    const request = this.#openRequest(id)
    const step = newStep()
    step.changes.push({ remove: 'request', id: request.id })
    if (request.kind === 'new-device') this.#outbox.discard(step, request.account, 'held')
    else {
      this.#outgoing.say(step, request.account, { kind: 'pairing', step: 'refused', addresses: [] })
      this.#acquaintance.update(step, request.account, { state: 'refused' })
    }
    await commit(this.#context, step)
  }

  #openRequest(id: string): RequestRow {
    const row = this.#context.store.requests().find((request) => request.id === id.trim().toLowerCase())
    if (!row) throw new MessengerError('not-found', `there is no request "${id}"`, 'dure requests lists them')
    return row
  }

  #contact(account: AccountKey): ContactRow {
    const row = this.#contacts.get(account)
    if (!row) throw new MessengerError('not-found', 'this contact is gone')
    return row
  }
}
