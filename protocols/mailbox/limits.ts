/** Every size and limit of the room. Sizes are bytes, times are ms unless the name says otherwise. */

const DAY = 24 * 3600 * 1000

/** A recipient's or sender's name of a queue: drawn by the node, too many to guess. */
export const ID = 24
/** A sender's name of a block, by which a resend is known. */
export const BLOCK_ID = 16
/** What a subscription is known by afterwards. */
export const TAG = 16
export const KEY = 32
export const SALT = 32
export const AUTHENTICATOR = 32
export const AEAD_TAG = 16

/** Of the message one block carries: a 16 KiB envelope is one block, 64 KiB are four, 256 KiB sixteen. */
export const PART = 16_384
/** version, what, number, message hash, length, index */
export const PART_HEAD = 48
/** A sealed block, as the sender hands it in: salt, ciphertext, tag. All have this size. */
export const BODY = SALT + PART_HEAD + PART + AEAD_TAG

/** A frame that carries no block. */
export const SHORT = 256
/** A frame that carries one, in whichever direction. */
export const LONG = 16_640

/** The largest envelope. */
export const MAX_MESSAGE = 262_144
/** Parts of one message. */
export const MAX_PARTS = MAX_MESSAGE / PART
/** A bundle with its commitment, for who scans an invite: one block. */
export const MAX_NOTICE = 16_384

/** Blocks a queue holds for a conversation: 128 short messages, eight of 256 KiB; 2 MiB. */
export const CAPACITY = 128
/** Blocks a queue holds for an invite: one answer is expected, and what somebody who found the invite adds must stay small. */
export const REQUEST_CAPACITY = 8
/** How long a block waits for its recipient: three weeks of holidays. */
export const RETENTION = 21 * DAY
/** A queue whose recipient said nothing for so long may be removed with what is left in it: half a year. */
export const ABANDONED = 183 * DAY
/** Blocks delivered and not acknowledged: above what a recipient may hold back (MAX_INCOMPLETE messages less one part each), so it never starves. 1 MiB. */
export const WINDOW = 64
/** Ids of deleted blocks a queue remembers, so that a resend of one is not stored again: all a queue can have held. */
export const RECENT = 128
/** Blocks acknowledged by one command: those of the largest message. */
export const MAX_ACKNOWLEDGED = 16

/** Messages a recipient holds parts of: one a queue of four, which is all a contact announces. */
export const MAX_INCOMPLETE = 4
/** Message hashes a recipient remembers: twice what four queues can hold. */
export const SEEN = 1_024
/** Runs of missing block numbers remembered, in case they come late. */
export const MAX_MISSING = 16
/** Own subscriptions remembered. */
export const MAX_TAGS = 16

/** Messages a sender has begun on one queue. */
export const MAX_STARTED = 8
/** Blocks a sender has on the way: a quarter of a MiB fills a long line, and few come in disorder when the queue fills up. */
export const SEND_WINDOW = 16
/** The first wait after QUOTA or BUSY; it doubles. */
export const FIRST_WAIT = 30_000
/** The longest. */
export const LONGEST_WAIT = 15 * 60_000

/** Queues of one announcement: two in use and two being left. */
export const MAX_QUEUES = 4
/** Hints; one that works is enough. */
export const MAX_ADDRESSES = 4
/** As in the pairing room: a relayed WebTransport address with its hashes. */
export const MAX_ADDRESS = 200
/** The largest announcement. */
export const MAX_ANNOUNCEMENT = 10 + MAX_QUEUES * (4 * KEY - 8 + 2 + MAX_ADDRESSES * (1 + MAX_ADDRESS))
