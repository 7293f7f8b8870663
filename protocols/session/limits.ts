/** Sessions kept beside the active one for messages still under way. Each costs an envelope nobody opens its trial decryptions. */
export const MAX_OLD_SESSIONS = 8

/** How long a session that was left still opens messages, in ms. Mailboxes keep blocks for 21 days. */
export const KEEP_OLD = 30 * 24 * 3_600_000

/** Sessions already dropped whose first message is still known, so that a replay starts nothing (attack 9). */
export const MAX_FORGOTTEN = 32

/** Messages whose place in the sender's history is remembered. More than arrive out of order on a stream or from a mailbox page. */
export const MAX_HISTORY = 32

/** Messages in a row on a session we left that make us follow after all: the peer would have moved to ours if it could. */
export const PATIENCE = 5

/** Silence of the active session, in ms, after which a peer with a wrong clock is followed as well. */
export const SILENCE = 24 * 3_600_000
