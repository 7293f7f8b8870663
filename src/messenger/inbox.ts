/** People and channels as one list: nobody ranks it, the newest word is on top. */
import type { ChannelView } from './channels/views.ts'
import type { ContactView, InboxRow } from './views.ts'

export function inbox(contacts: readonly ContactView[], channels: readonly ChannelView[]): InboxRow[] {
  const rows: InboxRow[] = [
    ...contacts.filter(({ state }) => state === 'accepted').map((contact) => ({ kind: 'person' as const, contact })),
    ...channels.map((channel) => ({ kind: 'channel' as const, channel })),
  ]
  return rows.sort((a, b) => saidAt(b) - saidAt(a))
}

const saidAt = (row: InboxRow): number => (row.kind === 'person' ? row.contact.last?.at : row.channel.last?.at) ?? 0
