/**
 * Where one may be reached while away, as contacts tell each other inside the encrypted conversation: always the whole list. A newer list takes the
 * place of an older one; a queue that is not in it is left.
 */
import { concat, fromUtf8, Reader, toHex, u64, utf8 } from '../suite/index.ts'
import { MailboxError, malformed } from './errors.ts'
import { ID, KEY, MAX_ADDRESS, MAX_ADDRESSES, MAX_ANNOUNCEMENT, MAX_QUEUES } from './limits.ts'

export interface AnnouncedQueue {
  /** Ed25519 key of the node's peer id */
  readonly node: Uint8Array
  /** multiaddrs, the best first */
  readonly addresses: readonly string[]
  /** sender id */
  readonly sender: Uint8Array
  /** the node's key for the queue */
  readonly nodeKey: Uint8Array
  /** all a sender's keys follow from it: see `queueKeys` */
  readonly secret: Uint8Array
  /** 0 is tried first; of equal ones, whichever is reached */
  readonly priority: number
}

export interface Announcement {
  /** the higher one counts; see `nextRevision` */
  readonly revision: number
  readonly queues: readonly AnnouncedQueue[]
}

const VERSION = 1

/** Above the last one, and above one of a state that was lost. */
export const nextRevision = (last: number, now: number): number => Math.max(last + 1, now)

/** @throws MailboxError malformed: more than the limits, or a queue twice */
export function encodeAnnouncement({ revision, queues }: Announcement): Uint8Array {
  if (queues.length > MAX_QUEUES) throw malformed()
  unique(queues)
  return concat(new Uint8Array([VERSION]), u64(revision), new Uint8Array([queues.length]), ...queues.map(encodeQueue))
}

function encodeQueue({ node, addresses, sender, nodeKey, secret, priority }: AnnouncedQueue): Uint8Array {
  const wrong = node.length !== KEY || sender.length !== ID || nodeKey.length !== KEY || secret.length !== KEY
  if (wrong || !Number.isInteger(priority) || priority < 0 || priority > 255 || addresses.length > MAX_ADDRESSES) throw malformed()
  const coded = addresses.map((address) => {
    const bytes = utf8(address)
    if (!isAddress(address)) throw malformed()
    return concat(new Uint8Array([bytes.length]), bytes)
  })
  return concat(node, sender, nodeKey, secret, new Uint8Array([priority, addresses.length]), ...coded)
}

/** @throws MailboxError malformed | newer-version */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  if (bytes.length > MAX_ANNOUNCEMENT) throw malformed()
  const reader = new Reader(bytes, malformed)
  const version = reader.u8()
  if (version > VERSION) throw new MailboxError('newer-version')
  if (version !== VERSION) throw malformed()
  const revision = reader.u64()
  const count = reader.u8()
  if (count > MAX_QUEUES) throw malformed()
  const queues = Array.from({ length: count }, () => readQueue(reader))
  reader.end()
  unique(queues)
  return { revision, queues }
}

function readQueue(reader: Reader): AnnouncedQueue {
  const [node, sender, nodeKey, secret, priority, count] = [reader.take(KEY), reader.take(ID), reader.take(KEY), reader.take(KEY), reader.u8(), reader.u8()]
  if (count > MAX_ADDRESSES) throw malformed()
  const addresses = Array.from({ length: count }, () => {
    const address = plain(reader.take(reader.u8()))
    if (!isAddress(address)) throw malformed()
    return address
  })
  return { node, addresses, sender, nodeKey, secret, priority }
}

/** The characters multiaddrs are made of; what they mean is for the network to judge, as of any hint. */
const isAddress = (address: string): boolean => address.length <= MAX_ADDRESS && /^\/[A-Za-z0-9./:_=~+-]+$/.test(address)

function plain(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    throw malformed()
  }
}

/** No queue, and no secret, is named twice. */
function unique(queues: readonly AnnouncedQueue[]): void {
  const ids = new Set(queues.map(({ sender }) => toHex(sender)))
  const secrets = new Set(queues.map(({ secret }) => toHex(secret)))
  if (ids.size < queues.length || secrets.size < queues.length) throw malformed()
}

/** What a list changes for who sends by it. `kept` may have new addresses or another priority. */
export interface Changes {
  readonly added: readonly AnnouncedQueue[]
  readonly kept: readonly AnnouncedQueue[]
  /** what was started on these starts again on another */
  readonly removed: readonly AnnouncedQueue[]
}

/** Undefined: it is not newer than the one that is known, and changes nothing. */
export function follow(known: Announcement | undefined, next: Announcement): Changes | undefined {
  if (known && next.revision <= known.revision) return undefined
  const before = known?.queues ?? []
  return {
    added: next.queues.filter((queue) => !before.some((each) => isSame(each, queue))),
    kept: next.queues.filter((queue) => before.some((each) => isSame(each, queue))),
    removed: before.filter((queue) => !next.queues.some((each) => isSame(each, queue))),
  }
}

/** The same queue with the same keys: with others it is another to its sender. */
const isSame = (a: AnnouncedQueue, b: AnnouncedQueue): boolean =>
  [a.node, a.sender, a.nodeKey, a.secret].map(toHex).join('/') === [b.node, b.sender, b.nodeKey, b.secret].map(toHex).join('/')
