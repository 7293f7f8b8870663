/**
 * The recipient's side of the queues of one contact: (inbox, view, delivery, now) -> what to store, and what may be acknowledged once it is
 * stored. An acknowledgement deletes at the node, so it never goes before that.
 */
import { type Random, type Suite, toHex } from '../suite/index.ts'
import { openBlock } from './block.ts'
import { MailboxError } from './errors.ts'
import type { Command, Reply } from './frames.ts'
import type { Delivered } from './item.ts'
import type { QueueKeys } from './keys.ts'
import { MAX_ACKNOWLEDGED, MAX_TAGS, TAG } from './limits.ts'
import { count, NONE, type Numbers, type Run } from './numbers.ts'
import { type Handle, join, type Partial } from './reassembly.ts'
import { hasSeen, remember, type Seen } from './seen.ts'

/** Shared by all queues of a contact; `seen` is stored, `partials` are not. */
export interface Inbox {
  readonly seen: Seen
  readonly partials: readonly Partial[]
}

export const EMPTY_INBOX: Inbox = { seen: [], partials: [] }

/** What is known of one queue; all but `phase` is stored. */
export interface View {
  /** recipient id, in hex */
  readonly queue: string
  readonly kind: 'conversation' | 'request'
  readonly phase: 'idle' | 'asked' | 'subscribed' | 'evicted'
  /** tags of our subscriptions, the newest last */
  readonly tags: readonly Uint8Array[]
  /** what its sender's numbers tell */
  readonly numbers: Numbers
  /** blocks known to have expired */
  readonly expired: number
}

export const newView = (recipient: Uint8Array, kind: View['kind']): View => ({ queue: toHex(recipient), kind, phase: 'idle', tags: [], numbers: NONE, expired: 0 })

/** Store the view before the command leaves: a tag that is forgotten looks like a stranger's later. */
export function subscribe(view: View, random: Random, recipient: Uint8Array): { view: View; command: Extract<Command, { type: 'subscribe' }> } {
  const tag = random(TAG)
  return { view: { ...view, phase: 'asked', tags: [...view.tags, tag].slice(-MAX_TAGS) }, command: { type: 'subscribe', id: recipient, tag } }
}

/** `stranger`: somebody else has subscribed since we last did. They have the key of this queue: show it, and leave the queue (attack 63). */
export function subscribed(suite: Suite, view: View, reply: Extract<Reply, { type: 'subscribed' }>): { view: View; stranger: boolean } {
  const own = view.tags.some((tag) => suite.equal(tag, reply.previous))
  return { view: { ...view, phase: 'subscribed' }, stranger: !own && reply.previous.some((byte) => byte !== 0) }
}

/**
 * Another subscription has taken our place. It may be our own of a newer stream; if there is none, somebody has the key (attack 63). Never
 * subscribe again without a pause, or two clients evict each other for ever.
 */
export const evicted = (view: View): View => ({ ...view, phase: 'evicted' })

/** The stream has ended. */
export const parted = (view: View): View => ({ ...view, phase: 'idle' })

/** What is worth telling, beside messages. */
export type Note =
  /** blocks with these numbers are missing before this one: dropped, late, or read by somebody else */
  | { readonly type: 'gap'; readonly gap: Run }
  /** a block that was missing is here */
  | { readonly type: 'late'; readonly number: number }
  /** the sender could not hand in more; tell them, in the conversation, that there is room */
  | { readonly type: 'quota' }
  /** so many more blocks waited too long */
  | { readonly type: 'expired'; readonly blocks: number }
  /** not sealed for this queue: the node changed or swapped it */
  | { readonly type: 'foreign' }
  /** sealed for this queue, and nonsense: its sender is at fault */
  | { readonly type: 'nonsense' }
  /** parts of so many messages were given up */
  | { readonly type: 'abandoned'; readonly messages: number }

export interface Taken {
  readonly inbox: Inbox
  readonly view: View
  /** whole and new. Judge it as if it came by a direct stream */
  readonly message: Uint8Array | undefined
  /** may be acknowledged once inbox, view and what was made of the message are stored, and not before (attack 64) */
  readonly settled: readonly Handle[]
  readonly notes: readonly Note[]
}

export function receive(suite: Suite, keys: QueueKeys, inbox: Inbox, view: View, delivered: Delivered, now: number): Taken {
  const handle: Handle = { queue: view.queue, seq: delivered.seq }
  const settled = (notes: Note[], next: View = view): Taken => ({ inbox, view: next, message: undefined, settled: [handle], notes })
  if (delivered.kind === 'quota') return settled([{ type: 'quota' }])
  if (delivered.kind === 'expired') {
    const blocks = delivered.total - view.expired
    return blocks > 0 ? settled([{ type: 'expired', blocks }], { ...view, expired: delivered.total }) : settled([])
  }
  const inside = opened(suite, keys, delivered.body)
  if (inside === 'foreign' || inside === 'nonsense') return settled([{ type: inside }])
  if (inside.what === 'notice') return settled([{ type: 'nonsense' }])
  const { view: counted, notes } = counting(view, inside.number)
  if (inside.what === 'nothing' || hasSeen(inbox.seen, inside.hash)) return settled(notes, counted)
  const { partials, message, handles, corrupt, abandoned } = join(suite, inbox.partials, inside, { handle, at: delivered.at }, now)
  if (corrupt) notes.push({ type: 'nonsense' })
  if (abandoned > 0) notes.push({ type: 'abandoned', messages: abandoned })
  const seen = message ? remember(inbox.seen, inside.hash) : inbox.seen
  return { inbox: { seen, partials }, view: counted, message, settled: handles, notes }
}

function opened(suite: Suite, keys: QueueKeys, body: Uint8Array): ReturnType<typeof openBlock> | 'foreign' | 'nonsense' {
  try {
    return openBlock(suite, keys, body)
  } catch (error) {
    if (error instanceof MailboxError) return error.code === 'seal' ? 'foreign' : 'nonsense'
    throw error
  }
}

/** Whoever holds an invite counts from 1 in its queue, so numbers say nothing there. */
function counting(view: View, number: number): { view: View; notes: Note[] } {
  if (view.kind === 'request') return { view, notes: [] }
  const { numbers, place } = count(view.numbers, number)
  const notes: Note[] = place.place === 'gap' ? [{ type: 'gap', gap: place.gap }] : place.place === 'late' ? [{ type: 'late', number }] : []
  return { view: { ...view, numbers }, notes }
}

/** Commands that acknowledge what is settled of one queue. */
export function acknowledgements(recipient: Uint8Array, settled: readonly Handle[]): Extract<Command, { type: 'acknowledge' }>[] {
  const name = toHex(recipient)
  const seqs = settled.filter(({ queue }) => queue === name).map(({ seq }) => seq)
  const commands: Extract<Command, { type: 'acknowledge' }>[] = []
  for (let at = 0; at < seqs.length; at += MAX_ACKNOWLEDGED) commands.push({ type: 'acknowledge', id: recipient, seqs: seqs.slice(at, at + MAX_ACKNOWLEDGED) })
  return commands
}
