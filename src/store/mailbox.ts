/** Queues of ours and of others, and what is in the latter. */
import type { AnnouncementRow, HandedRow, QueuePhase, QueueRow, SenderRow } from '../messenger/mailboxes/ports.ts'
import type { DeviceKey, MessageId } from '../messenger/ports.ts'
import type { Connection } from './database.ts'
import { blob, findable, hex, maybe, orNull, plainBytes } from './values.ts'

interface QueueColumns {
  id: Buffer
  contact: Buffer
  node: Buffer
  addresses: string
  phase: QueuePhase
  since: number
  secrets: Buffer
  view: Buffer | null
}

export class Mailbox {
  readonly #queues
  readonly #putQueue
  readonly #removeQueue
  readonly #announcements
  readonly #putAnnouncement
  readonly #senders
  readonly #putSender
  readonly #removeSender
  readonly #handed
  readonly #putHanded
  readonly #removeHanded
  readonly #emptied

  constructor(db: Connection) {
    this.#queues = db.prepare<[], QueueColumns>('SELECT * FROM queue ORDER BY place')
    this.#putQueue = db.prepare(`
      INSERT INTO queue (id, contact, node, addresses, phase, since, secrets, view) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET contact = excluded.contact, node = excluded.node, addresses = excluded.addresses,
        phase = excluded.phase, since = excluded.since, secrets = excluded.secrets, view = excluded.view`)
    this.#removeQueue = db.prepare('DELETE FROM queue WHERE id = ?')
    this.#announcements = db.prepare<[], { device: Buffer; bytes: Buffer }>('SELECT device, bytes FROM announcement ORDER BY place')
    this.#putAnnouncement = db.prepare('INSERT INTO announcement (device, bytes) VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET bytes = excluded.bytes')
    this.#senders = db.prepare<[], { queue: Buffer; device: Buffer; state: Buffer }>('SELECT queue, device, state FROM sender ORDER BY place')
    this.#putSender = db.prepare(`
      INSERT INTO sender (queue, device, state) VALUES (?, ?, ?)
      ON CONFLICT (queue) DO UPDATE SET device = excluded.device, state = excluded.state`)
    this.#removeSender = db.prepare('DELETE FROM sender WHERE queue = ?')
    this.#handed = db.prepare<[Buffer], { id: Buffer; queue: Buffer; at: number }>('SELECT id, queue, at FROM handed WHERE device = ? ORDER BY id, queue')
    this.#putHanded = db.prepare(`
      INSERT INTO handed (device, id, queue, at) VALUES (?, ?, ?, ?) ON CONFLICT (device, id, queue) DO UPDATE SET at = excluded.at`)
    this.#removeHanded = db.prepare('DELETE FROM handed WHERE device = ? AND id = ?')
    this.#emptied = db.prepare('DELETE FROM handed WHERE queue = ?')
  }

  queues(): QueueRow[] {
    return this.#queues.all().map(({ id, contact, node, addresses, phase, since, secrets, view }) => ({
      id: hex(id),
      contact: hex(contact),
      node: hex(node),
      addresses: JSON.parse(addresses) as string[],
      phase,
      since,
      secrets: plainBytes(secrets),
      view: maybe(view, plainBytes),
    }))
  }

  putQueue({ id, contact, node, addresses, phase, since, secrets, view }: QueueRow): void {
    this.#putQueue.run(blob(id), blob(contact), blob(node), JSON.stringify(addresses), phase, since, secrets, orNull(view))
  }

  removeQueue(id: string): void {
    this.#removeQueue.run(blob(id))
  }

  announcements(): AnnouncementRow[] {
    return this.#announcements.all().map(({ device, bytes }) => ({ device: hex(device), bytes: plainBytes(bytes) }))
  }

  putAnnouncement({ device, bytes }: AnnouncementRow): void {
    this.#putAnnouncement.run(blob(device), bytes)
  }

  senders(): SenderRow[] {
    return this.#senders.all().map(({ queue, device, state }) => ({ queue: hex(queue), device: hex(device), state: plainBytes(state) }))
  }

  putSender({ queue, device, state }: SenderRow): void {
    this.#putSender.run(blob(queue), blob(device), state)
  }

  removeSender(queue: string): void {
    this.#removeSender.run(blob(queue))
    this.#emptied.run(blob(queue))
  }

  handed(device: DeviceKey): HandedRow[] {
    const key = findable(device)
    return key === undefined ? [] : this.#handed.all(key).map(({ id, queue, at }) => ({ id: hex(id), device, queue: hex(queue), at }))
  }

  putHanded({ id, device, queue, at }: HandedRow): void {
    this.#putHanded.run(blob(device), blob(id), blob(queue), at)
  }

  removeHanded(id: MessageId, device: DeviceKey): void {
    this.#removeHanded.run(blob(device), blob(id))
  }
}
