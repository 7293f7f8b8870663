export { type Announcement, type AnnouncedQueue, type Changes, decodeAnnouncement, encodeAnnouncement, follow, nextRevision } from './announcement.ts'
export { blockId, type Inside, messageId, type MessageId, openBlock, type Part, partAt, partsOf, sealBlock } from './block.ts'
export { type Answer, type Box, type Caller, due as dueOf, leave, type Push, step, type Step, sweep, type Watch } from './box.ts'
export { credentials, type Credentials, enter, openCreated, openDelivery, openNotice, say, sayCreate, type Stream } from './client.ts'
export { MailboxError } from './errors.ts'
export {
  type Asked,
  type Command,
  decodeCommand,
  decodeNodeFrame,
  encodeCommand,
  encodeNodeFrame,
  type NodeFrame,
  type PushFrame,
  type QueueKind,
  type Refusal,
  type Reply,
} from './frames.ts'
export type { Delivered } from './item.ts'
export { queueKeys, type QueueKeys, requestSecret, type Shared } from './keys.ts'
export {
  ABANDONED,
  BODY,
  CAPACITY,
  FIRST_WAIT,
  ID,
  LONG,
  LONGEST_WAIT,
  MAX_ACKNOWLEDGED,
  MAX_ANNOUNCEMENT,
  MAX_INCOMPLETE,
  MAX_MESSAGE,
  MAX_NOTICE,
  MAX_PARTS,
  MAX_QUEUES,
  MAX_STARTED,
  PART,
  REQUEST_CAPACITY,
  RETENTION,
  SEEN,
  SEND_WINDOW,
  SHORT,
  WINDOW,
} from './limits.ts'
export { answer, type Answered, type Decoy, hear, helloFrame, makeDecoy, noticeFrame, openSession, pushFrame, refusal, type Session, whose } from './node.ts'
export { count, NONE, type Numbers, type Place, type Run } from './numbers.ts'
export { blocksIn, capacityOf, isAbandoned, type Item, newQueue, type Queue } from './queue.ts'
export { type Handle, join, type Joined, type Partial } from './reassembly.ts'
export {
  acknowledgements,
  EMPTY_INBOX,
  evicted,
  type Inbox,
  newView,
  type Note,
  parted,
  receive,
  subscribe,
  subscribed,
  type Taken,
  type View,
} from './recipient.ts'
export { hasSeen, remember, type Seen } from './seen.ts'
export { due, heard, interrupted, left, newSender, type Piece, roomAgain, type Sender, sendCommand, start, type Started } from './sender.ts'
export { decodeInbox, decodeQueue, decodeSender, decodeView, encodeInbox, encodeQueue, encodeSender, encodeView } from './stored.ts'
