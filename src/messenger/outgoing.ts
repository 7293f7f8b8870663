/** What we say: from a door to the durable outbox. A method returns when nothing can be lost any more. */
import { type Content, encodeContent, MAX_TEXT_BYTES, MAX_TIMER_SECONDS } from '../../protocols/content/index.ts'
import { fromHex, utf8 } from '../../protocols/suite/index.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import { MessengerError } from './errors.ts'
import { newId } from './ids.ts'
import type { Outbox } from './outbox.ts'
import type { ContactRow, MessageId, MessageRow, StoredMessage } from './ports.ts'
import type { Views } from './present.ts'
import type { Self } from './self.ts'
import type { MessageView } from './views.ts'

const ID_FORM = /^[0-9a-f]{32}$/

/** So far ahead of the clock the time of what is said may be, when much is said at once. Further, and the clock was set back. */
const MAX_AHEAD_MS = 1_000

/** A content without the parts every content has. */
export type Saying = Content extends infer C ? (C extends Content ? Omit<C, 'id' | 'at'> : never) : never

export class Outgoing {
  readonly #context: Context
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #outbox: Outbox
  readonly #views: Views
  /** the time of the last that was said, ms since the epoch */
  #saidAt = -Infinity

  constructor(context: Context, self: Self, contacts: Contacts, outbox: Outbox, views: Views) {
    this.#context = context
    this.#self = self
    this.#contacts = contacts
    this.#outbox = outbox
    this.#views = views
  }

  /** Adds something said to a contact to a step; returns its id. */
  say(step: Step, contact: string, saying: Saying, id: MessageId = newId(this.#context), at = this.#context.clock.now()): MessageId {
    const content = { ...saying, id: fromHex(id), at } as Content
    this.#outbox.queue(step, contact, id, encodeContent(content))
    return id
  }

  /** The same to everybody we talk with. */
  sayToAll(step: Step, saying: Saying): void {
    for (const row of this.#contacts.all()) if (row.state === 'accepted') this.say(step, row.account, saying)
  }

  async send(name: string, text: string, options: { replyTo?: string; id?: string } = {}): Promise<MessageView> {
    const contact = this.#contacts.findAccepted(name)
    checkText(text)
    const { store } = this.#context
    const id = options.id ?? newId(this.#context)
    if (!ID_FORM.test(id)) throw new MessengerError('bad-input', 'a message id is 32 hex digits')
    const sent = options.id === undefined ? undefined : store.message(id)
    if (sent) {
      if (sent.contact === contact.account && sent.direction === 'out') return this.#views.message(sent)
      throw new MessengerError('conflict', 'this message id is in use', 'choose another id')
    }
    const replyTo = options.replyTo === undefined ? undefined : this.#inConversation(options.replyTo, contact).id
    const at = this.#nextTime()
    const row: MessageRow = {
      id,
      contact: contact.account,
      direction: 'out',
      kind: 'text',
      text,
      raw: undefined,
      at,
      storedAt: at,
      replyTo,
      editedAt: undefined,
      deletedAt: undefined,
      reactions: {},
      expireAfter: contact.timer,
      expiresAt: undefined,
      readAt: undefined,
      receipt: 'none',
      delivery: 'queued',
    }
    const step = newStep()
    step.changes.push({ add: 'message', row })
    // Told before the envelope leaves, so that every later word about the message finds it known.
    step.afterwards.push(() => this.#context.events.emit({ type: 'message', message: this.#views.message(row) }))
    this.say(
      step,
      contact.account,
      {
        kind: 'text',
        text,
        ...(replyTo !== undefined && { replyTo: fromHex(replyTo) }),
        ...(contact.timer > 0 && { expireAfter: contact.timer }),
      },
      id,
      at,
    )
    await commit(this.#context, step)
    return this.#views.message(row)
  }

  /** No two messages have the same: one that comes late finds its place by it. */
  #nextTime(): number {
    const now = this.#context.clock.now()
    const isAhead = this.#saidAt >= now && this.#saidAt - now < MAX_AHEAD_MS
    this.#saidAt = isAhead ? this.#saidAt + 1 : now
    return this.#saidAt
  }

  async edit(id: string, text: string): Promise<MessageView> {
    checkText(text)
    return this.#change(this.#mine(id), { text, editedAt: this.#context.clock.now() }, { kind: 'edit', target: fromHex(id), text })
  }

  /** Deletes for everyone. */
  async remove(id: string): Promise<MessageView> {
    const gone = { text: '', raw: undefined, reactions: {}, deletedAt: this.#context.clock.now() }
    return this.#change(this.#mine(id), gone, { kind: 'delete', target: fromHex(id) })
  }

  async react(id: string, emoji: string): Promise<MessageView> {
    const row = this.#known(id)
    if (row.deletedAt !== undefined || row.kind === 'notice') throw new MessengerError('bad-input', 'there is nothing to react to')
    const { [this.#self.accountKey]: _, ...others } = row.reactions
    const reactions = emoji === '' ? others : { ...others, [this.#self.accountKey]: emoji }
    return this.#change(row, { reactions }, { kind: 'reaction', target: fromHex(id), emoji })
  }

  async setTimer(name: string, seconds: number): Promise<ContactRow> {
    const contact = this.#contacts.findAccepted(name)
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_TIMER_SECONDS) {
      throw new MessengerError('bad-input', 'a timer is between 1 second and 1 year, or 0 for off', 'try 1d, 2h or off')
    }
    const step = newStep()
    step.changes.push(this.#contacts.update(contact.account, { timer: seconds }))
    this.say(step, contact.account, { kind: 'timer', seconds })
    await commit(this.#context, step)
    return { ...contact, timer: seconds }
  }

  async #change(row: StoredMessage, changed: Partial<MessageRow>, saying: Saying): Promise<MessageView> {
    const contact = this.#contacts.get(row.contact)
    if (contact?.state !== 'accepted') throw new MessengerError('not-accepted', 'this conversation is closed')
    const next = { ...row, ...changed }
    const step = newStep()
    step.changes.push({ put: 'message', row: next })
    step.afterwards.push(() => this.#context.events.emit({ type: 'changed', message: this.#views.message(next) }))
    this.say(step, row.contact, saying)
    await commit(this.#context, step)
    return this.#views.message(next)
  }

  #known(id: string): StoredMessage {
    const row = ID_FORM.test(id) ? this.#context.store.message(id) : undefined
    if (!row) throw new MessengerError('not-found', 'there is no such message', 'dure history NAME --json shows the ids')
    return row
  }

  #mine(id: string): StoredMessage {
    const row = this.#known(id)
    if (row.direction !== 'out') throw new MessengerError('bad-input', 'only your own messages can be changed')
    if (row.deletedAt !== undefined) throw new MessengerError('bad-input', 'this message is deleted')
    return row
  }

  #inConversation(id: string, contact: ContactRow): StoredMessage {
    const row = this.#known(id)
    if (row.contact !== contact.account) throw new MessengerError('bad-input', 'that message is in another conversation')
    return row
  }
}

function checkText(text: string): void {
  if (text.trim() === '') throw new MessengerError('bad-input', 'there is nothing to send')
  const size = utf8(text).length
  if (size > MAX_TEXT_BYTES) {
    throw new MessengerError('too-large', `the text is ${size} bytes; ${MAX_TEXT_BYTES} is the most`, 'send it in parts')
  }
  if (!text.isWellFormed()) throw new MessengerError('bad-input', 'the text is not valid Unicode')
}
