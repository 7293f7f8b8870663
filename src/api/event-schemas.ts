/** Shapes of events, and of the inbox that they change. See schemas.ts. */
import type { EventView } from '../messenger/views.ts'
import { channel, invitation, post } from './channel-schemas.ts'
import { contact, message, object, request, type Schema } from './schemas.ts'

const text = { type: 'string' } as const
const number = { type: 'number' } as const
const flag = { type: 'boolean' } as const

export const inboxRow = object({ kind: text, 'contact?': contact, 'channel?': channel })

const happened = (fields: Readonly<Record<string, Schema>>): Schema => object({ id: number, at: number, type: text, ...fields })

/** The data of an event, by its type. */
export const events: Readonly<Record<EventView['type'], Schema>> = {
  message: happened({ message }),
  changed: happened({ message }),
  removed: happened({ message: text, contact: text }),
  request: happened({ request }),
  contact: happened({ contact }),
  typing: happened({ contact: text, name: text, active: flag }),
  online: happened({ contact: text, name: text, online: flag }),
  post: happened({ post }),
  channel: happened({ channel }),
  digest: happened({ channel: text, name: text, posts: number }),
  invitation: happened({ invitation }),
  warning: happened({ code: text, text }),
}
