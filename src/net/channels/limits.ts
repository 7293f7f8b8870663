/** Every number that bounds what a peer of the channel network can cost us, and the parameters of the gossip, each with its reason. */

const KIB = 1024
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

// ---------------------------------------------------------------- connections

/** Everybody here is a stranger, so all of them together: connections x streams x window stays below 400 MiB at the very worst. */
export const MAX_CONNECTIONS = 48
/** Above this, connections nobody needs are closed, the worst first: what is free is for newcomers, who must always get an answer. */
export const SETTLED_CONNECTIONS = 40
/** Of those, opened by others: sybils that call us cannot take the places we fill by calling (eclipse, attack 71). */
export const MAX_INBOUND = 32
/** Of those, for who was the first to bring some of a channel's last messages: half, so that sybils that do so for a while leave the other half to newcomers. */
export const PLACES_FOR_BRINGERS = 16
/** And for who has been here longest: in a quiet channel nobody brings anything, and who calls again and again must not push out who was there before. */
export const PLACES_FOR_THE_OLDEST = 8
/** A caller stays at least this long, to be grafted and to bring something: five heartbeats. */
export const FIRST_STAY = 10 * SECOND
/** Messages of a channel of which it is remembered who brought them. Counted, not timed: a channel may have a post a week. */
export const BRINGERS_REMEMBERED = 64
/** Peers of one channel we call ourselves. The mesh wants 6, and two may go before anything is missed. */
export const PEERS_PER_CHANNEL = 8
/** Sybils rent whole subnets: inbound connections of one /24 (IPv4) or /48 (IPv6). */
export const MAX_PER_SUBNET = 4
/** The same for private ranges: a home or an office where everybody follows the same channel. */
export const MAX_PER_PRIVATE_SUBNET = 16
/** Dials of two peers that cross make two; more are left-overs. */
export const MAX_CONNECTIONS_PER_PEER = 2
/** Unfinished upgrades at a time, and those of one host; loopback is one host for every test and every local node, so it is not counted. */
export const MAX_PENDING_INBOUND = 16
export const MAX_PENDING_PER_HOST = 4
/** New connections a second by one IP address: many followers can share one address behind a carrier's NAT. */
export const INBOUND_PER_HOST_PER_SECOND = 10
/** Nothing of a channel is shared and no request is open for this long: the connection is closed. */
export const UNSHARED_LIFETIME = 2 * MINUTE

/** Channels are looked after this often: peers dialled, surplus closed, bans lifted. */
export const UPKEEP_INTERVAL = 3 * SECOND
/** A hint that did not answer is tried again after this, then twice as long each time up to the second number. */
export const FIRST_RETRY = 3 * SECOND
export const LAST_RETRY = 10 * MINUTE
/** Dials one look-after starts. */
export const DIALS_AT_ONCE = 6
/** Hints kept for one channel, newest last: what a messenger hands over is bounded there too. */
export const MAX_HINTS = 64
/** Peers of one channel of which we remember that they know it. */
export const MAX_KNOWING = 1024
/** Peers whose addresses are remembered, connected or not. */
export const MAX_ADDRESS_BOOK = 1024
/** Rows of libp2p's peer store; above it the oldest written goes (attack 76). */
export const MAX_STORED_PEERS = 4096
/** libp2p forgets addresses after an hour; a provider record that outlives its address is worthless. */
export const ADDRESS_AGE = 24 * HOUR

// ---------------------------------------------------------------- faults

/** At this many points a peer is hung up on and not spoken to for `BAN_TIME`. A little below 100, for what is forgotten between two faults. */
export const FAULTS_UNTIL_BANNED = 95
export const BAN_TIME = HOUR
/** Banned peers remembered; keys cost nothing, so the oldest go. */
export const MAX_BANNED = 1024
/** Half of a peer's points are forgotten in this time: who once relayed something bad is not held to it for ever. */
export const FAULT_HALF_LIFE = 30 * MINUTE
export const FAULT_POINTS = {
  /** a lie or garbage in a reply: three of them */
  invalid: 34,
  /** a request that came to nothing: a bad line is no crime */
  stalled: 10,
  /** more than was asked for or allowed */
  flood: 25,
  /** a forged message in the gossip; each costs us one verification, ten are enough */
  forged: 10,
  /** bytes that are not the protocol */
  protocol: 50,
} as const

// ---------------------------------------------------------------- gossip: mesh

/** Mesh of a topic (D, Dlo, Dhi, Dlazy, Dscore, Dout): the values gossipsub v1.1 was evaluated with. */
export const MESH = { D: 6, Dlo: 4, Dhi: 12, Dlazy: 6, Dscore: 4, Dout: 2 } as const
export const HEARTBEAT = SECOND
/** Heartbeats a message can be asked for, and is offered: as Lodestar, one longer than the default. */
export const MCACHE_LENGTH = 6
export const MCACHE_GOSSIP = 3
/** A message seen is not judged again for this long. What is replayed later meets the log itself (attack 75). */
export const SEEN_TTL = 15 * MINUTE
/** A frame of the gossip: one entry of 64 KiB and its wrapping, or many small ones. The default is 4 MB. */
export const MAX_RPC = 128 * KIB
/** Unsent bytes to one peer, eight of the largest frames; then messages to it are dropped and it asks for them. */
export const MAX_RPC_UNSENT = 1024 * KIB
/** Topics' bytes one peer may subscribe to; each costs its length and 1 KiB, so 60 topics of ours (attack 68). */
export const MAX_TOPIC_BYTES_PER_PEER = 64 * KIB
/** What one RPC may hold. A longer one is not decoded and its sender is hung up on (attacks 68, 69). */
export const RPC_LIMITS = {
  maxSubscriptions: 128,
  maxMessages: 32,
  maxIhaveMessageIDs: 500,
  maxIwantMessageIDs: 500,
  maxControlMessages: 64,
  maxIdontwantMessageIDs: 128,
  /** decoded so that others may use it among themselves, and thrown away (attack 74) */
  maxPeerInfos: 16,
} as const
/** A peer's prune is obeyed for at most this long: 2^64-1 seconds would stay in our memory for ever (attack 69). */
export const MAX_BACKOFF_SECONDS = 600
/** RPCs and messages of one peer: sustained a second, and saved up. 50 posts a second were never seen in a channel. */
export const RPCS_PER_SECOND = 50
export const RPCS_BURST = 400
export const MESSAGES_PER_SECOND = 50
export const MESSAGES_BURST = 400
/** Gossip streams of one connection: one each way, one that replaces it. */
export const GOSSIP_STREAMS = 2

// ---------------------------------------------------------------- gossip: score

/** The most a topic can earn a peer: 4 for time in the mesh, 40 for messages it was first with. Idling must not outweigh a forgery. */
export const SCORE = {
  decayInterval: 10 * SECOND,
  decayToZero: 0.01,
  /** half of one topic's most: being good in ten channels is no licence in the eleventh */
  topicScoreCap: 25,
  retainScore: 10 * HOUR,
  /**
   * P1: full after an hour in the mesh, and then below `opportunisticGraft`: a mesh of peers that are only there and deliver nothing has
   * a median that brings others in (attack 70)
   */
  timeInMesh: { quantum: MINUTE, cap: 60, weight: 4 / 60 },
  /** P2: full after 20 first deliveries; half is gone in an hour */
  firstDeliveries: { cap: 20, weight: 2, halfLife: HOUR },
  /** P3, P3b: off. A channel has a post a day; whoever has had nothing to deliver is no bad peer (attack 72) */
  meshDeliveries: 0,
  /** P4: squared. One forged message costs more than a peer can have earned, and is forgotten after 5 hours */
  invalid: { weight: -50, forgottenAfter: 5 * HOUR },
  /** P5: our own points (`FAULT_POINTS`) in the score, so that a liar in sync leaves the mesh too, and a reconnect washes nothing */
  faultWeight: -40,
  /** points that do not count there: two bad moments of a slow line */
  faultTolerance: 20,
  /** P6: squared surplus over three peers behind one address */
  colocation: { weight: -25, threshold: 3 },
  /** P7: squared surplus over six: 38 grafts against the rules reach the graylist */
  behaviour: { weight: -16, threshold: 6, forgottenAfter: HOUR },
} as const
/** Of Lodestar. Below `graylist` nothing is read, and we hang up; no score ever reaches `acceptPX`. */
export const THRESHOLDS = { gossip: -4000, publish: -8000, graylist: -16_000, acceptPX: 1_000_000, opportunisticGraft: 5 } as const

// ---------------------------------------------------------------- /dure/channel-sync/1

/** Streams the other side may open before our handlers are in place: all of its sync, identify, gossip, a question, a ping. */
export const MAX_EARLY_STREAMS = 8
/** Streams of one connection each way; requests above it wait their turn. */
export const SYNC_STREAMS = 4
/** From the request to the first frame, and from one frame to the next. Measured by whole frames: a dripping server gains nothing. */
export const SYNC_FRAME_TIMEOUT = 10 * SECOND
/** One whole reply. The largest is a picture of 10 MiB. */
export const SYNC_TIMEOUT = 5 * MINUTE
/** One whole reply: a page of 256 entries of 64 KiB; more is an endless server. */
export const MAX_REPLY_FRAMES = 1024
export const MAX_REPLY_BYTES = 20 * KIB * KIB
/** A reader that takes nothing for this long gives its slot up. */
export const SYNC_DRAIN_TIMEOUT = 30 * SECOND
/** Frames joined into one write. */
export const SYNC_BATCH = 32 * KIB
/** Requests a minute. A follower that catches up asks for a page of 256 entries 40 times a second at most. */
export const SYNC_PER_PEER_PER_MINUTE = 3000
export const SYNC_PER_HOST_PER_MINUTE = 6000

// ---------------------------------------------------------------- finding

/** Questions a minute by one peer: each costs a hash for every channel and tag. */
export const FIND_PER_PEER_PER_MINUTE = 12
export const FIND_TIMEOUT = 5 * SECOND
/** A device of the local network is asked again after this. */
export const LAN_ASK_INTERVAL = 10 * MINUTE
/** Devices of the local network remembered. */
export const MAX_LAN_PEERS = 64
/** One search of the DHT. */
export const DHT_FIND_TIMEOUT = 20 * SECOND
/** Provider records of one search that are looked at, and of one subnet: who poisons a key fills it from few addresses (attack 78). */
export const MAX_FOUND = 16
export const MAX_FOUND_PER_SUBNET = 3
/** Our own record is written again this often; others keep it for a day. */
export const REPROVIDE_INTERVAL = 8 * HOUR

// ---------------------------------------------------------------- DHT

/** Provider records we keep for others (attack 76). */
export const PROVIDERS_PER_KEY = 64
export const KEYS_PER_PROVIDER = 1000
export const MAX_PROVIDER_RECORDS = 20_000
export const PROVIDER_LIFETIME = 24 * HOUR
/** Bytes of one stream of the DHT, asked and answered: 20 peers with 8 addresses each are below 32 KiB. The library's limit is 4 MiB a message. */
export const MAX_DHT_STREAM = 64 * KIB
export const DHT_STREAMS = 4
/** Providers taken from one peer's answer, drawn by lot: five must lie before anybody else has answered, to have a search for themselves (attack 78). */
export const MAX_PROVIDERS_PER_ANSWER = 4
/** Addresses of a peer taken from the DHT. */
export const MAX_DHT_ADDRESSES = 8
/** Questions a minute by one peer. A search asks each peer once. */
export const DHT_PER_PEER_PER_MINUTE = 240
/** 20 of a bucket and 10 in parallel are Kademlia's; a desktop that follows a few channels needs neither. */
export const DHT = { kBucketSize: 20, alpha: 3, disjointPaths: 3, queue: 256 } as const
/** Entry points that led nowhere are called again after this. */
export const DHT_ENTER_INTERVAL = 2 * MINUTE
/** How often it is looked whether a peer has been taken into the table, and how long after the last dial it may still be: the library asks it first. */
export const DHT_JOIN_LOOK = 50
export const DHT_JOIN_GRACE = 5 * SECOND
/** How long the other entry points are waited for once the first has answered. */
export const DHT_JOIN_OTHERS = 2 * SECOND
