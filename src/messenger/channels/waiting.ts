/** Drafts that are not signed yet: what they say, what they wait for, and how one takes them back. */
import { decodeEdit, decodePost, decodeWithdrawal, FIRST_AUTHOR_KIND, KIND } from '../../../protocols/channel/index.ts'
import { commit, newStep } from '../context.ts'
import { MessengerError } from '../errors.ts'
import type { ChannelContext } from './context.ts'
import type { DraftRow } from './ports.ts'
import type { Publishing } from './publishing.ts'
import type { Shelf } from './shelf.ts'
import type { DraftView } from './views.ts'

export class Waiting {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #publishing: Publishing

  constructor(context: ChannelContext, shelf: Shelf, publishing: Publishing) {
    this.#context = context
    this.#shelf = shelf
    this.#publishing = publishing
  }

  drafts(name: string): DraftView[] {
    const { row } = this.#shelf.find(name)
    return this.#context.store
      .drafts(row.id)
      .map((draft) => ({ id: draft.id, at: draft.at, ...saying(draft), waiting: this.#publishing.waiting(row.id, draft) }))
  }

  /** What the root key is to say is left alone: a revocation must not get lost by a slip of the hand. @throws MessengerError */
  async discard(name: string, id: string): Promise<void> {
    const { row } = this.#shelf.find(name)
    const draft = this.#context.store.drafts(row.id).find((each) => each.id === id)
    if (!draft) throw new MessengerError('not-found', 'there is no such draft', 'it may be published by now: dure channel read')
    if (draft.kind < FIRST_AUTHOR_KIND) throw new MessengerError('bad-input', 'this is about the keys or the manifest of the channel, and stays')
    const step = newStep()
    step.changes.push({ remove: 'draft', id })
    await commit(this.#context, step)
  }
}

function saying({ kind, body }: DraftRow): Pick<DraftView, 'kind' | 'text'> {
  switch (kind) {
    case KIND.post: {
      const { title, text } = decodePost(body)
      return { kind: 'post', text: title === '' ? text : title }
    }
    case KIND.edit:
      return { kind: 'edit', text: decodeEdit(body).post.text }
    case KIND.withdrawal:
      return { kind: 'withdrawal', text: decodeWithdrawal(body).reason }
    default:
      return { kind: 'channel', text: '' }
  }
}
