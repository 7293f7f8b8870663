/** What the doors see of channels. Plain JSON; no key, no secret. Times are ms since the epoch. */

export interface ChannelView {
  /** 52 lowercase base32 characters */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly role: 'owner' | 'staff' | 'follower'
  readonly following: 'open' | 'private' | undefined
  readonly muted: boolean
  readonly dailyLimit: number
  readonly unread: number
  /** entries known to exist, and entries stored here, over all logs */
  readonly entries: number
  readonly held: number
  readonly languages: readonly string[]
  readonly region: string | undefined
  readonly links: readonly string[]
  readonly hours: string | undefined
  readonly domain: DomainView | undefined
  readonly logo: MediaView | undefined
  /** posts a day its peers let through */
  readonly rate: number
  readonly peers: number
  /** drafts that wait for the head of our own log to be certain */
  readonly waiting: number
  /** why nothing more is taken: two signed entries with one number */
  readonly frozen: string | undefined
  /** name of a channel or contact this one could be mistaken for, or 'mixed scripts' */
  readonly lookalike: string | undefined
  readonly last: PostView | undefined
}

/** `proven`: controls the domain; `expired`: did at provenAt, could not be confirmed since; `claimed`: only says so. */
export interface DomainView {
  readonly domain: string
  readonly state: 'proven' | 'expired' | 'claimed'
  readonly provenAt: number | undefined
  readonly suspicious: string | undefined
}

export interface MediaView {
  readonly hash: string
  readonly size: number
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif'
  readonly width: number
  readonly height: number
  readonly alt: string
  readonly held: boolean
}

export interface PostView {
  readonly id: string
  readonly channel: string
  readonly channelName: string
  /** name in the author's certificate */
  readonly author: string
  readonly log: string
  readonly seq: number
  readonly at: number
  readonly kind: 'post' | 'unknown'
  readonly title: string | undefined
  readonly text: string
  readonly links: readonly string[]
  readonly media: readonly MediaView[]
  readonly event: { readonly start: number; readonly end: number; readonly place: string } | undefined
  readonly offer: { readonly from: number; readonly until: number; readonly terms: string; readonly state: 'coming' | 'valid' | 'over' } | undefined
  readonly editedAt: number | undefined
  readonly withdrawn: { readonly at: number; readonly reason: string } | undefined
  readonly unread: boolean
}

/** A draft that was signed at once has its post; one that waits says for what. */
export interface PublishedView {
  readonly post: PostView | undefined
  readonly waiting: string | undefined
}

/** `channel`: what the root key is to say, a manifest or a certificate. */
export interface DraftView {
  readonly id: string
  readonly at: number
  readonly kind: 'post' | 'edit' | 'withdrawal' | 'channel'
  readonly text: string
  readonly waiting: string
}

export interface ChannelProofView {
  readonly id: string
  readonly name: string
  /** "482 entries, none missing" */
  readonly entries: number
  readonly held: number
  /** entries that signed heads speak of and no peer has given us */
  readonly missing: readonly { readonly author: string; readonly from: number; readonly to: number; readonly saidBy: string }[]
  readonly authors: readonly StaffView[]
  readonly rootKey: string
  readonly rotations: number
  readonly domain: DomainView | undefined
  readonly frozen: string | undefined
  /** the same in words, a line each */
  readonly lines: readonly string[]
}

export interface StaffView {
  readonly name: string
  readonly log: string
  readonly state: 'active' | 'expired' | 'revoked' | 'forked' | 'not yet'
  readonly scope: readonly string[]
  readonly entries: number
  readonly notAfter: number
}

/** Somebody wants us to post in a channel. */
export interface StaffInvitationView {
  readonly id: string
  readonly channel: string
  readonly channelName: string
  readonly from: string
  readonly scope: readonly string[]
  readonly notAfter: number
  readonly at: number
}

export interface PostInput {
  readonly title?: string
  readonly text: string
  readonly links?: readonly string[]
  readonly media?: readonly { readonly bytes: Uint8Array; readonly alt: string }[]
  readonly event?: { readonly start: number; readonly end: number; readonly place: string }
  readonly offer?: { readonly from: number; readonly until: number; readonly terms: string }
}

export interface ManifestInput {
  readonly name?: string
  readonly description?: string
  readonly logo?: Uint8Array
  readonly languages?: readonly string[]
  readonly region?: string
  readonly links?: readonly string[]
  readonly hours?: string
  readonly domain?: string
  readonly rate?: number
}

export interface StaffInput {
  /** our name for the contact */
  readonly contact: string
  /** what the certificate calls them; their own name when absent */
  readonly name?: string
  readonly scope: readonly ('text' | 'pictures' | 'events' | 'offers' | 'moderate')[]
  readonly notAfter: number
  /** how many entries they may write */
  readonly entries?: number
}
