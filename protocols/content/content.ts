/** What people say to each other, as the rest of the house sees it. Ids are 16 bytes, times ms since 1970. */

interface Common {
  /** random; names this content for good */
  readonly id: Uint8Array
  /** the author's clock, ms */
  readonly at: number
  /** disappears so many seconds after it was read */
  readonly expireAfter?: number
  /** Fields this version does not know, as they travelled: kept so that encoding again loses nothing. */
  readonly unknownFields?: { readonly common: Uint8Array; readonly body: Uint8Array }
}

export interface Text {
  readonly kind: 'text'
  readonly text: string
  readonly replyTo?: Uint8Array
}

export interface Edit {
  readonly kind: 'edit'
  readonly target: Uint8Array
  readonly text: string
}

export interface Delete {
  readonly kind: 'delete'
  readonly target: Uint8Array
}

export interface Reaction {
  readonly kind: 'reaction'
  readonly target: Uint8Array
  /** '' takes the reaction back */
  readonly emoji: string
}

export interface Receipt {
  readonly kind: 'receipt'
  readonly receipt: 'delivered' | 'read'
  readonly ids: readonly Uint8Array[]
}

export interface Typing {
  readonly kind: 'typing'
  readonly active: boolean
}

/** The conversation's messages disappear from now on: seconds after reading, 0 for off. */
export interface Timer {
  readonly kind: 'timer'
  readonly seconds: number
}

export interface Profile {
  readonly kind: 'profile'
  readonly name: string
  readonly picture?: Uint8Array
}

/** Where the sending device can be reached: multiaddrs. */
export interface Addresses {
  readonly kind: 'addresses'
  readonly addresses: readonly string[]
}

export interface Pairing {
  readonly kind: 'pairing'
  readonly step: 'hello' | 'pending' | 'accepted' | 'refused'
  readonly name?: string
  readonly picture?: Uint8Array
  readonly addresses: readonly string[]
  /** where the answer may be left: an announcement, as the mailbox room has it */
  readonly mailboxes?: Uint8Array
}

export interface DeviceList {
  readonly kind: 'deviceList'
  /** signed, as it travelled */
  readonly bytes: Uint8Array
}

/** Would you post in our channel? Answered with a `StaffKey` or a `StaffRefused`. */
export interface StaffOffer {
  readonly kind: 'staffOffer'
  /** the channel's link, as anybody follows it */
  readonly link: string
  /** what the channel calls itself; a claim until its manifest was read */
  readonly name: string
  /** what the certificate will call who accepts: followers see it on every post */
  readonly author: string
  /** bits as in a certificate of the channel */
  readonly scope: number
  /** ms */
  readonly notAfter: number
  /** how many entries they may write; absent: as many as they like */
  readonly entries?: number
}

/** Yes, with this key. */
export interface StaffKey {
  readonly kind: 'staffKey'
  readonly channel: Uint8Array
  /** Ed25519, made for this channel alone */
  readonly key: Uint8Array
  /** by that key, over the channel and the author's account: nobody passes somebody else's key off as their own */
  readonly proof: Uint8Array
}

export interface StaffRefused {
  readonly kind: 'staffRefused'
  readonly channel: Uint8Array
}

/** Where the sending device may be left something while it is away. */
export interface Mailboxes {
  readonly kind: 'mailboxes'
  /** an announcement, as the mailbox room has it; the newer one counts */
  readonly bytes: Uint8Array
}

/** The sending device has these envelopes, which came through a mailbox, for good. Never answered with another. */
export interface Taken {
  readonly kind: 'taken'
  /** first 16 bytes of the hash that names the envelope in the mailbox room */
  readonly ids: readonly Uint8Array[]
}

/** Of a kind this version does not know. `raw` is the whole content: a newer version decodes it. */
export interface Unknown {
  readonly kind: 'unknown'
  readonly raw: Uint8Array
}

export type KnownBody =
  | Text | Edit | Delete | Reaction | Receipt | Typing | Timer | Profile | Addresses | Pairing | DeviceList
  | StaffOffer | StaffKey | StaffRefused | Mailboxes | Taken
export type Content = Common & (KnownBody | Unknown)
