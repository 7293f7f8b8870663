/** What waits to be acknowledged, and what each device has said of each message. */
import type { DeviceKey, LedgerRow, LeftWith, MessageId, OutboxRow, StoredOutboxItem } from '../messenger/ports.ts'
import type { Connection } from './database.ts'
import type { Parties } from './parties.ts'
import { bit, blob, findable, hex, maybe, orNull, plainBytes, stateColumns, stateOf } from './values.ts'

interface OutboxColumns {
  seq: number
  id: Buffer
  device: number
  contact: number
  held: number
  queued_at: number
  content: Buffer
  envelope: Buffer | null
}

interface LedgerColumns {
  device: number
  state: Exclude<LedgerRow['state'], 'mailbox'>
  at: number
  with_mailbox: number
  mailboxes: string | null
}

export class Outbox {
  readonly #parties: Parties
  readonly #all
  readonly #ofDevice
  readonly #put
  readonly #remove
  readonly #ledger
  readonly #putLedger
  readonly #removeLedger

  constructor(db: Connection, parties: Parties) {
    this.#parties = parties
    this.#all = db.prepare<[], OutboxColumns>('SELECT * FROM outbox ORDER BY seq')
    this.#ofDevice = db.prepare<[number], OutboxColumns>('SELECT * FROM outbox WHERE device = ? ORDER BY seq')
    this.#put = db.prepare(`
      INSERT INTO outbox (id, device, contact, held, queued_at, content, envelope) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id, device) DO UPDATE SET contact = excluded.contact, held = excluded.held, queued_at = excluded.queued_at,
        content = excluded.content, envelope = excluded.envelope`)
    this.#remove = db.prepare('DELETE FROM outbox WHERE id = ? AND device = ?')
    this.#ledger = db.prepare<[Buffer], LedgerColumns>('SELECT device, state, at, with_mailbox, mailboxes FROM ledger WHERE message = ?')
    this.#putLedger = db.prepare(`
      INSERT INTO ledger (message, device, state, with_mailbox, at, mailboxes) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (message, device) DO UPDATE SET state = excluded.state, with_mailbox = excluded.with_mailbox, at = excluded.at,
        mailboxes = coalesce(excluded.mailboxes, mailboxes)`)
    this.#removeLedger = db.prepare('DELETE FROM ledger WHERE message = ?')
  }

  items(device?: DeviceKey): StoredOutboxItem[] {
    if (device === undefined) return this.#all.all().map((row) => this.#item(row))
    const ref = this.#parties.find(device)
    return ref === undefined ? [] : this.#ofDevice.all(ref).map((row) => this.#item(row))
  }

  /** A row that is replaced keeps its place in the queue. */
  put(row: OutboxRow): void {
    const [device, contact] = [this.#parties.ref(row.device), this.#parties.ref(row.contact)]
    this.#put.run(blob(row.id), device, contact, bit(row.held), row.queuedAt, row.content, orNull(row.envelope))
  }

  remove(id: MessageId, device: DeviceKey): void {
    const ref = this.#parties.find(device)
    if (ref !== undefined) this.#remove.run(blob(id), ref)
  }

  ledger(message: MessageId): LedgerRow[] {
    const id = findable(message)
    if (id === undefined) return []
    const rows = this.#ledger.all(id).map(({ device, state, at, with_mailbox, mailboxes }): LedgerRow => {
      const line = { message, device: this.#parties.key(device), state: stateOf(state, with_mailbox), at }
      return mailboxes === null ? line : { ...line, mailboxes: JSON.parse(mailboxes) as LeftWith[] }
    })
    return rows.sort((a, b) => (a.device < b.device ? -1 : 1))
  }

  putLedger(row: LedgerRow): void {
    const mailboxes = row.mailboxes === undefined ? null : JSON.stringify(row.mailboxes)
    this.#putLedger.run(blob(row.message), this.#parties.ref(row.device), ...stateColumns(row.state), row.at, mailboxes)
  }

  removeLedger(message: MessageId): void {
    this.#removeLedger.run(blob(message))
  }

  #item(row: OutboxColumns): StoredOutboxItem {
    return {
      seq: row.seq,
      id: hex(row.id),
      device: this.#parties.key(row.device),
      contact: this.#parties.key(row.contact),
      content: plainBytes(row.content),
      envelope: maybe(row.envelope, plainBytes),
      held: row.held === 1,
      queuedAt: row.queued_at,
    }
  }
}
