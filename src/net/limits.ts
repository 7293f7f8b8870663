/** Every number that bounds what a peer can cost us. The README's table repeats them with the attack they answer. */

const KIB = 1024
const SECOND = 1000
const MINUTE = 60 * SECOND

// ---------------------------------------------------------------- connections

/** Worst case of memory is connections x streams x read buffer; a person has few contacts online at once. */
export const MAX_CONNECTIONS = 80
/** Connections from devices that are not admitted: room for pairing, never enough to crowd out contacts. */
export const MAX_STRANGERS = 16
/** Sybils rent whole subnets: strangers of one /24 (IPv4) or /48 (IPv6). Contacts are authenticated and not counted. */
export const MAX_STRANGERS_PER_SUBNET = 4
/** Two devices that dial each other at once make two; more are left-overs, the oldest is closed. */
export const MAX_CONNECTIONS_PER_DEVICE = 2
/** Unfinished upgrades: what a flood of silent sockets can hold at a time. */
export const MAX_PENDING_INBOUND = 5
/** Of those by one IP address, so that one host cannot hold all of them. */
export const MAX_PENDING_PER_HOST = 3
/** New connections a second by one IP address; several contacts may share one NAT. */
export const INBOUND_PER_HOST_PER_SECOND = 3
/** Sockets accepted by a listener at all, upgraded or not. */
export const MAX_SOCKETS = 128
/** A stranger has this long for a pairing before its connection is closed. */
export const STRANGER_LIFETIME = 2 * MINUTE

// ---------------------------------------------------------------- time

/** From an accepted socket to a secured, multiplexed connection (slowloris). */
export const INBOUND_UPGRADE_TIMEOUT = 5 * SECOND
export const PROTOCOL_NEGOTIATION_TIMEOUT = 5 * SECOND
/** All addresses of one device together, and one of them. */
export const DIAL_TIMEOUT = 10 * SECOND
export const ADDRESS_DIAL_TIMEOUT = 5 * SECOND
/** A socket on which nothing moves; pings every 10 s keep a living one busy. */
export const SOCKET_INACTIVITY = 60 * SECOND
/** A stream that was closed on one side is aborted when the other does not follow. */
export const CLOSE_TIMEOUT = 5 * SECOND
/** `stop` gives libp2p this long before it leaves the rest behind; the promise to callers is 2 s. */
export const STOP_TIMEOUT = 1500
/** Interfaces and strangers are looked at this often: a person who plugs in again sees within seconds that it works. */
export const HOUSEKEEPING_INTERVAL = 3 * SECOND
/** So many intervals without a look: the machine slept. */
export const SLEPT_INTERVALS = 3
/** Who is still there answers within this when asked whether a connection of before still stands. */
export const ALIVE_TIMEOUT = 4 * SECOND
/** The most a ping waits that nobody answers. The library lets one dead connection stretch the patience with all others to a minute. */
export const MAX_PING_TIMEOUT = 10 * SECOND

// ---------------------------------------------------------------- dialling

/** Addresses tried for one device: bounds what a contact's hints can make us dial (attack 88). */
export const MAX_ADDRESSES_TO_DIAL = 8
export const MAX_DIAL_QUEUE = 100
export const MAX_PARALLEL_DIALS = 20
/** Our own addresses given to others. */
export const MAX_ANNOUNCED = 8
/** Longest textual multiaddr looked at; a DNS name has at most 253 characters. */
export const MAX_ADDRESS_LENGTH = 320
/** IP addresses of one DNS name that are considered. */
export const MAX_RESOLVED = 4
/** The same device found again on the local network is not dialled again sooner. */
export const DISCOVERY_BACKOFF = 10 * SECOND
/** Both sides find each other at once; the larger key gives the smaller one this long to call. */
export const DISCOVERY_COURTESY = 2 * SECOND
/** Devices for which a discovery dial is remembered. */
export const MAX_DISCOVERED = 256

// ---------------------------------------------------------------- relays

/** Ways through relays tried for one device. */
export const MAX_CIRCUITS_TO_DIAL = 4
/** A direct call has this long for itself before a relay is asked too: most that will be answered are by then. */
export const DIRECT_HEAD_START = 1 * SECOND
/** Of our announced addresses, those through relays: two of each of two relays. They need the room of an invite's code. */
export const MAX_ANNOUNCED_CIRCUITS = 4
export const MAX_ANNOUNCED_PER_RELAY = 2
/** A relay that is away or full is asked again after the first, then twice as long each time up to the second; each with jitter of half. */
export const FIRST_RELAY_RETRY = 1 * SECOND
export const LAST_RELAY_RETRY = 5 * MINUTE
/** The same while nobody at all answers: then it is our own network that is gone, nobody is troubled, and it may be back any moment. */
export const LAST_RELAY_RETRY_ALONE = 15 * SECOND
/** Relays asked for a place at a time. */
export const MAX_RESERVING = 8
/** Circuits a relay may bring us at a time, each a stream of its connection. */
export const MAX_STOP_STREAMS = 16
/** What our own address looks like from a relay is asked for this long. */
export const OBSERVED_TIMEOUT = 3 * SECOND
/**
 * Bytes unanswered on a relayed connection, or one envelope. The relay cuts it at a few hundred KiB, and what is then unanswered is sent again: with
 * a direct connection's 1 MiB the same beginning would be sent again for ever (attack 82).
 */
export const MAX_RELAYED_IN_FLIGHT_BYTES = 64 * KIB

// ---------------------------------------------------------------- onward

/** One address of a relay of others, through one of ours: it calls for 5 s, then both ends are secured. */
export const ONWARD_TIMEOUT = 10 * SECOND
/** Bytes of our relay before the other end was secured: its answer, and how every connection begins. */
export const MAX_ONWARD_ANSWER = 4 * KIB

// ---------------------------------------------------------------- hole punching

/** Our calls leave from one local port, so that a router gives them one outside port. Below the ports systems choose from, above well-known ones. */
export const FIRST_OUTGOING_PORT = 20_000
export const LAST_OUTGOING_PORT = 32_000
/** One try, and tries: as go-libp2p. A second SYN leaves after 1 s, a third after 3. */
export const PUNCH_TIMEOUT = 5 * SECOND
export const PUNCH_TRIES = 3
/** A router in between says no to a call that came too early: once more after this. */
export const PUNCH_PAUSE = 100
/** Addresses of a contact we knock at. */
export const MAX_PUNCHED = 4
export const PUNCH_STREAMS = 1

// ---------------------------------------------------------------- streams

/** Streams of one connection, each way. */
export const MAX_STREAMS = 32
/** Streams the other side may open before our handlers are in place (attack 84). */
export const MAX_EARLY_STREAMS = 4
/**
 * Receive window of a stream, and the limit of its unread bytes. They must be equal: a stream that is paused while its window is larger than
 * its read buffer is aborted by the bytes it had already allowed.
 */
export const STREAM_WINDOW = 256 * KIB
/** A peer that does not read. One batch is at most `MAX_BATCH_BYTES` plus one envelope. */
export const MAX_WRITE_BUFFER = 1024 * KIB
/** A WebSocket message is buffered whole before anything authenticates it; a Noise frame is below 64 KiB. */
export const MAX_WEBSOCKET_MESSAGE = 256 * KIB
/** libp2p's own protocols */
export const MAX_IDENTIFY_STREAMS = 1
export const MAX_IDENTIFY_MESSAGE = 4 * KIB
export const MAX_PING_STREAMS = 2

// ---------------------------------------------------------------- /dure/direct/1

/** The largest envelope there is: 4 x 64 KiB (protocols/envelope). */
export const MAX_ENVELOPE = 256 * KIB
/** One kept stream a direction, and one that replaces it while it closes. */
export const MAX_DIRECT_STREAMS = 2
/** Envelopes sent and not answered; the receiver takes no more than that unanswered, and one frame holds as many verdicts. */
export const MAX_IN_FLIGHT = 128
export const MAX_IN_FLIGHT_BYTES = 1024 * KIB
/** Frames joined into one write: 16 small messages in one write are nine times faster than 16 writes. */
export const MAX_BATCH_BYTES = 256 * KIB
/** Envelopes are in flight and no verdict comes. A verdict waits for the other side's fsync. */
export const VERDICT_TIMEOUT = 20 * SECOND
/** A stream that was opened and says nothing (attack 83). */
export const FIRST_FRAME_TIMEOUT = 10 * SECOND
/** From the first byte of a frame to its last: one byte a minute does not keep a slot. */
export const FRAME_TIMEOUT = 30 * SECOND
/** The sender closes its idle stream; the receiver waits longer, so an honest sender never meets it. */
export const SENDER_IDLE = 2 * MINUTE
export const RECEIVER_IDLE = 5 * MINUTE

// ---------------------------------------------------------------- /dure/pairing/1

/** A request carries a device list (16 KiB) or a handshake's first envelope. */
export const MAX_PAIRING_FRAME = 64 * KIB
export const MAX_PAIRING_STREAMS = 1
/** The whole exchange, for the side that asks; the side that answers gives the same to its handler. */
export const PAIRING_TIMEOUT = 15 * SECOND
/** Requests a minute: a pairing is two or three. A handshake costs the inviter about 2 ms. */
export const PAIRING_PER_DEVICE_PER_MINUTE = 12
export const PAIRING_PER_HOST_PER_MINUTE = 60

// ---------------------------------------------------------------- /dure/mailbox/1

/** One kept stream, and one that replaces it. */
export const MAX_MAILBOX_STREAMS = 2
/** Commands taken and not answered, or answered and not read: twice what a sender has on its way. */
export const MAX_MAILBOX_UNANSWERED = 32
/** From the first byte of a frame to its last; and how often a silent stream is looked at. */
export const MAILBOX_FRAME_TIMEOUT = 30 * SECOND
/** A stream that listens to no queue and says nothing. */
export const MAILBOX_IDLE = 2 * MINUTE
/** Frames joined into one write: four blocks. */
export const MAILBOX_BATCH_BYTES = 64 * KIB
/** Frames made at a time for one write: of blocks, as many as it takes. */
export const MAILBOX_FRAMES_AT_ONCE = 4
/** A reader that does not read. */
export const MAILBOX_DRAIN_TIMEOUT = 60 * SECOND
/** Ours to nodes that keep mailboxes, each under a key of its own: two of our own for fetching, and those of contacts as it is their turn. */
export const MAX_MAILBOX_CONNECTIONS = 32
/** Names looked up, dialled, secured, a stream opened. */
export const MAILBOX_CONNECT_TIMEOUT = 15 * SECOND
/** A relay that is gone without a word is noticed by its silence on TCP; on WebSocket, by this. */
export const MAILBOX_PING_INTERVAL = 5 * MINUTE
