/** The mailbox tables of the in-memory store. */
import type { AnnouncementRow, HandedRow, MailboxChange, MailboxStore, QueueRow, SenderRow } from '../../src/messenger/mailboxes/ports.ts'

export interface MailboxTables {
  queues: Map<string, QueueRow>
  announcements: Map<string, AnnouncementRow>
  senders: Map<string, SenderRow>
  handed: Map<string, HandedRow>
}

export const emptyMailboxTables = (): MailboxTables => ({ queues: new Map(), announcements: new Map(), senders: new Map(), handed: new Map() })

export const copyMailboxTables = (tables: MailboxTables): MailboxTables => ({
  queues: new Map(tables.queues),
  announcements: new Map(tables.announcements),
  senders: new Map(tables.senders),
  handed: new Map(tables.handed),
})

/** A table as it may be written in the open group. */
type Writable = <K extends keyof MailboxTables>(name: K) => MailboxTables[K]

export function applyMailboxChange(writable: Writable, change: MailboxChange): void {
  const removeHanded = (gone: (row: HandedRow) => boolean): void => {
    const handed = writable('handed')
    for (const [key, row] of handed) if (gone(row)) handed.delete(key)
  }
  if ('remove' in change) {
    switch (change.remove) {
      case 'queue': writable('queues').delete(change.id); return
      case 'sender': {
        writable('senders').delete(change.queue)
        return removeHanded((row) => row.queue === change.queue)
      }
      case 'handed': return removeHanded((row) => row.id === change.id && row.device === change.device)
    }
  }
  switch (change.put) {
    case 'queue': writable('queues').set(change.row.id, change.row); return
    case 'announcement': writable('announcements').set(change.row.device, change.row); return
    case 'sender': writable('senders').set(change.row.queue, change.row); return
    case 'handed': writable('handed').set(`${change.row.device}/${change.row.id}/${change.row.queue}`, change.row); return
  }
}

const byItem = (a: HandedRow, b: HandedRow): number => (`${a.id}/${a.queue}` < `${b.id}/${b.queue}` ? -1 : 1)

export const mailboxReads = (alive: () => MailboxTables): MailboxStore => ({
  queues: () => [...alive().queues.values()],
  announcements: () => [...alive().announcements.values()],
  senders: () => [...alive().senders.values()],
  handed: (device) => [...alive().handed.values()].filter((row) => row.device === device).sort(byItem),
})
