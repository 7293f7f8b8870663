/** Every limit of this room. Sizes are bytes; of a text, its UTF-8 bytes. */

/** What an envelope carries at the most (the limit of the envelope room). */
export const MAX_CONTENT_BYTES = 196_608
/** A long letter. What is longer is a file. */
export const MAX_TEXT_BYTES = 65_536
/** 128 Latin letters, 42 Hangul syllables, five or so of the longest emoji. */
export const MAX_NAME_BYTES = 128
/** A face of 256 x 256 as a good JPEG or WebP. */
export const MAX_PICTURE_BYTES = 65_536
/** The longest emoji sequences of Unicode (family and flag tag sequences) are below 40. */
export const MAX_EMOJI_BYTES = 64
/** 8 KB of ids: a receipt stays in the second smallest envelope. */
export const MAX_RECEIPT_IDS = 500
/** Interfaces and relays of a device, with room to spare. */
export const MAX_ADDRESSES = 16
/** A relayed multiaddr with a name and two certificate hashes. */
export const MAX_ADDRESS_BYTES = 256
/** The limit of the identity room. */
export const MAX_DEVICE_LIST_BYTES = 16_384
/** A leap year, in seconds: what should last longer is deleted by hand. */
export const MAX_TIMER_SECONDS = 366 * 24 * 3600
/** The last ms a `Date` can tell. */
export const MAX_TIME_MS = 8_640_000_000_000_000
/** A channel link with four peers and four long addresses each. */
export const MAX_LINK_BYTES = 8_192
/** The bits a certificate of a channel has room for. */
export const MAX_SCOPE = 0xffff
/** What the wire has room for. */
export const MAX_ENTRIES = 0xffffffff
/** Twice the largest announcement of the mailbox room: a later version of it may say more. */
export const MAX_MAILBOXES_BYTES = 8_192
/** Fields in one message, known or not: bounds the work on a message of many small ones. The largest known has 501. */
export const MAX_FIELDS = 1_024

export const ID_BYTES = 16
export const CHANNEL_BYTES = 32
/** Ed25519 */
export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64
