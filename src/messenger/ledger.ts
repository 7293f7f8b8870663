/** How far a message has come, told honestly: a step is recorded when the evidence for it is here, never earlier. */
import type { Context, Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Expiry } from './expiry.ts'
import { relayName } from './ids.ts'
import type { DeliveryState, DeviceKey, LeftWith, MessageId } from './ports.ts'
import type { Views } from './present.ts'
import type { LedgerLineView } from './views.ts'

/** Mailboxes a line remembers, the latest: two are in use at a time, and moving ends. */
const MAX_MAILBOXES = 4

const ORDER: readonly DeliveryState[] = ['held', 'queued', 'mailbox', 'sent', 'delivered', 'read']
const rank = (state: DeliveryState | undefined): number => (state === undefined ? -1 : ORDER.indexOf(state))

export class Ledger {
  readonly #context: Context
  readonly #contacts: Contacts
  readonly #views: Views
  readonly #expiry: Expiry

  constructor(context: Context, contacts: Contacts, views: Views, expiry: Expiry) {
    this.#context = context
    this.#contacts = contacts
    this.#views = views
    this.#expiry = expiry
  }

  /**
   * A device has got this far with a message of ours. Steps never go back, and a word about a message that did not go to
   * that contact changes nothing (attack 25).
   */
  advance(step: Step, message: MessageId, device: DeviceKey, state: DeliveryState, mailboxes?: readonly LeftWith[]): void {
    const { store, clock } = this.#context
    const row = store.message(message)
    if (row?.direction !== 'out' || this.#contacts.ownerOf(device)?.account !== row.contact) return
    const devices = this.#contacts.devices(row.contact)
    const known = devices.length === 1 ? [] : store.ledger(message)
    const before = devices.length === 1 ? row.delivery : known.find((line) => line.device === device)?.state
    if (rank(state) <= rank(before)) return
    step.changes.push({ put: 'ledger', row: { message, device, state, at: clock.now(), ...(mailboxes && { mailboxes }) } })

    const states = devices.map((other) => (other === device ? state : (known.find((line) => line.device === other)?.state ?? 'queued')))
    const delivery = states.reduce((least, each) => (rank(each) < rank(least) ? each : least))
    if (delivery === row.delivery) return
    const countdown = row.expireAfter > 0 && row.expiresAt === undefined && rank(delivery) >= rank('sent')
    const next = { ...row, delivery, ...(countdown && { expiresAt: clock.now() + row.expireAfter * 1000 }) }
    step.changes.push({ put: 'message', row: next })
    step.afterwards.push(() => this.#context.events.emit({ type: 'changed', message: this.#views.message(next) }))
    if (countdown) step.afterwards.push(() => this.#expiry.schedule())
  }

  /** A relay took all of it, to keep for the device. Stays said when it has arrived: what was true is not unsaid. */
  leftWith(step: Step, message: MessageId, device: DeviceKey, peer: string): void {
    const { store, clock } = this.#context
    const left = { relay: relayName(peer), at: clock.now() }
    const line = store.ledger(message).find((each) => each.device === device)
    const others = line?.mailboxes?.filter(({ relay }) => relay !== left.relay) ?? []
    const mailboxes = [...others, left].slice(-MAX_MAILBOXES)
    if (line && rank(line.state) >= rank('mailbox')) step.changes.push({ put: 'ledger', row: { ...line, mailboxes } })
    else this.advance(step, message, device, 'mailbox', mailboxes)
  }

  /** @param keepers keys of the relays that keep it for a device now, as far as they can be believed */
  lines(message: MessageId, keepers: (device: DeviceKey) => readonly string[]): LedgerLineView[] {
    return this.#context.store.ledger(message).map(({ device, state, at, mailboxes }) => {
      const keeping = new Set(mailboxes && state === 'mailbox' ? keepers(device).map(relayName) : [])
      return {
        device,
        name: this.#contacts.deviceName(device),
        state,
        at,
        ...(mailboxes && { mailboxes: mailboxes.map((left) => ({ ...left, keeps: keeping.has(left.relay) })) }),
      }
    })
  }
}
