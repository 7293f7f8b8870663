/** Who can be reached, and how we can be reached: addresses told inside the encryption, online marks, typing. */
import { encodeContent } from '../../protocols/content/index.ts'
import { commit, type Context, newStep } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Outbox } from './outbox.ts'
import type { Outgoing } from './outgoing.ts'
import type { DeviceKey } from './ports.ts'
import type { Sessions } from './sessions.ts'

/** The addresses contacts were last told, so that a restart on the same ones says nothing. */
const ANNOUNCED = 'announcedAddresses'

export class Presence {
  readonly #context: Context
  readonly #contacts: Contacts
  readonly #sessions: Sessions
  readonly #outbox: Outbox
  readonly #outgoing: Outgoing

  constructor(context: Context, parts: { contacts: Contacts; sessions: Sessions; outbox: Outbox; outgoing: Outgoing }) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#sessions = parts.sessions
    this.#outbox = parts.outbox
    this.#outgoing = parts.outgoing
  }

  appeared(device: DeviceKey): void {
    this.#outbox.appeared(device)
    this.#tellOnline(device, true)
  }

  vanished(device: DeviceKey): void {
    this.#tellOnline(device, false)
  }

  /** Tells our contacts where we are, when that has changed or when `always`; it waits in the outbox like any message. */
  async announce(always = false): Promise<void> {
    const addresses = [...this.#context.courier.addresses()]
    const now = JSON.stringify(addresses)
    if (addresses.length === 0 || (!always && this.#context.store.setting(ANNOUNCED) === now)) return
    const step = newStep()
    step.changes.push({ put: 'setting', key: ANNOUNCED, value: now })
    for (const { account } of this.#contacts.all()) this.#outbox.supersede(step, account, 'addresses')
    this.#outgoing.sayToAll(step, { kind: 'addresses', addresses })
    await commit(this.#context, step)
  }

  /** Best effort and only to who is here now: a lost one is not worth a second try. */
  async typing(name: string, active: boolean): Promise<void> {
    const contact = this.#contacts.findAccepted(name)
    const { courier, clock, random } = this.#context
    for (const device of this.#contacts.devices(contact.account)) {
      if (!courier.connected(device) || !this.#sessions.has(device)) continue
      const content = encodeContent({ kind: 'typing', id: random(16), at: clock.now(), active })
      const { envelope, change } = this.#sessions.seal(device, content)
      await this.#context.store.commit([change])
      courier.send(device, contact.addresses[device] ?? [], envelope).catch(() => undefined)
    }
  }

  /**
   * The database is older than the profile's last run: every message key in it may have been used. All sessions are given up
   * and set up anew, before anything is sent (attacks 21, 101).
   */
  async renewAfterRollback(): Promise<void> {
    const { store } = this.#context
    if (!store.rolledBack) return
    const step = newStep()
    for (const device of store.sessionDevices()) step.changes.push(...this.#sessions.drop(device))
    // Also what is sealed in a session that was lost: nothing said after it would leave before it arrives.
    for (const device of new Set(store.outbox().map((item) => item.device))) this.#outbox.unseal(step, device)
    // A first message that was opened once must not be opened again (attack 9).
    for (const { id } of store.prekeys()) step.changes.push({ remove: 'prekey', id })
    await commit(this.#context, step)
    this.#context.events.emit({
      type: 'warning',
      code: 'rolled-back',
      text: 'this profile was put back to an older state; conversations are set up anew and messages in between are gone here',
    })
  }

  #tellOnline(device: DeviceKey, online: boolean): void {
    const contact = this.#contacts.ownerOf(device)
    if (contact?.state === 'accepted') {
      this.#context.events.emit({ type: 'online', contact: contact.account, name: contact.name, online })
    }
  }
}
