/** The order of the inbox: people and channels together, the newest word first. */
import type { ChannelView } from '../../../messenger/channels/views.ts'
import type { ContactView } from '../../../messenger/views.ts'

export type Line =
  | { readonly kind: 'person'; readonly key: string; readonly at: number; readonly contact: ContactView }
  | { readonly kind: 'channel'; readonly key: string; readonly at: number; readonly channel: ChannelView }

/** What has said nothing yet stands below, by name. */
export function sorted(contacts: readonly ContactView[], channels: readonly ChannelView[]): Line[] {
  const lines: Line[] = [
    ...contacts.map((contact) => ({ kind: 'person' as const, key: contact.account, at: contact.last?.at ?? 0, contact })),
    ...channels.map((channel) => ({ kind: 'channel' as const, key: channel.id, at: channel.last?.at ?? 0, channel })),
  ]
  return lines.sort((a, b) => b.at - a.at || nameOf(a).localeCompare(nameOf(b)))
}

const nameOf = (line: Line): string => (line.kind === 'person' ? line.contact.name : line.channel.name)
