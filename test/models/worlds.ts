/** Which worlds are explored, and what is found in each: nothing, where all is done as specified; and where something is done wrong, that. */
import { channelModel, type Mistake as ChannelMistake, type World as ChannelWorld } from './channel.ts'
import type { Model } from './explore.ts'
import { type Fault, mailboxModel, type Mistake as MailboxMistake, type World as MailboxWorld } from './mailbox.ts'

export interface Explorable {
  readonly room: 'mailbox' | 'channel'
  readonly name: string
  readonly model: () => Model<unknown>
  /** how what is wrong in it begins; undefined: nothing is */
  readonly finds?: string
}

const CRASHES: readonly Fault[] = ['the writer ends', 'the node ends', 'the reader ends', 'a stream breaks', 'a stream breaks on one side']
const CARRIERS: readonly Fault[] = ['a frame is lost', 'a frame is doubled', 'frames are swapped', 'a deleted block is replayed']
const STRANGER: readonly Fault[] = ['somebody else subscribes']

const conversation = (messages: readonly number[], faults: readonly Fault[], most: number): MailboxWorld => ({ kind: 'conversation', messages, filled: 0, faults, most })
/** A queue of eight blocks, with so many in it. */
const request = (filled: number, messages: readonly number[], faults: readonly Fault[] = [], most = 0): MailboxWorld => ({ kind: 'request', messages, filled, faults, most })

const mailbox = (name: string, world: MailboxWorld, finds?: string): Explorable => ({ room: 'mailbox', name, model: () => mailboxModel(world), ...(finds !== undefined && { finds }) })
const channel = (name: string, world: ChannelWorld, finds?: string): Explorable => ({ room: 'channel', name, model: () => channelModel(world), ...(finds !== undefined && { finds }) })
const wrongMailbox = (mistake: MailboxMistake, world: MailboxWorld, finds: string): Explorable => mailbox(mistake, { ...world, mistake }, finds)
const wrongChannel = (mistake: ChannelMistake, world: ChannelWorld, finds: string): Explorable => channel(mistake, { ...world, mistake }, finds)

/** Seconds in all: a part of `npm test`. */
export const SOUND: readonly Explorable[] = [
  mailbox('two messages, one of two blocks, and no fault', conversation([1, 2], [], 0)),
  mailbox('a message, and any process ends or stream breaks', conversation([1], CRASHES, 1)),
  mailbox('a message, and any frame is lost, doubled, swapped or replayed', conversation([1], CARRIERS, 1)),
  mailbox('a message, and somebody else subscribes and acknowledges', conversation([1], STRANGER, 2)),
  mailbox('three messages into a queue that has room for one', request(7, [1, 1, 1])),
  channel('two authors write at once', { kim: 2, lee: 1 }),
  channel('a device is put back to a backup, and asks before it writes', { kim: 2, restored: 1 }),
  channel('the brand ends a log that goes on', { kim: 2, revoked: 1 }),
  channel('a posting key is copied, and ended, also at more than a follower has of the other branch', { kim: 2, copied: 1, revoked: 1 }),
  channel('the root key is stolen, and the next one used', { stolen: 1, mallory: 1, rotated: 1 }),
]

/** Minutes: `npm run models` explores these as well. */
export const LONG: readonly Explorable[] = [
  mailbox('two messages, one of two blocks, and any process ends or stream breaks', conversation([1, 2], CRASHES, 1)),
  mailbox('a message, and two ends of processes or streams', conversation([1], CRASHES, 2)),
  mailbox('a message of two blocks, and two ends of processes or streams', conversation([2], CRASHES, 2)),
  mailbox('two messages, and two frames are lost, doubled, swapped or replayed', conversation([1, 1], CARRIERS, 2)),
  mailbox('two messages, and somebody else subscribes and acknowledges', conversation([1, 1], STRANGER, 2)),
  mailbox('two messages into a queue that has room for one, and any process ends or stream breaks', request(7, [1, 1], CRASHES, 1)),
  mailbox('a message of eight blocks and one of one into a queue of eight that has one', request(1, [8, 1])),
  channel('two authors write at once, one is put back to a backup', { kim: 2, lee: 1, restored: 1 }),
  channel('the brand ends a log twice, and another author goes on', { kim: 2, lee: 1, revoked: 2 }),
  channel('a posting key is copied, and ended twice', { kim: 2, copied: 1, revoked: 2 }),
  channel('a posting key is copied and ended, and another author goes on', { kim: 1, copied: 1, lee: 1, revoked: 1 }),
  channel('the root key is stolen and the next one used, an author goes on', { kim: 1, stolen: 1, mallory: 1, rotated: 1 }),
  channel('the root key is stolen, both write, and the next one is used', { stolen: 2, manifests: 1, rotated: 1 }),
]

const PATIENT: MailboxWorld = { ...request(8, [1]), faults: ['a stream breaks'], most: 1 }

/** What must not be done, each found. */
export const MISTAKES: readonly Explorable[] = [
  wrongMailbox('the reader acknowledges before it has stored', conversation([1], CRASHES, 1), 'message 1 is acknowledged, and not stored'),
  wrongMailbox('the reader does not remember what it has', conversation([1], CRASHES, 1), 'a message was shown twice'),
  wrongMailbox('the reader acknowledges each part by itself', conversation([2], [], 0), 'message 1 is acknowledged, and not stored'),
  wrongMailbox('the reader leaves the marker of QUOTA', request(7, [1, 1]), 'no way to rest'),
  wrongMailbox('the node answers before it has stored', conversation([1], [], 0), 'block 1.0 is with the mailbox, they said, and it is nowhere'),
  wrongMailbox('the writer takes any answer for done', request(8, [1]), 'block 1.0 is with the mailbox, they said, and it is nowhere'),
  wrongMailbox('the writer never tries again', PATIENT, 'no way to rest'),
  wrongMailbox('nobody looks at the tag', conversation([1], STRANGER, 2), 'no way to rest'),
  wrongChannel('a restored device writes at once', { kim: 2, restored: 1 }, 'a log was forked by accident'),
  wrongChannel('two devices share a posting key', { kim: 1, copied: 1 }, 'a log was forked by accident'),
  wrongChannel('nobody looks at a revocation', { kim: 1, revoked: 1 }, 'the brand has entries of a log behind its end'),
  wrongChannel('of a revocation nobody looks at the tree root', { kim: 1, copied: 1, revoked: 1 }, "who has Kim's key has other entries than were kept"),
  wrongChannel('nobody begins again where less is here than was kept', { kim: 2, copied: 1, revoked: 1 }, 'a follower has'),
  wrongChannel('nobody proves a fork', { kim: 1, copied: 1 }, 'a follower has Kim, 0'),
]

/** What is specified and has these limits, which the READMEs of the rooms name. */
export const LIMITS: readonly Explorable[] = [
  mailbox('a message of more blocks than the queue of an invite holds', request(0, [9]), 'no way to rest'),
  mailbox('the answer to a subscription is lost that would have told of somebody else', conversation([], [...STRANGER, 'the reader ends'], 2), 'no way to rest'),
]

/** These take longer to come to. */
export const LONG_LIMITS: readonly Explorable[] = [
  mailbox('two messages of several blocks into the queue of an invite, each waiting for the other', request(1, [8, 2]), 'no way to rest'),
]
