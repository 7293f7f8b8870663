/** What one search among strangers may cost, each number with its reason. `../channels/limits.ts` bounds what each peer of a DHT may say. */

const SECOND = 1000
const HOUR = 3600 * SECOND

/** The one of the public DHT in use everywhere. */
export const PUBLIC_DHT_PROTOCOL = '/ipfs/kad/1.0.0'
/** From the start of a search to its end, whoever hangs. */
export const SEARCH_TIMEOUT = 45 * SECOND
/** Of that, until the first peer of the DHT has answered. */
export const JOIN_TIMEOUT = 15 * SECOND
/** Of that, for provider records; the rest is for asking who they name. */
export const RECORDS_TIMEOUT = 20 * SECOND
/** A name server that says nothing. */
export const DNS_TIMEOUT = 3 * SECOND
/** Entry points tried at once, and addresses one name may stand for. */
export const MAX_ENTRY_POINTS = 16
/** Provider records of one search, each asked whether it is a relay: who poisons the key writes as many as it likes (attack 78). */
export const MAX_CLAIMS = 24
export const ASKED_AT_ONCE = 6
/** From dialling one to what it says of itself. */
export const ASK_TIMEOUT = 5 * SECOND
/** Relays a search is content with. */
export const ENOUGH = 8
/** Connections of a node that lives for one search. */
export const MAX_CONNECTIONS = 64
/** Records live for 48 hours in the public DHT, and those who keep them come and go. */
export const ANNOUNCE_INTERVAL = 22 * HOUR
/** An announcement that reached nobody is tried again. */
export const ANNOUNCE_RETRY = HOUR
/** One announcement: a walk to the 20 nearest, many of which do not answer. */
export const ANNOUNCE_TIMEOUT = 180 * SECOND
