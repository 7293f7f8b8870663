/** Limits that several files of this room share. Sizes are bytes; of a text, its UTF-8 bytes. */

/** A whole entry: a long post with its references. What is larger is media. Small enough to be gossiped at once. */
export const MAX_ENTRY = 65_536
/** A picture as a camera makes it. */
export const MAX_MEDIA = 10 * 1024 * 1024
/** Heads an entry names: the root log's and 31 sisters'. */
export const MAX_SEEN = 32
/** Fields in one body, known or not: bounds the work on a body of many empty ones. The largest known has below 60. */
export const MAX_FIELDS = 256

/** 128 Latin letters, 42 Hangul syllables: of a channel, of an author. */
export const MAX_NAME = 128
/** A page about the shop. */
export const MAX_DESCRIPTION = 4_096
/** Longest language tag of RFC 5646 section 4.4.1. */
export const MAX_LANGUAGE = 35
export const MAX_LANGUAGES = 16
export const MAX_LINK = 2_048
export const MAX_LINKS = 16
/** A rule for each day and the holidays of a year. */
export const MAX_HOURS = 1_024
/** Of the DNS, as text. */
export const MAX_DOMAIN = 253
export const MAX_TITLE = 256
/** Half an entry: twenty pages of a book. */
export const MAX_TEXT = 32_768
export const MAX_POST_LINKS = 8
export const MAX_POST_MEDIA = 8
/** Where an event is, what a picture shows. */
export const MAX_SHORT_TEXT = 512
/** Why something is withdrawn or ended. */
export const MAX_REASON = 256
/** The small print of an offer. */
export const MAX_TERMS = 4_096

/** Entries a day in each log, when the manifest does not say: more than people want to read of anybody. */
export const DEFAULT_RATE = 50
/** A newsroom or a station that reports every second. */
export const MAX_RATE = 100_000
/** Entries a day in the root log: a brand that starts with a hundred staff, not a flood. */
export const ROOT_RATE = 256
/** Entries the root log can have: every follower holds them all. Eleven years of one a day. */
export const MAX_ROOT_ENTRIES = 4_096
/** Rotations, of which every evidence carries all: one a year for a century. */
export const MAX_ROTATIONS = 100
/** Author logs that are not ended by a revocation: with the root log's, an entry of one has place to name the others. */
export const MAX_OPEN_LOGS = 32
/** ms an author's clock may be ahead of ours. */
export const MAX_AHEAD = 5 * 60_000
