/**
 * What whoever asks may do. The person's own programs and pages may do everything; a token may do what its scopes name, and never what touches the
 * keys, the whole of the data or the node itself. A request that no door vouched for may do nothing.
 */
import type { IncomingMessage } from 'node:http'
import type { EventView } from '../messenger/views.ts'

export const SCOPES = ['read:messages', 'write:messages', 'read:channels', 'write:channels', 'pair', 'share'] as const
export type Scope = (typeof SCOPES)[number]

/** What a route asks for: a scope; any token; or the person. */
export type Needed = Scope | 'any' | 'person'
export type Rights = 'person' | ReadonlySet<Scope>

const vouched = new WeakMap<IncomingMessage, Rights>()

/** Called by the door a request came through. */
export const vouch = (request: IncomingMessage, rights: Rights): void => void vouched.set(request, rights)

export const rightsOf = (request: IncomingMessage): Rights => vouched.get(request) ?? new Set()

export function allows(rights: Rights, needed: Needed): boolean {
  if (rights === 'person') return true
  if (needed === 'any') return rights.size > 0
  return needed !== 'person' && rights.has(needed)
}

/** Who may hear of what happened. */
export const HEARD_BY: Readonly<Record<EventView['type'], Needed>> = {
  message: 'read:messages',
  changed: 'read:messages',
  removed: 'read:messages',
  contact: 'read:messages',
  typing: 'read:messages',
  online: 'read:messages',
  request: 'pair',
  post: 'read:channels',
  channel: 'read:channels',
  digest: 'read:channels',
  invitation: 'write:channels',
  warning: 'person',
}
