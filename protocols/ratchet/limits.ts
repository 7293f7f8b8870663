/** Numbers one message may skip in a chain. A chain lasts until the peer answers; Signal uses 2,000 and 25,000. */
export const MAX_SKIP = 2_000

/** Skipped message keys a session stores; the oldest give way. 88 KB encoded, so hoarding stays cheap (attack 17). */
export const MAX_STORED_KEYS = 2_000

/** How long a skipped key waits for its message, in ms. Mailboxes keep blocks for 21 days. */
export const KEEP_SKIPPED = 30 * 24 * 3_600_000

/** Closed chains that still wait for messages. Each one costs a message that opens under no key one AEAD attempt. */
export const MAX_OLD_CHAINS = 64

/** Closed chains with nothing left to receive whose header keys are kept, so that a redelivery reads as a duplicate or a fork. */
export const MAX_FINISHED_CHAINS = 8

/**
 * Opened messages a session remembers by number and commitment, the oldest dropped 32 at a time; 6 KB encoded. Twice the 256 a sender has on their way at
 * once, four times what a mailbox holds: what comes again after more than that is not called a repeat.
 */
export const MAX_REMEMBERED = 512

/** The last number of a chain: the one after it is still a u32, which is how numbers travel and are stored. */
export const MAX_CHAIN = 0xffff_fffe
