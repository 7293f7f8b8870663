/** Every plain route of the door in one table. The event stream, export and import are in streams.ts. */
import type { Messenger } from '../messenger/messenger.ts'
import { channelRoutes } from './channel-routes.ts'
import { inboxRow } from './event-schemas.ts'
import type { Needed } from './rights.ts'
import * as schema from './schemas.ts'
import type { Shares } from './shares.ts'
import { tokenRoutes } from './token-routes.ts'
import type { Tokens } from './tokens.ts'

/** How the database of the running profile is locked; composition supplies it. */
export interface Protection {
  /** Locks with a passphrase, or, given undefined, with a key file only. */
  change(passphrase: string | undefined): Promise<void>
}

/** What stands behind the api. */
export interface Behind {
  readonly messenger: Messenger
  readonly protection: Protection
  readonly tokens: Tokens
  readonly shares: Shares
  /** Someone asked the node to stop: called after the answer went out. */
  readonly onStop: () => void
}

type Fields = Readonly<Record<string, schema.Schema>>

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** one line for the README and the error pages */
  readonly does: string
  /** what whoever asks must be allowed */
  readonly needs: Needed
  readonly params?: Fields
  readonly query?: Fields
  readonly body?: Fields
  readonly answer: schema.Schema
  /** bytes, where the door's own limit is too small */
  readonly bodyLimit?: number
  run(behind: Behind, input: Input<unknown>): unknown
}

/** What the route's schemas let through. A handler says what its body holds. */
export interface Input<Body> {
  /** those that stand in the path */
  readonly params: { readonly name: string; readonly id: string }
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: Body
}

/** Messages a page holds when nobody asks for another number. */
const PAGE = 50

const named = { name: schema.contactName }
const numbered = { id: schema.messageId }
const asked = { id: schema.requestId }
const ok = { ok: true }

export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/status',
    does: 'is it running, addresses, peers',
    needs: 'any',
    answer: schema.status,
    run: ({ messenger }) => messenger.status(),
  },
  { method: 'GET', path: '/v1/id', does: 'who we are', needs: 'any', answer: schema.self, run: ({ messenger }) => messenger.id() },
  {
    method: 'PATCH',
    path: '/v1/profile',
    does: 'change our name or picture (base64, null takes it away); contacts are told',
    needs: 'person',
    body: { 'name?': schema.personName, 'picture?': schema.pictureText },
    answer: schema.self,
    run: async ({ messenger }, { body }: Input<{ name?: string; picture?: string | null }>) => {
      if (body.picture !== undefined) {
        await messenger.setPicture(body.picture === null ? undefined : new Uint8Array(Buffer.from(body.picture, 'base64')))
      }
      return body.name === undefined ? messenger.id() : messenger.rename(body.name)
    },
  },
  {
    method: 'PATCH',
    path: '/v1/settings',
    does: 'tell contacts when their messages were read, or do not; be told of, and call, only through relays; look for relays among strangers, or not',
    needs: 'person',
    body: { 'readReceipts?': schema.yesOrNo, 'hideAddress?': schema.yesOrNo, 'network?': schema.networkKind },
    answer: schema.status,
    run: async ({ messenger }, { body }: Input<{ readReceipts?: boolean; hideAddress?: boolean; network?: 'public' | 'private' }>) => {
      if (body.readReceipts !== undefined) await messenger.setReadReceipts(body.readReceipts)
      if (body.hideAddress !== undefined) await messenger.setHideAddress(body.hideAddress)
      if (body.network !== undefined) await messenger.setNetwork(body.network)
      return messenger.status()
    },
  },
  { method: 'GET', path: '/v1/relays', does: 'the relays we use', needs: 'person', answer: schema.list(schema.relay), run: ({ messenger }) => messenger.relays() },
  {
    method: 'POST',
    path: '/v1/relays',
    does: 'use a relay from now on; a link of one we use already renews its addresses',
    needs: 'person',
    body: { link: schema.linkText },
    answer: schema.relay,
    run: ({ messenger }, { body }: Input<{ link: string }>) => messenger.useRelay(body.link),
  },
  {
    method: 'POST',
    path: '/v1/relays/search',
    does: 'look for relays in the public network, for up to 45 s; none is used',
    needs: 'person',
    answer: schema.list(schema.relayFound),
    run: ({ messenger }) => messenger.findRelays(),
  },
  {
    method: 'DELETE',
    path: '/v1/relays/:id',
    does: 'use it no longer',
    needs: 'person',
    params: { id: schema.relayId },
    answer: schema.done,
    run: async ({ messenger }, { params }) => {
      await messenger.forgetRelay(params.id)
      return ok
    },
  },
  {
    method: 'PUT',
    path: '/v1/passphrase',
    does: 'lock the database with a passphrase, or (null) with the key file only',
    needs: 'person',
    body: { passphrase: schema.passphraseText },
    answer: schema.done,
    run: async ({ protection }, { body }: Input<{ passphrase: string | null }>) => {
      await protection.change(body.passphrase ?? undefined)
      return ok
    },
  },
  {
    method: 'POST',
    path: '/v1/words',
    does: 'the 24 words of a new identity, until they are on paper; `forget` says that they are',
    needs: 'person',
    body: { forget: schema.yesOrNo },
    answer: schema.firstWords,
    run: async ({ messenger }, { body }: Input<{ forget: boolean }>) => ({ words: await messenger.recoveryWords(body.forget) }),
  },
  {
    method: 'GET',
    path: '/v1/notes/:id',
    does: 'what a page keeps with the profile: `page`, or `draft:` with an account or a channel',
    needs: 'person',
    params: { id: schema.noteKey },
    answer: schema.note,
    run: ({ messenger }, { params }) => ({ text: messenger.note(params.id) }),
  },
  {
    method: 'PUT',
    path: '/v1/notes/:id',
    does: 'keep it',
    needs: 'person',
    params: { id: schema.noteKey },
    body: { text: schema.noteText },
    answer: schema.done,
    run: async ({ messenger }, { params, body }: Input<{ text: string }>) => {
      await messenger.setNote(params.id, body.text)
      return ok
    },
  },
  {
    method: 'POST',
    path: '/v1/invites',
    does: 'make an invite: `inPerson` for a code on the screen, else a link; `lifetime` in seconds',
    needs: 'pair',
    body: { inPerson: schema.yesOrNo, 'lifetime?': schema.lifetimeSeconds },
    answer: schema.invite,
    run: ({ messenger }, { body }: Input<{ inPerson: boolean; lifetime?: number }>) =>
      messenger.invite({ inPerson: body.inPerson, ...(body.lifetime === undefined ? {} : { lifetime: body.lifetime }) }),
  },
  {
    method: 'POST',
    path: '/v1/pair',
    does: 'answer an invite; `scanned` when it was read from a picture of a code',
    needs: 'pair',
    body: { link: schema.linkText, scanned: schema.yesOrNo },
    answer: schema.pair,
    run: ({ messenger }, { body }: Input<{ link: string; scanned: boolean }>) => messenger.pair(body.link, { scanned: body.scanned }),
  },
  {
    method: 'GET',
    path: '/v1/requests',
    does: 'who waits for our answer',
    needs: 'pair',
    answer: schema.list(schema.request),
    run: ({ messenger }) => messenger.requests(),
  },
  {
    method: 'POST',
    path: '/v1/requests/:id/accept',
    does: 'say yes',
    needs: 'pair',
    params: asked,
    answer: schema.contact,
    run: ({ messenger }, { params }) => messenger.accept(params.id),
  },
  {
    method: 'POST',
    path: '/v1/requests/:id/refuse',
    does: 'say no',
    needs: 'pair',
    params: asked,
    answer: schema.done,
    run: async ({ messenger }, { params }) => {
      await messenger.refuse(params.id)
      return ok
    },
  },
  {
    method: 'GET',
    path: '/v1/contacts',
    does: 'everybody we know',
    needs: 'read:messages',
    answer: schema.list(schema.contact),
    run: ({ messenger }) => messenger.contacts(),
  },
  {
    method: 'GET',
    path: '/v1/contacts/:name',
    does: 'one contact',
    needs: 'read:messages',
    params: named,
    answer: schema.contact,
    run: ({ messenger }, { params }) => messenger.contact(params.name),
  },
  {
    method: 'PATCH',
    path: '/v1/contacts/:name',
    does: 'call a contact something else; let them disturb, or not',
    needs: 'write:messages',
    params: named,
    body: { 'name?': schema.personName, 'muted?': schema.yesOrNo },
    answer: schema.contact,
    run: async ({ messenger }, { params, body }: Input<{ name?: string; muted?: boolean }>) => {
      const { account } = messenger.contact(params.name)
      if (body.name !== undefined) await messenger.renameContact(account, body.name)
      return body.muted === undefined ? messenger.contact(account) : messenger.mute(account, body.muted)
    },
  },
  {
    method: 'POST',
    path: '/v1/contacts/:name/block',
    does: 'hear nothing from them any more',
    needs: 'person',
    params: named,
    answer: schema.contact,
    run: ({ messenger }, { params }) => messenger.block(params.name),
  },
  {
    method: 'POST',
    path: '/v1/contacts/:name/unblock',
    does: 'hear from them again',
    needs: 'person',
    params: named,
    answer: schema.contact,
    run: ({ messenger }, { params }) => messenger.unblock(params.name),
  },
  {
    method: 'GET',
    path: '/v1/contacts/:name/safety-number',
    does: 'the number to compare',
    needs: 'read:messages',
    params: named,
    answer: schema.verification,
    run: ({ messenger }, { params }) => messenger.safetyNumber(params.name),
  },
  {
    method: 'PUT',
    path: '/v1/contacts/:name/verified',
    does: 'the numbers were compared and are the same, or no longer count',
    needs: 'person',
    params: named,
    body: { verified: schema.yesOrNo },
    answer: schema.verification,
    run: ({ messenger }, { params, body }: Input<{ verified: boolean }>) => messenger.verify(params.name, body.verified),
  },
  {
    method: 'PUT',
    path: '/v1/contacts/:name/timer',
    does: 'let new messages disappear after this many seconds; 0 keeps them',
    needs: 'write:messages',
    params: named,
    body: { seconds: schema.timerSeconds },
    answer: schema.contact,
    run: ({ messenger }, { params, body }: Input<{ seconds: number }>) => messenger.setTimer(params.name, body.seconds),
  },
  {
    method: 'GET',
    path: '/v1/contacts/:name/messages',
    does: 'a page of the conversation, oldest first: the newest `limit`, or those before, after or around a message',
    needs: 'read:messages',
    params: named,
    query: { 'before?': schema.messageId, 'after?': schema.messageId, 'around?': schema.messageId, 'limit?': schema.limitText },
    answer: schema.list(schema.message),
    run: ({ messenger }, { params, query: { limit, ...beside } }) => messenger.history(params.name, { limit: Number(limit ?? PAGE), ...beside }),
  },
  {
    method: 'POST',
    path: '/v1/contacts/:name/messages',
    does: 'send; answered once it is durably queued. The same `id` again changes nothing, so a caller may retry',
    needs: 'write:messages',
    params: named,
    body: { text: schema.messageText, 'replyTo?': schema.messageId, 'id?': schema.messageId },
    answer: schema.message,
    run: ({ messenger }, { params, body }: Input<{ text: string; replyTo?: string; id?: string }>) => {
      const { text, ...options } = body
      return messenger.send(params.name, text, options)
    },
  },
  {
    method: 'POST',
    path: '/v1/contacts/:name/typing',
    does: 'we started or stopped typing',
    needs: 'write:messages',
    params: named,
    body: { active: schema.yesOrNo },
    answer: schema.done,
    run: async ({ messenger }, { params, body }: Input<{ active: boolean }>) => {
      await messenger.typing(params.name, body.active)
      return ok
    },
  },
  {
    method: 'POST',
    path: '/v1/contacts/:name/read',
    does: 'we have seen their messages, up to this one or all',
    needs: 'write:messages',
    params: named,
    body: { 'upTo?': schema.messageId },
    answer: schema.done,
    run: async ({ messenger }, { params, body }: Input<{ upTo?: string }>) => {
      await messenger.markRead(params.name, body.upTo)
      return ok
    },
  },
  {
    method: 'GET',
    path: '/v1/messages/:id',
    does: 'one message with its delivery ledger',
    needs: 'read:messages',
    params: numbered,
    answer: schema.message,
    run: ({ messenger }, { params }) => messenger.message(params.id),
  },
  {
    method: 'PATCH',
    path: '/v1/messages/:id',
    does: 'say it differently, at both ends',
    needs: 'write:messages',
    params: numbered,
    body: { text: schema.messageText },
    answer: schema.message,
    run: ({ messenger }, { params, body }: Input<{ text: string }>) => messenger.edit(params.id, body.text),
  },
  {
    method: 'DELETE',
    path: '/v1/messages/:id',
    does: 'take a message of ours back, at both ends',
    needs: 'write:messages',
    params: numbered,
    answer: schema.message,
    run: ({ messenger }, { params }) => messenger.remove(params.id),
  },
  {
    method: 'PUT',
    path: '/v1/messages/:id/reaction',
    does: "react with one emoji; '' takes it back",
    needs: 'write:messages',
    params: numbered,
    body: { emoji: schema.emoji },
    answer: schema.message,
    run: ({ messenger }, { params, body }: Input<{ emoji: string }>) => messenger.react(params.id, body.emoji),
  },
  {
    method: 'GET',
    path: '/v1/search',
    does: 'messages that contain `text`, newest first',
    needs: 'read:messages',
    query: { text: schema.searchText, 'contact?': schema.contactName, 'limit?': schema.limitText },
    answer: schema.list(schema.message),
    run: ({ messenger }, { query }) =>
      messenger.search(query.text ?? '', {
        limit: Number(query.limit ?? PAGE),
        ...(query.contact === undefined ? {} : { contact: query.contact }),
      }),
  },
  {
    method: 'GET',
    path: '/v1/inbox',
    does: 'people and channels, the newest word first',
    needs: 'person',
    answer: schema.list(inboxRow),
    run: ({ messenger }) => messenger.inbox(),
  },
  {
    method: 'POST',
    path: '/v1/share',
    does: 'hand something over to be sent: the page shows it at `path`, below its own address, and a person there chooses to whom. Kept for 10 minutes',
    needs: 'share',
    body: { 'text?': schema.freeText, 'url?': schema.freeText },
    answer: schema.share,
    run: ({ shares }, { body }: Input<{ text?: string; url?: string }>) => shares.put(body),
  },
  {
    method: 'GET',
    path: '/v1/share/:id',
    does: 'what was handed over, for the page',
    needs: 'person',
    params: { id: schema.shareId },
    answer: schema.share,
    run: ({ shares }, { params }) => shares.get(params.id),
  },
  ...channelRoutes,
  ...tokenRoutes,
  {
    method: 'POST',
    path: '/v1/stop',
    does: 'stop the node',
    needs: 'person',
    answer: schema.done,
    run: ({ onStop }) => {
      setImmediate(onStop)
      return ok
    },
  },
]
