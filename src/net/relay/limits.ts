/** Every number that bounds what strangers can cost an operator, each with its reason. `channels/limits.ts` holds those of the DHT. */

const KIB = 1024
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

// ---------------------------------------------------------------- connections

/**
 * Everybody is a stranger. A person has one for a reservation, one to listen to mailboxes and now and then one to fill those of others, and as many
 * callers: room for a few hundred. Each costs about 70 KB.
 */
export const MAX_CONNECTIONS = 1024
/** Rented subnets: connections of one /24 (IPv4) or /48 (IPv6), three a person. Carriers put many homes behind one IPv4 address, none behind one /48. */
export const MAX_PER_SUBNET_4 = 48
export const MAX_PER_SUBNET_6 = 24
/** Unfinished upgrades at a time, and those of one host. */
export const MAX_PENDING_INBOUND = 32
export const MAX_PENDING_PER_HOST = 3
/** New connections a second by one IP address. */
export const INBOUND_PER_HOST_PER_SECOND = 5
/** Sockets a listener accepts at all: connections and unfinished upgrades. */
export const MAX_SOCKETS = 1100
/** Sockets the system holds before we have accepted them. */
export const BACKLOG = 64
/** Two dials of one peer that cross; more are left-overs. */
export const MAX_CONNECTIONS_PER_PEER = 2
/** A connection that carries no stream and holds no reservation is closed after this. */
export const IDLE_LIFETIME = 2 * MINUTE
export const REVIEW_INTERVAL = 10 * SECOND
/** Below the minute after which a silent socket is closed: all that an idle listener of a mailbox costs, a few hundred bytes a minute. */
export const PING_INTERVAL = 45 * SECOND
/** The relay dials for the DHT and for AutoNAT only. */
export const MAX_DIAL_QUEUE = 200
export const MAX_PARALLEL_DIALS = 50
export const MAX_ADDRESSES_TO_DIAL = 12
/** Rows of libp2p's peer store (attack 76). */
export const MAX_STORED_PEERS = 4096

// ---------------------------------------------------------------- streams

/** Of one connection each way: a popular peer is called by many at once. */
export const MAX_STREAMS = 64
export const MAX_EARLY_STREAMS = 8

// ---------------------------------------------------------------- reservations

/** People who can be called through this relay. Worst case of memory is `MAX_CIRCUITS` x `CIRCUIT_BYTES`, not this. */
export const MAX_RESERVATIONS = 128
/** Keys cost nothing, addresses do (attack 81). Two: a person's two devices. */
export const RESERVATIONS_PER_HOST = 2
/** Renewed by whoever is still there; half the library's, so that what attackers hold is back sooner. */
export const RESERVATION_LIFETIME = HOUR

// ---------------------------------------------------------------- circuits

/** What one relayed connection may carry, both ways together: a few hundred messages or two of the largest. Not a file. */
export const CIRCUIT_BYTES = 512 * KIB
export const CIRCUIT_LIFETIME = 2 * MINUTE
/** Relayed connections at a time: 64 MiB at the very worst, since each may buffer what it may carry. */
export const MAX_CIRCUITS = 128
/** Of those, asked for by one host. */
export const CIRCUITS_PER_HOST = 16
/** Relayed connections one host may ask for in a minute: 60 MiB, an open proxy for nobody. */
export const CIRCUITS_PER_HOST_PER_MINUTE = 120
/** Hop streams of one connection each way. */
export const MAX_HOP_STREAMS = 20
/** Bytes before the relay has answered: a request is below 512. The library would buffer 4 MiB. */
export const MAX_HOP_REQUEST = 4 * KIB
/** From an opened hop stream to its answer. The library gives 30 s. */
export const HOP_TIMEOUT = 5 * SECOND

// ---------------------------------------------------------------- onward

/** What one connection to a relay of others may carry, both ways together, and for how long: as a relayed one. Thirty blocks for a mailbox; more resumes on the next. */
export const ONWARD_BYTES = 512 * KIB
export const ONWARD_LIFETIME = 2 * MINUTE
/** At a time: 32 MiB at the very worst, since each may buffer what it may carry. */
export const MAX_ONWARD = 64
/** Of those, of one host: a person's messages go to the relays of so many contacts at once. */
export const ONWARD_PER_HOST = 16
/** One host's in a minute: 30 MiB, an open proxy for nobody. Every address that does not answer counts. */
export const ONWARD_PER_HOST_PER_MINUTE = 60
/** To one host at a time, whoever asked, and in a minute: below what a relay takes of one address, so that nobody is flooded through us and we are not shut out. */
export const ONWARD_PER_TARGET = 32
export const ONWARD_PER_TARGET_PER_MINUTE = 120
/** For what is behind a name. */
export const ONWARD_LOOK_UP = 2 * SECOND
/** Nothing moves: the relay at the far end asks every `PING_INTERVAL` whether the other is there, so this ends only what is dead. */
export const ONWARD_IDLE = MINUTE

// ---------------------------------------------------------------- AutoNAT

export const AUTONAT_STREAMS = 1
export const MAX_AUTONAT_MESSAGE = 4 * KIB
