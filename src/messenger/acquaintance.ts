/** How somebody becomes a contact, whichever side began: the steps both sides of a pairing share. */
import type { Content } from '../../protocols/content/index.ts'
import type { Context, Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Notices } from './notices.ts'
import type { Outbox } from './outbox.ts'
import type { Outgoing, Saying } from './outgoing.ts'
import type { AccountKey, ContactRow, DeviceKey } from './ports.ts'
import type { Views } from './present.ts'
import type { Self } from './self.ts'

export type PairingContent = Extract<Content, { kind: 'pairing' }>

export class Acquaintance {
  readonly #context: Context
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #outgoing: Outgoing
  readonly #outbox: Pick<Outbox, 'met'>
  readonly #notices: Notices
  readonly #views: Views

  constructor(context: Context, parts: { self: Self; contacts: Contacts; outgoing: Outgoing; outbox: Pick<Outbox, 'met'>; notices: Notices; views: Views }) {
    this.#context = context
    this.#self = parts.self
    this.#contacts = parts.contacts
    this.#outgoing = parts.outgoing
    this.#outbox = parts.outbox
    this.#notices = parts.notices
    this.#views = parts.views
  }

  /** What the other side said about the pairing, inside the encryption. */
  said(step: Step, contact: ContactRow, device: DeviceKey, content: PairingContent): void {
    if (content.addresses.length > 0) step.changes.push(this.#contacts.withAddresses(contact.account, device, content.addresses))
    if (contact.state !== 'asked') return
    if (content.step === 'refused') return this.update(step, contact.account, { state: 'refused' })
    const named = content.name !== undefined && contact.profileName !== content.name
    if (named) this.update(step, contact.account, { profileName: content.name, name: this.#contacts.freeName(content.name, contact.account) })
    if (content.step !== 'accepted') return
    this.accepted(step, contact.account, content.picture ? { picture: content.picture } : {})
    if (this.#self.picture) this.#outgoing.say(step, contact.account, { kind: 'profile', name: this.#self.name, picture: this.#self.picture })
  }

  /** Both said yes; open questions about them are answered with it. */
  accepted(step: Step, account: AccountKey, changed: Partial<ContactRow>): void {
    for (const request of this.#context.store.requests()) {
      if (request.account === account && request.kind === 'pairing') step.changes.push({ remove: 'request', id: request.id })
    }
    this.update(step, account, { ...changed, state: 'accepted' })
    this.#notices.add(step, account, changed.verified ? 'verified' : 'paired')
    step.afterwards.push(() => {
      for (const device of this.#contacts.devices(account)) this.#outbox.met(device)
    })
  }

  /** We say yes to who asked us; it is on its way before anything else that we say to them. */
  yes(step: Step, account: AccountKey, changed: Partial<ContactRow>): void {
    this.accepted(step, account, changed)
    this.#outgoing.say(step, account, this.introduction('accepted'))
  }

  /** Changes a contact and tells the doors. */
  update(step: Step, account: AccountKey, changed: Partial<ContactRow>): void {
    step.changes.push(this.#contacts.update(account, changed))
    step.afterwards.push(() => {
      const row = this.#contacts.get(account)
      if (row) this.#context.events.emit({ type: 'contact', contact: this.#views.contact(row) })
    })
  }

  /** What we say of ourselves at a step of the pairing. */
  introduction(step: 'hello' | 'pending' | 'accepted'): Extract<Saying, { kind: 'pairing' }> {
    const picture = step === 'accepted' ? this.#self.picture : undefined
    const addresses = [...this.#context.courier.addresses()]
    return { kind: 'pairing', step, name: this.#self.name, addresses, ...(picture && { picture }) }
  }
}
