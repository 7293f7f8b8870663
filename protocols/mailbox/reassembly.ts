/**
 * Puts messages together of their parts, from whichever of a contact's queues they come. It is not stored: parts of a message that is not whole
 * are not acknowledged, so after a crash the nodes deliver them again.
 */
import { type Suite, toHex } from '../suite/index.ts'
import { messageId, type Part, partsOf } from './block.ts'
import { MAX_INCOMPLETE, PART, RETENTION } from './limits.ts'

/** A delivery that can be acknowledged: the queue, by its recipient id in hex, and the node's seq. */
export interface Handle {
  readonly queue: string
  readonly seq: number
}

interface Held {
  readonly data: Uint8Array
  /** one a queue at most */
  readonly handles: readonly Handle[]
}

export interface Partial {
  readonly hash: string
  readonly length: number
  readonly parts: ReadonlyMap<number, Held>
  /** when its first part came to the node, or was heard of, ms */
  readonly since: number
}

export interface Joined {
  readonly partials: readonly Partial[]
  /** whole, and it has its hash */
  readonly message: Uint8Array | undefined
  /** of the message, or of what was given up; to be acknowledged once what was made of them is stored */
  readonly handles: readonly Handle[]
  /** whole, and it has not its hash: its sender made it so */
  readonly corrupt: boolean
  /** messages given up */
  readonly abandoned: number
}

export function join(suite: Suite, before: readonly Partial[], part: Part, delivery: { handle: Handle; at: number }, now: number): Joined {
  const hash = toHex(part.hash)
  const known = before.find((each) => each.hash === hash && each.length === part.length)
  const { partial, spare } = withPart(known ?? { hash, length: part.length, parts: new Map(), since: Math.min(delivery.at, now) }, part, delivery.handle)
  const others = before.filter((each) => each !== known)
  if (partial.parts.size < partsOf(partial.length)) {
    const fresh = others.filter(({ since }) => now - since < RETENTION)
    const kept = fresh.slice(Math.max(0, fresh.length - (MAX_INCOMPLETE - 1)))
    const given = others.filter((each) => !kept.includes(each))
    return { partials: [...kept, partial], message: undefined, handles: [...spare, ...given.flatMap(handlesOf)], corrupt: false, abandoned: given.length }
  }
  const message = whole(partial)
  const right = suite.equal(messageId(suite, message).hash, part.hash)
  return { partials: others, message: right ? message : undefined, handles: [...spare, ...handlesOf(partial)], corrupt: !right, abandoned: 0 }
}

const handlesOf = ({ parts }: Partial): Handle[] => [...parts.values()].flatMap(({ handles }) => handles)

/** The same part once more: from another queue it is held as well, so that one node alone cannot lose it; from the same one it is to spare. */
function withPart(partial: Partial, { index, data }: Part, handle: Handle): { partial: Partial; spare: Handle[] } {
  const held = partial.parts.get(index) ?? { data, handles: [] }
  const same = held.handles.find(({ queue }) => queue === handle.queue)
  if (same) return { partial, spare: same.seq === handle.seq ? [] : [handle] }
  return { partial: { ...partial, parts: new Map([...partial.parts, [index, { ...held, handles: [...held.handles, handle] }] as const]) }, spare: [] }
}

function whole({ parts, length }: Partial): Uint8Array {
  const message = new Uint8Array(length)
  for (const [index, { data }] of parts) message.set(data, index * PART)
  return message
}
