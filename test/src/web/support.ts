import type { PostView } from '../../../src/messenger/channels/views.ts'
import type { MessageView } from '../../../src/messenger/views.ts'

export const messageOf = (changed: Partial<MessageView> = {}): MessageView => ({
  id: '0'.repeat(32),
  contact: 'a'.repeat(64),
  name: 'Bob',
  direction: 'in',
  kind: 'text',
  text: 'hello',
  at: 0,
  replyTo: undefined,
  editedAt: undefined,
  deleted: false,
  reactions: [],
  expiresAt: undefined,
  delivery: undefined,
  ...changed,
})

export const postOf = (changed: Partial<PostView> = {}): PostView => ({
  id: '1f'.repeat(32),
  channel: 'a'.repeat(52),
  channelName: 'Seoul Bakery',
  author: 'Seoul Bakery',
  log: '2e'.repeat(32),
  seq: 0,
  at: 0,
  kind: 'post',
  title: undefined,
  text: 'bread',
  links: [],
  media: [],
  event: undefined,
  offer: undefined,
  editedAt: undefined,
  withdrawn: undefined,
  unread: false,
  ...changed,
})
