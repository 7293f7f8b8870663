/**
 * Receipts for accepted contacts, gathered and sent a little later than they could be: a reply at once would let a sender
 * measure when a device sleeps or moves (attack 67). Nothing here answers a stranger.
 */
import { MAX_RECEIPT_IDS } from '../../protocols/content/index.ts'
import { fromHex } from '../../protocols/suite/index.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Expiry } from './expiry.ts'
import type { Outgoing } from './outgoing.ts'
import type { AccountKey, MessageId, MessageRow } from './ports.ts'

/** A receipt waits between MIN_DELAY_MS and MIN_DELAY_MS + JITTER_MS. */
const MIN_DELAY_MS = 300
const JITTER_MS = 1_200
/** What could not be stored is tried again: the disk may have room by then. */
const RETRY_MS = 60_000
/** Receipts owed from before a restart are looked up this many at a time. */
const OWED_BATCH = 5_000

export class Receipts {
  readonly #context: Context
  readonly #contacts: Contacts
  readonly #outgoing: Outgoing
  readonly #expiry: Expiry
  readonly #owed = new Map<AccountKey, Map<MessageId, MessageRow>>()
  #cancel: (() => void) | undefined
  #running = false

  constructor(context: Context, contacts: Contacts, outgoing: Outgoing, expiry: Expiry) {
    this.#context = context
    this.#contacts = contacts
    this.#outgoing = outgoing
    this.#expiry = expiry
  }

  start(): void {
    this.#running = true
    for (const row of this.#context.store.owedReceipts(OWED_BATCH)) this.owe(row)
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
    this.#cancel = undefined
  }

  owe(row: MessageRow): void {
    const rows = this.#owed.get(row.contact) ?? new Map<MessageId, MessageRow>()
    this.#owed.set(row.contact, rows.set(row.id, row))
    if (this.#cancel || !this.#running) return
    this.#flushIn(MIN_DELAY_MS + (JITTER_MS * (this.#context.random(1)[0] as number)) / 256)
  }

  #flushIn(ms: number): void {
    this.#cancel = this.#context.clock.after(ms, () => {
      this.#cancel = undefined
      const owed = [...this.#owed]
      this.#flush().catch(() => this.#oweAgain(owed))
    })
  }

  #oweAgain(owed: readonly (readonly [AccountKey, ReadonlyMap<MessageId, MessageRow>])[]): void {
    this.#context.log.warn('receipts were not stored; they are tried again later')
    for (const [contact, rows] of owed) this.#owed.set(contact, new Map([...(this.#owed.get(contact) ?? []), ...rows]))
    if (!this.#cancel && this.#running) this.#flushIn(RETRY_MS)
  }

  /**
   * A new session began, and the contact may have given up, or forgotten, the one in which we said what we have before it fetched that from a mailbox.
   * Nothing else brings it back: a message that came directly is not sent again. The latest, whatever our clock said when they came.
   */
  sayAgain(step: Step, contact: AccountKey): void {
    const told = this.#context.store.history(contact, { limit: MAX_RECEIPT_IDS }).filter(({ direction, receipt }) => direction === 'in' && receipt === 'delivered')
    if (told.length > 0) this.#outgoing.say(step, contact, { kind: 'receipt', receipt: 'delivered', ids: told.map(({ id }) => fromHex(id)) })
  }

  /** The person saw these: the countdown of disappearing ones begins, and the author learns it if that is wished. */
  async read(contact: AccountKey, upTo: MessageId | undefined, tell: boolean): Promise<void> {
    const { store, clock } = this.#context
    const now = clock.now()
    const rows = store.unreadMessages(contact, upTo)
    if (rows.length === 0) return
    const step = newStep()
    for (const row of rows) {
      step.changes.push({
        put: 'message',
        row: { ...row, readAt: now, receipt: tell ? 'read' : row.receipt, expiresAt: row.expireAfter > 0 ? now + row.expireAfter * 1000 : row.expiresAt },
      })
    }
    if (tell && this.#contacts.get(contact)?.state === 'accepted') {
      for (let i = 0; i < rows.length; i += MAX_RECEIPT_IDS) {
        const ids = rows.slice(i, i + MAX_RECEIPT_IDS).map((row) => fromHex(row.id))
        this.#outgoing.say(step, contact, { kind: 'receipt', receipt: 'read', ids })
      }
      for (const row of rows) this.#owed.get(contact)?.delete(row.id)
    }
    if (rows.some((row) => row.expireAfter > 0)) step.afterwards.push(() => this.#expiry.schedule())
    await commit(this.#context, step)
  }

  async #flush(): Promise<void> {
    const step = newStep()
    const { store } = this.#context
    for (const [contact, rows] of this.#owed) {
      if (this.#contacts.get(contact)?.state !== 'accepted') continue
      // The row may have been read, edited or deleted while its receipt waited.
      const current = [...rows.keys()].map((id) => store.message(id)).filter((row) => row?.receipt === 'none')
      for (let i = 0; i < current.length; i += MAX_RECEIPT_IDS) {
        const batch = current.slice(i, i + MAX_RECEIPT_IDS).filter((row) => row !== undefined)
        this.#outgoing.say(step, contact, { kind: 'receipt', receipt: 'delivered', ids: batch.map((row) => fromHex(row.id)) })
        for (const row of batch) step.changes.push({ put: 'message', row: { ...row, receipt: 'delivered' } })
      }
    }
    this.#owed.clear()
    if (step.changes.length > 0) await commit(this.#context, step)
  }
}
