/** What we do about a contact: call them something, block them, check that they are who they are. */
import { formatSafetyNumber, safetyNumber } from '../../protocols/identity/index.ts'
import { fromHex } from '../../protocols/suite/index.ts'
import { commit, type Context, newStep } from './context.ts'
import type { Contacts } from './contacts.ts'
import { MessengerError } from './errors.ts'
import type { Notices } from './notices.ts'
import type { Outbox } from './outbox.ts'
import type { ContactRow } from './ports.ts'
import { mutedKey, type Views } from './present.ts'
import { checkedName } from './profile.ts'
import type { Self } from './self.ts'
import type { ContactView, VerifyView } from './views.ts'

export class People {
  readonly #context: Context
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #outbox: Outbox
  readonly #notices: Notices
  readonly #views: Views

  constructor(context: Context, parts: { self: Self; contacts: Contacts; outbox: Outbox; notices: Notices; views: Views }) {
    this.#context = context
    this.#self = parts.self
    this.#contacts = parts.contacts
    this.#outbox = parts.outbox
    this.#notices = parts.notices
    this.#views = parts.views
  }

  async rename(name: string, next: string): Promise<ContactView> {
    const contact = this.#contacts.find(name)
    const wish = checkedName(next)
    if (this.#contacts.freeName(wish, contact.account) !== wish) {
      throw new MessengerError('conflict', `somebody else is called "${wish}"`, 'choose another name')
    }
    return this.#update(contact, { name: wish })
  }

  /**
   * Nothing of theirs gets in any more and nothing waits for them; they are not told. Who is not a contact yet is refused
   * instead: unblocking must never be a way around the yes.
   */
  async block(name: string): Promise<ContactView> {
    const contact = this.#contacts.find(name)
    // Said twice it is no refusal: from that nobody comes back.
    if (contact.state === 'blocked') return this.#views.contact(contact)
    const step = newStep()
    this.#outbox.discard(step, contact.account)
    for (const request of this.#context.store.requests()) {
      if (request.account === contact.account) step.changes.push({ remove: 'request', id: request.id })
    }
    return this.#update(contact, { state: contact.state === 'accepted' ? 'blocked' : 'refused' }, step)
  }

  async unblock(name: string): Promise<ContactView> {
    const contact = this.#contacts.find(name)
    if (contact.state !== 'blocked') throw new MessengerError('bad-input', `${contact.name} is not blocked`)
    return this.#update(contact, { state: 'accepted' })
  }

  async mute(name: string, muted: boolean): Promise<ContactView> {
    const contact = this.#contacts.find(name)
    const step = newStep()
    step.changes.push({ put: 'setting', key: mutedKey(contact.account), value: muted ? 'on' : 'off' })
    await commit(this.#context, step)
    const view = this.#views.contact(contact)
    this.#context.events.emit({ type: 'contact', contact: view })
    return view
  }

  safetyNumber(name: string): VerifyView {
    return this.#view(this.#contacts.find(name))
  }

  async verify(name: string, verified: boolean): Promise<VerifyView> {
    const contact = this.#contacts.findAccepted(name)
    const step = newStep()
    if (verified && !contact.verified) this.#notices.add(step, contact.account, 'verified')
    await this.#update(contact, { verified }, step)
    return this.#view({ ...contact, verified })
  }

  async #update(contact: ContactRow, changed: Partial<ContactRow>, step = newStep()): Promise<ContactView> {
    step.changes.push(this.#contacts.update(contact.account, changed))
    await commit(this.#context, step)
    const view = this.#views.contact({ ...contact, ...changed })
    this.#context.events.emit({ type: 'contact', contact: view })
    return view
  }

  #view(contact: ContactRow): VerifyView {
    const number = safetyNumber(this.#context.suite, this.#self.account, fromHex(contact.account))
    return { name: contact.name, safetyNumber: formatSafetyNumber(number), verified: contact.verified }
  }
}
