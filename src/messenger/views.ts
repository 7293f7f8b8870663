/** What the messenger shows to its doors (api, later the page). Plain JSON; nothing secret has a place here. */
import type { ChannelView, PostView, StaffInvitationView } from './channels/views.ts'
import type { DeliveryState, RelayState } from './ports.ts'

export interface SelfView {
  readonly name: string
  /** hex root key */
  readonly account: string
  /** short, for people */
  readonly fingerprint: string
  readonly peerId: string
  readonly device: string
}

export interface StatusView extends SelfView {
  readonly addresses: readonly string[]
  readonly peers: number
  readonly contacts: number
  readonly requests: number
  /** contents not yet acknowledged */
  readonly waiting: number
  readonly readReceipts: boolean
  /** only relays learn our network address, as far as it is in our hands */
  readonly hideAddress: boolean
  /** of this run: what it was started with, else what the person chose */
  readonly network: 'public' | 'private'
  /** relays through which we can be called now, of those we use; of these how many were found in the public network */
  readonly relays: { readonly reserved: number; readonly used: number; readonly found: number }
  /** contacts who can leave something for us while we are away */
  readonly mailboxes: number
  /** a passphrase protects the database, or only a key file */
  readonly protection: 'passphrase' | 'key file'
  /** nobody has said yet that the recovery phrase is on paper */
  readonly wordsWaiting: boolean
}

export interface RelayView {
  /** the first characters of its key, for people */
  readonly id: string
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly state: RelayState
  /** in the public network, by nobody's choice */
  readonly found: boolean
  /** it keeps our mailboxes; could, when another does not; or does not */
  readonly mailboxes: 'keeps' | 'spare' | 'none'
  /** contacts who have a mailbox of ours there */
  readonly contacts: number
  readonly addedAt: number
}

/** A relay of a stranger that answered a search. */
export interface RelayFound {
  readonly id: string
  readonly link: string
  readonly addresses: readonly string[]
}

export interface InviteView {
  readonly link: string
  /** ms since the epoch */
  readonly expires: number
  readonly inPerson: boolean
}

/** What to know about a name before believing it. Neither is said of a contact that was verified. */
export interface Likeness {
  /** our name for the contact it could be mistaken for */
  readonly lookalike?: string
  /** a word of it mixes letters of several scripts */
  readonly mixedScript?: boolean
}

export interface ContactView extends Likeness {
  readonly account: string
  readonly name: string
  readonly profileName: string
  readonly state: 'asked' | 'asking' | 'accepted' | 'refused' | 'blocked'
  readonly verified: boolean
  readonly fingerprint: string
  readonly online: boolean
  readonly unread: number
  readonly muted: boolean
  /** of their picture, for a cache; undefined without one */
  readonly picture: string | undefined
  readonly timer: number
  readonly devices: readonly { readonly device: string; readonly name: string; readonly addresses: readonly string[] }[]
  readonly last: MessageView | undefined
}

export interface VerifyView {
  readonly name: string
  /** 60 digits in twelve groups of five */
  readonly safetyNumber: string
  readonly verified: boolean
}

export interface PairView extends Likeness {
  readonly name: string
  readonly account: string
  /** six digits both screens show; undefined when both had scanned each other and nothing is left to compare */
  readonly code: string | undefined
  readonly state: 'asked' | 'accepted'
  /** their device is away and our answer lies in the mailbox of the invite: the code is known when it was fetched; ask again then */
  readonly left?: true
  readonly verified: boolean
}

export interface RequestView extends Likeness {
  readonly id: string
  readonly kind: 'pairing' | 'new-device'
  readonly name: string
  readonly account: string
  readonly code: string | undefined
  readonly at: number
  /** new-device: messages that wait for the answer */
  readonly waiting: number
}

/**
 * Notices stand in the conversation as messages of kind 'notice'; `text` is one of these codes and the doors word it.
 * `new-device`: the account signed a new device in (or was restored). `session-renewed`: their side lost its session.
 * `history-broken`: a message does not follow the one we saw before; a copy of a device may be in use.
 */
export type NoticeCode = 'paired' | 'verified' | 'new-device' | 'session-renewed' | 'history-broken' | 'timer'

export interface MessageView {
  readonly id: string
  readonly contact: string
  /** our name for the contact */
  readonly name: string
  readonly direction: 'in' | 'out'
  readonly kind: 'text' | 'notice' | 'unknown'
  readonly text: string
  readonly at: number
  readonly replyTo: string | undefined
  readonly editedAt: number | undefined
  readonly deleted: boolean
  readonly reactions: readonly { readonly by: string; readonly emoji: string }[]
  readonly expiresAt: number | undefined
  readonly delivery: DeliveryState | undefined
  readonly ledger?: readonly LedgerLineView[]
}

/** How far a message came on its way to one device. */
export interface LedgerLineView {
  readonly device: string
  /** as the contact calls the device */
  readonly name: string
  readonly state: DeliveryState
  /** when it came so far */
  readonly at: number
  /** relays that took it to keep, first ones first; `keeps`: as far as is known it lies there and has not been fetched */
  readonly mailboxes?: readonly { readonly relay: string; readonly at: number; readonly keeps: boolean }[]
}

/** A line of the inbox: people and channels side by side, each with its own unread count. */
export type InboxRow = { readonly kind: 'person'; readonly contact: ContactView } | { readonly kind: 'channel'; readonly channel: ChannelView }

/** `id` grows by one an event within a run of the node. */
export type EventView = { readonly id: number; readonly at: number } & (
  | { readonly type: 'message'; readonly message: MessageView }
  | { readonly type: 'changed'; readonly message: MessageView }
  | { readonly type: 'removed'; readonly message: string; readonly contact: string }
  | { readonly type: 'request'; readonly request: RequestView }
  | { readonly type: 'contact'; readonly contact: ContactView }
  | { readonly type: 'typing'; readonly contact: string; readonly name: string; readonly active: boolean }
  | { readonly type: 'online'; readonly contact: string; readonly name: string; readonly online: boolean }
  /** a fresh post within the follower's daily limit, of a channel that is not muted */
  | { readonly type: 'post'; readonly post: PostView }
  /** what is known of a channel changed: its manifest, staff, entries, domain, settings */
  | { readonly type: 'channel'; readonly channel: ChannelView }
  /** once a day: how many posts beyond the limit came since the last one */
  | { readonly type: 'digest'; readonly channel: string; readonly name: string; readonly posts: number }
  /** a channel asks us to post in it */
  | { readonly type: 'invitation'; readonly invitation: StaffInvitationView }
  | { readonly type: 'warning'; readonly code: WarningCode; readonly text: string }
)

/**
 * `invite-reused`: somebody answered an invite that was used already; the code may have been photographed. `mailbox-read`: somebody else has
 * the key of a queue of ours. `mailbox-faulty`: a node did not hand out what it had, or something else. `mailbox-expired`: it kept something
 * until its age. `mailboxes-few`: fewer than two relays keep mailboxes for us.
 */
export type WarningCode =
  | 'invite-reused' | 'rolled-back' | 'device-list-refused' | 'store-failed'
  | 'mailbox-read' | 'mailbox-faulty' | 'mailbox-expired' | 'mailboxes-few'
