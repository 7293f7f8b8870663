/** Routes about channels. The table of routes.ts holds them; pictures, export and import are in channel-streams.ts. */
import type { ManifestInput, PostInput, StaffInput } from '../messenger/channels/views.ts'
import * as channel from './channel-schemas.ts'
import type { Input, Route } from './routes.ts'
import * as schema from './schemas.ts'

/** Posts a page holds when nobody asks for another number. */
const PAGE = 20
/** Eight pictures would be 80 MiB; a post that large is sent in parts. Over a local socket, so only memory is spent. */
const MAX_POST_BODY = 32 * 1024 * 1024

const named = { name: channel.channelName }
const numbered = { name: channel.channelName, id: channel.hash }
const invited = { id: schema.requestId }
const ok = { ok: true }

/** Bytes travel as base64 in JSON. */
type Encoded<T> = T extends Uint8Array ? string : T extends readonly (infer I)[] ? Encoded<I>[] : T extends object ? { [K in keyof T]: Encoded<T[K]> } : T

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

function postOf({ media, ...rest }: Encoded<PostInput>): PostInput {
  return { ...rest, ...(media && { media: media.map((one) => ({ bytes: bytes(one.bytes), alt: one.alt })) }) }
}

function manifestOf<M extends Encoded<ManifestInput>>({ logo, ...rest }: M): Omit<M, 'logo'> & { logo?: Uint8Array } {
  return { ...rest, ...(logo !== undefined && { logo: bytes(logo) }) }
}

export const channelRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/channels',
    does: 'the channels we follow, own or post in',
    needs: 'read:channels',
    answer: schema.list(channel.channel),
    run: ({ messenger }) => messenger.channels.list(),
  },
  {
    method: 'POST',
    path: '/v1/channels',
    does: 'make a channel; its words are read from `words` until they are forgotten',
    needs: 'person',
    body: { name: schema.personName, ...channel.manifestFields },
    answer: channel.channel,
    bodyLimit: MAX_POST_BODY,
    run: async ({ messenger }, { body }: Input<Encoded<ManifestInput> & { name: string }>) =>
      (await messenger.channels.create(manifestOf(body))).channel,
  },
  {
    method: 'POST',
    path: '/v1/follows',
    does: 'follow a channel; `private`: only read, never serve, never announce',
    needs: 'write:channels',
    body: { link: schema.linkText, private: schema.yesOrNo, 'name?': schema.personName },
    answer: channel.channel,
    run: ({ messenger }, { body: { link, ...options } }: Input<{ link: string; private: boolean; name?: string }>) =>
      messenger.channels.follow(link, options),
  },
  {
    method: 'GET',
    path: '/v1/channels/:name',
    does: 'one channel',
    needs: 'read:channels',
    params: named,
    answer: channel.channel,
    run: ({ messenger }, { params }) => messenger.channels.channel(params.name),
  },
  {
    method: 'PATCH',
    path: '/v1/channels/:name',
    does: 'how it is for us: our name for it, muted, posts a day that are told one by one',
    needs: 'write:channels',
    params: named,
    body: { 'name?': schema.personName, 'muted?': schema.yesOrNo, 'dailyLimit?': { type: 'integer', minimum: 0 } },
    answer: channel.channel,
    run: async ({ messenger: { channels } }, { params, body }: Input<{ name?: string; muted?: boolean; dailyLimit?: number }>) => {
      let { id } = channels.channel(params.name)
      if (body.muted !== undefined) ({ id } = await channels.mute(id, body.muted))
      if (body.dailyLimit !== undefined) ({ id } = await channels.setDailyLimit(id, body.dailyLimit))
      return body.name === undefined ? channels.channel(id) : channels.rename(id, body.name)
    },
  },
  {
    method: 'DELETE',
    path: '/v1/channels/:name',
    does: 'unfollow: everything of it is forgotten; what is ours or what we post in stays, with its keys',
    needs: 'write:channels',
    params: named,
    answer: schema.done,
    run: async ({ messenger }, { params }) => {
      await messenger.channels.unfollow(params.name)
      return ok
    },
  },
  {
    method: 'PUT',
    path: '/v1/channels/:name/manifest',
    does: 'what the channel says of itself; fields that are not given stay',
    needs: 'person',
    params: named,
    body: { 'name?': schema.personName, ...channel.manifestFields },
    answer: channel.channel,
    bodyLimit: MAX_POST_BODY,
    run: ({ messenger }, { params, body }: Input<Encoded<ManifestInput>>) => messenger.channels.setManifest(params.name, manifestOf(body)),
  },
  {
    method: 'GET',
    path: '/v1/channels/:name/link',
    does: 'the link others follow it by',
    needs: 'read:channels',
    params: named,
    answer: channel.link,
    run: ({ messenger }, { params }) => ({ link: messenger.channels.link(params.name) }),
  },
  {
    method: 'GET',
    path: '/v1/channels/:name/posts',
    does: 'a page of posts, newest first: the newest `limit`, or those before post `before`; fetched from peers when they are not here',
    needs: 'read:channels',
    params: named,
    query: { 'before?': channel.hash, 'limit?': schema.limitText },
    answer: channel.posts,
    run: ({ messenger }, { params, query }) =>
      messenger.channels.read(params.name, { limit: Number(query.limit ?? PAGE), ...(query.before === undefined ? {} : { before: query.before }) }),
  },
  {
    method: 'POST',
    path: '/v1/channels/:name/posts',
    does: 'publish; pictures as base64. Answers the post, or what it waits for',
    needs: 'write:channels',
    params: named,
    body: channel.postFields,
    answer: channel.published,
    bodyLimit: MAX_POST_BODY,
    run: ({ messenger }, { params, body }: Input<Encoded<PostInput>>) => messenger.channels.publish(params.name, postOf(body)),
  },
  {
    method: 'GET',
    path: '/v1/channels/:name/posts/:id',
    does: 'one post',
    needs: 'read:channels',
    params: numbered,
    answer: channel.post,
    run: ({ messenger }, { params }) => messenger.channels.post(params.name, params.id),
  },
  {
    method: 'PUT',
    path: '/v1/channels/:name/posts/:id',
    does: 'say it differently: a new entry that points back',
    needs: 'write:channels',
    params: numbered,
    body: channel.postFields,
    answer: channel.published,
    bodyLimit: MAX_POST_BODY,
    run: ({ messenger }, { params, body }: Input<Encoded<PostInput>>) => messenger.channels.edit(params.name, params.id, postOf(body)),
  },
  {
    method: 'POST',
    path: '/v1/channels/:name/posts/:id/withdraw',
    does: 'take it back: a new entry that points back',
    needs: 'write:channels',
    params: numbered,
    body: { reason: schema.freeText },
    answer: channel.published,
    run: ({ messenger }, { params, body }: Input<{ reason: string }>) => messenger.channels.withdraw(params.name, params.id, body.reason),
  },
  {
    method: 'POST',
    path: '/v1/channels/:name/read',
    does: 'we have seen its posts',
    needs: 'write:channels',
    params: named,
    answer: schema.done,
    run: async ({ messenger }, { params }) => {
      await messenger.channels.markRead(params.name)
      return ok
    },
  },
  {
    method: 'GET',
    path: '/v1/channels/:name/proof',
    does: 'what is proven about it; `all=true` fetches the whole history first',
    needs: 'read:channels',
    params: named,
    query: { 'all?': { type: 'string', enum: ['true', 'false'] } },
    answer: channel.proof,
    run: ({ messenger }, { params, query }) => messenger.channels.verify(params.name, { all: query.all === 'true' }),
  },
  {
    method: 'GET',
    path: '/v1/channels/:name/evidence',
    does: 'proofs of forks and trimmed logs, base64',
    needs: 'read:channels',
    params: named,
    answer: schema.list(channel.evidence),
    run: ({ messenger }, { params }) =>
      messenger.channels.evidence(params.name).map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('base64') })),
  },
  {
    method: 'POST',
    path: '/v1/evidence',
    does: 'check a proof somebody exported; needs no network and trusts nobody',
    needs: 'read:channels',
    body: { bytes: channel.evidenceText },
    answer: channel.checked,
    run: ({ messenger }, { body }: Input<{ bytes: string }>) => messenger.channels.checkEvidence(bytes(body.bytes)),
  },
  {
    method: 'POST',
    path: '/v1/channels/:name/words',
    does: "the root key's 24 words, while they are here; `forget` removes them from this device",
    needs: 'person',
    params: named,
    body: { forget: schema.yesOrNo },
    answer: channel.words,
    run: async ({ messenger }, { params, body }: Input<{ forget: boolean }>) => ({ words: await messenger.channels.words(params.name, body) }),
  },
  {
    method: 'POST',
    path: '/v1/recoveries',
    does: 'take the root key of a channel back from its words',
    needs: 'person',
    body: { link: schema.linkText, words: channel.wordsText },
    answer: channel.channel,
    run: ({ messenger }, { body }: Input<{ link: string; words: string }>) => messenger.channels.recover(body.link, body.words),
  },
  {
    method: 'POST',
    path: '/v1/channels/:name/rotate',
    does: 'move to the root key announced before; needs the words when they are not here any more',
    needs: 'person',
    params: named,
    body: { 'words?': channel.wordsText },
    answer: channel.channel,
    run: ({ messenger }, { params, body }: Input<{ words?: string }>) => messenger.channels.rotate(params.name, body.words),
  },
  {
    method: 'GET',
    path: '/v1/channels/:name/drafts',
    does: 'what is not signed yet, and what it waits for',
    needs: 'read:channels',
    params: named,
    answer: schema.list(channel.draft),
    run: ({ messenger }, { params }) => messenger.channels.drafts(params.name),
  },
  {
    method: 'DELETE',
    path: '/v1/channels/:name/drafts/:id',
    does: 'take a draft back before it is signed',
    needs: 'write:channels',
    params: { name: channel.channelName, id: schema.messageId },
    answer: schema.done,
    run: async ({ messenger }, { params }) => {
      await messenger.channels.discardDraft(params.name, params.id)
      return ok
    },
  },
  {
    method: 'GET',
    path: '/v1/channels/:name/staff',
    does: 'who may post',
    needs: 'read:channels',
    params: named,
    answer: schema.list(channel.staff),
    run: ({ messenger }, { params }) => messenger.channels.staff(params.name),
  },
  {
    method: 'POST',
    path: '/v1/channels/:name/staff',
    does: 'ask a contact to post in it; their key is certified when they say yes',
    needs: 'person',
    params: named,
    body: {
      contact: schema.contactName,
      'name?': schema.personName,
      scope: schema.list(channel.scope),
      notAfter: { type: 'integer', minimum: 0 },
      'entries?': { type: 'integer', minimum: 1 },
    },
    answer: schema.done,
    run: async ({ messenger }, { params, body }: Input<StaffInput>) => {
      await messenger.channels.addStaff(params.name, body)
      return ok
    },
  },
  {
    method: 'POST',
    path: '/v1/channels/:name/revoke',
    does: 'end a posting key, named by its certificate or its log; what the brand has not seen of it is void',
    needs: 'person',
    params: named,
    body: { staff: channel.channelName, reason: schema.freeText },
    answer: channel.staff,
    run: ({ messenger }, { params, body }: Input<{ staff: string; reason: string }>) =>
      messenger.channels.revokeStaff(params.name, body.staff, body.reason),
  },
  {
    method: 'GET',
    path: '/v1/invitations',
    does: 'channels that asked us to post in them',
    needs: 'person',
    answer: schema.list(channel.invitation),
    run: ({ messenger }) => messenger.channels.invitations(),
  },
  {
    method: 'POST',
    path: '/v1/invitations/:id/accept',
    does: 'say yes: a posting key is made and sent to be certified',
    needs: 'person',
    params: invited,
    answer: channel.channel,
    run: ({ messenger }, { params }) => messenger.channels.acceptInvitation(params.id),
  },
  {
    method: 'POST',
    path: '/v1/invitations/:id/refuse',
    does: 'say no',
    needs: 'person',
    params: invited,
    answer: schema.done,
    run: async ({ messenger }, { params }) => {
      await messenger.channels.refuseInvitation(params.id)
      return ok
    },
  },
]
