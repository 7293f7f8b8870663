/** Limits that several files of this room share. Sizes are bytes; of a text, its UTF-8 bytes. */

/** A whole entry: a long post with its references. What is larger is media. Small enough to be gossiped at once. */
export const MAX_ENTRY = 65_536
/** A picture as a camera makes it. */
export const MAX_MEDIA = 10 * 1024 * 1024
/** Heads an entry names: the root log's and 31 sisters'. */
export const MAX_SEEN = 32
/** Fields in one body, known or not: bounds the work on a body of many empty ones. The largest known has below 60. */
export const MAX_FIELDS = 256
