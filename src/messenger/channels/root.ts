/** The root key: its words, taking it back from them, and moving on to the key that was announced before. */
import { commitmentOf, encodeRotation, generationOf, KIND, rootKeyAt, rootKeyOf } from '../../../protocols/channel/index.ts'
import { entropyOf, PhraseError, recoveryPhrase } from '../../../protocols/identity/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import { MessengerError } from '../errors.ts'
import type { ChannelContext } from './context.ts'
import { ownCertificate } from './founding.ts'
import type { ChannelKeys } from './keys.ts'
import { readLink } from './link.ts'
import type { ChannelViews } from './present.ts'
import { notOwner, type Publishing } from './publishing.ts'
import type { Opened, Shelf } from './shelf.ts'
import type { ChannelView } from './views.ts'

export class Root {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #keys: ChannelKeys
  readonly #views: ChannelViews
  readonly #publishing: Publishing
  readonly #follow: (link: string) => Promise<unknown>

  /** @param follow openly; resolves when what was found is here */
  constructor(
    context: ChannelContext,
    parts: { shelf: Shelf; keys: ChannelKeys; views: ChannelViews; publishing: Publishing; follow: (link: string) => Promise<unknown> },
  ) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#keys = parts.keys
    this.#views = parts.views
    this.#publishing = parts.publishing
    this.#follow = parts.follow
  }

  async words(name: string, { forget }: { forget: boolean }): Promise<string> {
    const { row: { id, name: called } } = this.#shelf.find(name)
    const root = this.#keys.root(id)
    if (!root) throw new MessengerError('not-accepted', `the root key of ${called} is not on this device`)
    if (!root.entropy) throw new MessengerError('not-found', `the words of ${called} were forgotten on this device`, 'they are on the paper you wrote them on')
    if (forget) await this.#context.store.commit([{ put: 'channel-key', row: { ...root, entropy: undefined } }])
    return recoveryPhrase(root.entropy)
  }

  async recover(link: string, words: string): Promise<ChannelView> {
    const { suite, clock } = this.#context
    const entropy = readWords(words)
    const { id } = readLink(link)
    if (!this.#shelf.get(id)) await this.#follow(link)
    const known = this.#shelf.opened(id)
    if (!known) throw new MessengerError('unreachable', 'nobody who has this channel was reached', 'it is followed now; recover it when its posts are here')
    if (known.row.following === 'private') throw new MessengerError('conflict', 'you follow this channel in private', 'unfollow it, and recover it again')
    const root = rootKeyAt(suite, entropy, generationOf(known.state))
    if (toHex(root.publicKey) !== toHex(rootKeyOf(known.state).key)) {
      throw new MessengerError('bad-input', 'these are not the words of this channel', 'or its root key moved on and nobody reached has told us yet')
    }
    const step = newStep()
    step.changes.push({ put: 'channel-key', row: { channel: id, role: 'root', secret: suite.exportSecret(root.secretKey), entropy } })
    if (!this.#keys.posting(id)) {
      const posting = this.#keys.newPosting(id)
      step.changes.push({ put: 'channel-key', row: posting.row })
      this.#publishing.draft(step, id, KIND.certificate, ownCertificate(posting.key, known.state.manifest.name, clock.now()))
    }
    await commit(this.#context, step)
    await this.#publishing.attempt(id)
    return this.#views.channel(this.#shelf.find(id))
  }

  async rotate(name: string, words?: string): Promise<ChannelView> {
    const { suite, store } = this.#context
    const known = this.#shelf.findOpened(name)
    const { row: { id } } = known
    const kept = this.#keys.root(id)
    if (store.drafts(id).some(({ kind }) => kind === KIND.rotation)) throw new MessengerError('conflict', 'a rotation waits already')
    const entropy = words === undefined ? kept?.entropy : readWords(words)
    if (!entropy) throw kept ? new MessengerError('bad-input', 'the words of the root key are needed', 'they are on the paper you wrote them on') : notOwner(known)
    const next = this.#announced(known, entropy)
    const after = rootKeyAt(suite, entropy, generationOf(known.state) + 2)
    const step = newStep()
    step.changes.push({ put: 'channel-key', row: { channel: id, role: 'root', secret: suite.exportSecret(next.secretKey), entropy: kept?.entropy } })
    this.#publishing.draft(step, id, KIND.rotation, encodeRotation({ rootKey: next.publicKey, nextRoot: commitmentOf(suite, after.publicKey) }))
    await commit(this.#context, step)
    await this.#publishing.attempt(id)
    return this.#views.channel(this.#shelf.find(id))
  }

  #announced({ state }: Opened, entropy: Uint8Array): ReturnType<typeof rootKeyAt> {
    const { suite } = this.#context
    const next = rootKeyAt(suite, entropy, generationOf(state) + 1)
    if (toHex(commitmentOf(suite, next.publicKey)) !== toHex(rootKeyOf(state).next)) throw new MessengerError('bad-input', 'these are not the words of this channel')
    return next
  }
}

/** What was typed is a secret: an error says where it is wrong, not what it says. */
function readWords(words: string): Uint8Array {
  try {
    return entropyOf(words)
  } catch (error) {
    if (!(error instanceof PhraseError)) throw error
    throw new MessengerError('bad-input', error.message, 'check them against the paper')
  }
}
