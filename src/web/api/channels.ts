/** What the node can be asked about channels, one function a route. Shapes are those of src/api/README.md. */
import type {
  ChannelProofView, ChannelView, DraftView, ManifestInput, MediaView, PostInput, PostView, PublishedView, StaffInput, StaffInvitationView, StaffView,
} from '../../messenger/channels/views.ts'
import { at, type Client, query } from './client.ts'

/** Bytes travel as base64. */
export type PostBody = Omit<PostInput, 'media'> & { readonly media?: readonly { readonly bytes: string; readonly alt: string }[] }
export type ManifestBody = Omit<ManifestInput, 'logo'> & { readonly logo?: string }

/** Newest first, and whether there are older ones. */
export interface PostsPage {
  readonly posts: readonly PostView[]
  readonly more: boolean
}

/** A proof that a channel broke its word; `bytes` are base64. */
export interface Evidence {
  readonly id: string
  readonly text: string
  readonly bytes: string
}

export function createChannels(client: Client) {
  const { get, send } = client
  return {
    follow: (link: string, secretly: boolean) => send<ChannelView>('POST', '/v1/follows', { link, private: secretly }),
    unfollow: (id: string) => send<unknown>('DELETE', at`/v1/channels/${id}`),
    change: (id: string, change: { name?: string; muted?: boolean; dailyLimit?: number }) => send<ChannelView>('PATCH', at`/v1/channels/${id}`, change),
    link: (id: string) => get<{ link: string }>(at`/v1/channels/${id}/link`),

    posts: (id: string, limit: number, before?: string) => get<PostsPage>(at`/v1/channels/${id}/posts` + query({ limit, before })),
    post: (id: string, post: string) => get<PostView>(at`/v1/channels/${id}/posts/${post}`),
    markRead: (id: string) => send<unknown>('POST', at`/v1/channels/${id}/read`),
    /** The node hands out bytes to save; what they are, the signed entry says. */
    picture: async (id: string, { hash, type }: MediaView) => new Blob([await (await client.open(at`/v1/channels/${id}/media/${hash}`, {})).arrayBuffer()], { type }),
    proof: (id: string, all: boolean) => get<ChannelProofView>(at`/v1/channels/${id}/proof` + query({ all: String(all) })),
    evidence: (id: string) => get<Evidence[]>(at`/v1/channels/${id}/evidence`),
    exported: async (id: string) => (await client.open(at`/v1/channels/${id}/export`, {})).blob(),

    create: (manifest: ManifestBody & { name: string }) => send<ChannelView>('POST', '/v1/channels', manifest),
    setManifest: (id: string, manifest: ManifestBody) => send<ChannelView>('PUT', at`/v1/channels/${id}/manifest`, manifest),
    publish: (id: string, post: PostBody) => send<PublishedView>('POST', at`/v1/channels/${id}/posts`, post),
    edit: (id: string, post: string, next: PostBody) => send<PublishedView>('PUT', at`/v1/channels/${id}/posts/${post}`, next),
    withdraw: (id: string, post: string, reason: string) => send<PublishedView>('POST', at`/v1/channels/${id}/posts/${post}/withdraw`, { reason }),
    drafts: (id: string) => get<DraftView[]>(at`/v1/channels/${id}/drafts`),
    discardDraft: (id: string, draft: string) => send<unknown>('DELETE', at`/v1/channels/${id}/drafts/${draft}`),

    /** The words of its root key, until somebody says with `forget` that they are on paper. */
    words: (id: string, forget: boolean) => send<{ words: string }>('POST', at`/v1/channels/${id}/words`, { forget }),
    recover: (link: string, words: string) => send<ChannelView>('POST', '/v1/recoveries', { link, words }),
    rotate: (id: string, words?: string) => send<ChannelView>('POST', at`/v1/channels/${id}/rotate`, words === undefined ? {} : { words }),
    staff: (id: string) => get<StaffView[]>(at`/v1/channels/${id}/staff`),
    invite: (id: string, staff: StaffInput) => send<unknown>('POST', at`/v1/channels/${id}/staff`, staff),
    revoke: (id: string, staff: string, reason: string) => send<StaffView>('POST', at`/v1/channels/${id}/revoke`, { staff, reason }),

    invitations: () => get<StaffInvitationView[]>('/v1/invitations'),
    acceptInvitation: (id: string) => send<ChannelView>('POST', at`/v1/invitations/${id}/accept`),
    refuseInvitation: (id: string) => send<unknown>('POST', at`/v1/invitations/${id}/refuse`),
  }
}
