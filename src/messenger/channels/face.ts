import type {
  ChannelProofView, ChannelView, DraftView, ManifestInput, PostInput, PostView, PublishedView, StaffInput, StaffInvitationView, StaffView,
} from './views.ts'

/**
 * The channels, as the doors see them (`messenger.channels`). A channel is named by our name for it, an unambiguous start of that, or
 * its id. Every method throws MessengerError with a `code` and a `hint` for what a person did wrong.
 */
export interface Channels {
  // ---- anyone
  list(): ChannelView[]
  channel(name: string): ChannelView
  /** The link others follow it by; shown as a QR too. */
  link(name: string): string
  /** Newest first. Fetches from peers what is older than what is held; `more` is false at the beginning of the channel. */
  read(name: string, page: { before?: string; limit: number }): Promise<{ posts: PostView[]; more: boolean }>
  markRead(name: string): Promise<void>
  post(name: string, id: string): PostView
  /** The bytes of a picture, fetched from peers when they are not here. */
  media(name: string, hash: string): Promise<Uint8Array>
  /** Fetches the rest of the history when `all`, checks everything held, says it in words. */
  verify(name: string, options: { all: boolean }): Promise<ChannelProofView>
  /** Exported evidence (forks, trimmed logs) as portable bytes. */
  evidence(name: string): { readonly id: string; readonly text: string; readonly bytes: Uint8Array }[]
  /** The whole channel as documented JSON lines. */
  exportChannel(name: string): IterableIterator<string>
  /** Checks exported lines without any network, and keeps the channel when `keep`. */
  importChannel(lines: Iterable<string>, options: { keep: boolean }): Promise<ChannelProofView>
  /** Checks a proof somebody else exported; says what it proves. */
  checkEvidence(bytes: Uint8Array): { readonly text: string; readonly channel: string }

  // ---- follower
  /** Resolves when the newest posts are here, or after a while without them when nobody was reached. */
  follow(link: string, options: { private: boolean; name?: string }): Promise<ChannelView>
  /** Forgets everything of it. */
  unfollow(name: string): Promise<void>
  rename(name: string, next: string): Promise<ChannelView>
  mute(name: string, muted: boolean): Promise<ChannelView>
  setDailyLimit(name: string, posts: number): Promise<ChannelView>

  // ---- brand
  /** `words`: the root key's 24 words; shown once, to be written on paper. */
  create(manifest: ManifestInput & { name: string }): Promise<{ channel: ChannelView; words: string }>
  /** The words again, as long as they have not been forgotten; `forget` removes them from this device. */
  words(name: string, options: { forget: boolean }): Promise<string>
  /** Takes the root key of a channel back from its words; follows it first when it is not here. */
  recover(link: string, words: string): Promise<ChannelView>
  setManifest(name: string, manifest: ManifestInput): Promise<ChannelView>
  publish(name: string, post: PostInput): Promise<PublishedView>
  edit(name: string, post: string, next: PostInput): Promise<PublishedView>
  withdraw(name: string, post: string, reason: string): Promise<PublishedView>
  /** What is not signed yet, and what it waits for. */
  drafts(name: string): DraftView[]
  /** Takes a draft of a post, an edit or a withdrawal back before it is signed. */
  discardDraft(name: string, draft: string): Promise<void>
  /** Moves the root to the key announced before. Needs the words when they are no longer on this device. */
  rotate(name: string, words?: string): Promise<ChannelView>
  staff(name: string): StaffView[]
  addStaff(name: string, staff: StaffInput): Promise<void>
  /** Ends a posting key; entries the brand has not seen by now are void. */
  revokeStaff(name: string, staff: string, reason: string): Promise<StaffView>
  invitations(): StaffInvitationView[]
  acceptInvitation(id: string): Promise<ChannelView>
  refuseInvitation(id: string): Promise<void>
}
