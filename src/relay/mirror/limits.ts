/** What mirrors may cost the operator, each with its reason. */

/** Bytes of the disk that mirrors may fill with pictures: some forty channels with 500 pictures of a phone each, a fifth of a small server's disk. */
export const MIRROR_QUOTA = 4 * 1024 ** 3
/** Newest entries of a log that are kept: all there are. This is 27 years of 100 posts a day; what is above it is no log of people. */
export const KEEP = 1_000_000
/** Heads of each are compared every 10 minutes, and all share the connections of one node. */
export const MAX_MIRRORS = 100
/** An operator who adds a channel waits this long for somebody who has it; later it is tried again by itself. */
export const ADD_WAIT_MS = 15_000
/** Pictures that nobody gave, and those that came while too many were wanted, are looked for again this often. */
export const WALK_MS = 3600_000
/** Pictures that are wanted at a time, a few hundred bytes each; the next walk finds what did not fit. */
export const MAX_WANTED = 10_000
/** Entries read at a time while a walk looks for pictures: of the largest, 4 MiB. */
export const WALKED_AT_ONCE = 64
