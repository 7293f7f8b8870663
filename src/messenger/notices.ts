/** Things a person should see in the conversation itself, at the moment they happened. */
import type { Context, Step } from './context.ts'
import { newId } from './ids.ts'
import type { AccountKey, MessageRow } from './ports.ts'
import type { Views } from './present.ts'
import type { NoticeCode } from './views.ts'

export class Notices {
  readonly #context: Context
  readonly #views: Views

  constructor(context: Context, views: Views) {
    this.#context = context
    this.#views = views
  }

  add(step: Step, contact: AccountKey, code: NoticeCode): void {
    const { clock, events, store } = this.#context
    const last = store.lastMessage(contact)
    if (last?.kind === 'notice' && last.text === code) return // said already, and nothing since
    const now = clock.now()
    const row: MessageRow = {
      id: newId(this.#context),
      contact,
      direction: 'in',
      kind: 'notice',
      text: code,
      raw: undefined,
      at: now,
      storedAt: now,
      replyTo: undefined,
      editedAt: undefined,
      deletedAt: undefined,
      reactions: {},
      expireAfter: 0,
      expiresAt: undefined,
      readAt: now,
      receipt: 'read',
      delivery: undefined,
    }
    step.changes.push({ add: 'message', row })
    step.afterwards.push(() => events.emit({ type: 'message', message: this.#views.message(row) }))
  }
}
