/** What the node can be asked, one function a route. Shapes are those of src/api/README.md. */
import type {
  ContactView, InboxRow, InviteView, MessageView, PairView, RelayView, RequestView, SelfView, StatusView, VerifyView,
} from '../../messenger/views.ts'
import { createChannels } from './channels.ts'
import { at, type Client, query } from './client.ts'

/** `new`: no identity yet. `locked`: a passphrase is needed. */
export type SetupState = 'new' | 'locked' | 'starting' | 'running'

export interface NewIdentity {
  readonly name: string
  readonly passphrase?: string
  /** an account to bring back */
  readonly words?: string
}

/** Where in a conversation a page of it lies. */
export type Place = { readonly before?: string } | { readonly after: string } | { readonly around: string }

export interface Imported {
  readonly contacts: number
  readonly follows: number
  readonly messages: number
  readonly skipped: number
}

/** What a website or a program handed over to be sent. */
export interface Shared {
  readonly id: string
  readonly text: string
  readonly url?: string
  /** where the url leads, as the network has it */
  readonly host?: string
  readonly suspicious: boolean
}

export function createDure(client: Client) {
  const { get, send, upload } = client
  return {
    setup: () => get<{ state: SetupState }>('/v1/setup'),
    createIdentity: (identity: NewIdentity) => send<{ words?: string }>('POST', '/v1/setup', identity),
    unlock: (passphrase: string) => send<unknown>('POST', '/v1/unlock', { passphrase }),
    /** The words of a new identity, until somebody says with `forget` that they are on paper. */
    words: (forget: boolean) => send<{ words: string }>('POST', '/v1/words', { forget }),
    exchange: (token: string) => send<{ session: string }>('POST', '/v1/session', { token }),

    status: () => get<StatusView>('/v1/status'),
    setProfile: (profile: { name?: string; picture?: string | null }) => send<SelfView>('PATCH', '/v1/profile', profile),
    setSettings: (settings: { readReceipts?: boolean; hideAddress?: boolean; network?: 'public' | 'private' }) => send<StatusView>('PATCH', '/v1/settings', settings),
    setPassphrase: (passphrase: string | null) => send<unknown>('PUT', '/v1/passphrase', { passphrase }),
    relays: () => get<RelayView[]>('/v1/relays'),
    useRelay: (link: string) => send<RelayView>('POST', '/v1/relays', { link }),
    forgetRelay: (id: string) => send<unknown>('DELETE', at`/v1/relays/${id}`),

    invite: (inPerson: boolean) => send<InviteView>('POST', '/v1/invites', { inPerson }),
    pair: (link: string, scanned: boolean) => send<PairView>('POST', '/v1/pair', { link, scanned }),
    readCode: (picture: Blob) => upload<{ link: string }>('/v1/codes', picture, 'application/octet-stream'),
    requests: () => get<RequestView[]>('/v1/requests'),
    accept: (request: string) => send<ContactView>('POST', at`/v1/requests/${request}/accept`),
    refuse: (request: string) => send<unknown>('POST', at`/v1/requests/${request}/refuse`),

    inbox: () => get<InboxRow[]>('/v1/inbox'),
    contact: (name: string) => get<ContactView>(at`/v1/contacts/${name}`),
    picture: async (name: string) => (await client.open(at`/v1/contacts/${name}/picture`, {})).blob(),
    ownPicture: async () => (await client.open('/v1/profile/picture', {})).blob(),
    changeContact: (name: string, change: { name?: string; muted?: boolean }) => send<ContactView>('PATCH', at`/v1/contacts/${name}`, change),
    block: (name: string) => send<ContactView>('POST', at`/v1/contacts/${name}/block`),
    unblock: (name: string) => send<ContactView>('POST', at`/v1/contacts/${name}/unblock`),
    safetyNumber: (name: string) => get<VerifyView>(at`/v1/contacts/${name}/safety-number`),
    setVerified: (name: string, verified: boolean) => send<VerifyView>('PUT', at`/v1/contacts/${name}/verified`, { verified }),
    setTimer: (name: string, seconds: number) => send<ContactView>('PUT', at`/v1/contacts/${name}/timer`, { seconds }),

    history: (name: string, place: Place, limit: number) => get<MessageView[]>(at`/v1/contacts/${name}/messages` + query({ ...place, limit })),
    /** @param id 32 hex digits of ours: the same again changes nothing */
    say: (name: string, text: string, id: string, replyTo?: string) =>
      send<MessageView>('POST', at`/v1/contacts/${name}/messages`, { text, id, ...(replyTo === undefined ? {} : { replyTo }) }),
    typing: (name: string, active: boolean) => send<unknown>('POST', at`/v1/contacts/${name}/typing`, { active }),
    markRead: (name: string, upTo?: string) => send<unknown>('POST', at`/v1/contacts/${name}/read`, upTo === undefined ? {} : { upTo }),
    message: (id: string) => get<MessageView>(at`/v1/messages/${id}`),
    edit: (id: string, text: string) => send<MessageView>('PATCH', at`/v1/messages/${id}`, { text }),
    remove: (id: string) => send<MessageView>('DELETE', at`/v1/messages/${id}`),
    react: (id: string, emoji: string) => send<MessageView>('PUT', at`/v1/messages/${id}/reaction`, { emoji }),
    search: (text: string, limit: number, contact?: string) => get<MessageView[]>('/v1/search' + query({ text, limit, contact })),

    /** Kept by the node for minutes; nothing is sent. */
    hand: (given: { text?: string; url?: string }) => send<Shared>('POST', '/v1/share', given),
    handed: (id: string) => get<Shared>(at`/v1/share/${id}`),

    channels: createChannels(client),

    /** What the page keeps in the encrypted database. */
    note: (key: string) => get<{ text: string }>(at`/v1/notes/${key}`),
    setNote: (key: string, text: string) => send<unknown>('PUT', at`/v1/notes/${key}`, { text }),
    exported: async () => (await client.open('/v1/export', {})).blob(),
    imported: (archive: Blob) => upload<Imported>('/v1/import', archive, 'application/jsonl'),
  }
}
