/**
 * Tells a contact's device which of the envelopes it left in a mailbox we have. Gathered and a little late, as receipts are. Lost ones cost
 * nothing: the envelope is left again, and told of again.
 */
import { encodeContent, MAX_RECEIPT_IDS } from '../../../protocols/content/index.ts'
import { messageId } from '../../../protocols/mailbox/index.ts'
import { fromHex, type Suite, toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import type { Contacts } from '../contacts.ts'
import { newId } from '../ids.ts'
import type { Outbox } from '../outbox.ts'
import type { DeviceKey } from '../ports.ts'
import type { MailboxContext } from './context.ts'

const MIN_DELAY_MS = 300
const JITTER_MS = 1_200
/** A node that hands out the same envelope again and again makes us say so this often. */
const AGAIN_AFTER_MS = 10 * 60_000
/** Envelopes remembered for that. */
const MAX_TOLD = 1_024

/** The id of an envelope in a `taken`. */
export const envelopeId = (suite: Suite, envelope: Uint8Array): string => toHex(messageId(suite, envelope).hash.slice(0, 16))

export class Taking {
  readonly #context: MailboxContext
  readonly #contacts: Contacts
  readonly #outbox: Outbox
  readonly #owed = new Map<DeviceKey, Set<string>>()
  readonly #told = new Map<string, number>()
  #cancel: (() => void) | undefined

  constructor(context: MailboxContext, parts: { contacts: Contacts; outbox: Outbox }) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#outbox = parts.outbox
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  owe(device: DeviceKey, id: string): void {
    const { clock, random } = this.#context
    const now = clock.now()
    const since = now - (this.#told.get(id) ?? -Infinity)
    if (since >= 0 && since < AGAIN_AFTER_MS) return
    this.#told.delete(id)
    this.#told.set(id, now)
    if (this.#told.size > MAX_TOLD) this.#told.delete(this.#told.keys().next().value as string)
    const ids = this.#owed.get(device) ?? new Set()
    this.#owed.set(device, ids.add(id))
    this.#cancel ??= clock.after(MIN_DELAY_MS + (JITTER_MS * (random(1)[0] as number)) / 256, () => {
      this.#cancel = undefined
      this.#flush().catch(() => this.#context.log.warn('what was taken from mailboxes was not told; it will be left again'))
    })
  }

  async #flush(): Promise<void> {
    const step = newStep()
    for (const [device, owed] of this.#owed) {
      const contact = this.#contacts.ownerOf(device)
      if (contact?.state !== 'accepted') continue
      const ids = [...owed].map(fromHex)
      for (let i = 0; i < ids.length; i += MAX_RECEIPT_IDS) {
        const id = newId(this.#context)
        const content = encodeContent({ kind: 'taken', id: fromHex(id), at: this.#context.clock.now(), ids: ids.slice(i, i + MAX_RECEIPT_IDS) })
        this.#outbox.queueFor(step, contact.account, device, id, content)
      }
    }
    this.#owed.clear()
    if (step.changes.length > 0) await commit(this.#context, step)
  }
}
