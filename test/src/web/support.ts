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
