/** A client's side of a stream: numbers and authorises commands, opens what the node seals for it. */
import { type KeyPair, Reader, type Suite } from '../suite/index.ts'
import { authenticator } from './authenticator.ts'
import { malformed } from './errors.ts'
import { authenticated, type Command, encodeCommand, headOf, type PushFrame, type Reply } from './frames.ts'
import { take } from './handed.ts'
import { type Delivered, decodeItem } from './item.ts'
import { authenticatorKey, type Shared, share } from './keys.ts'
import { ID } from './limits.ts'

/** What makes one a queue's recipient, or its sender. Worked out once, by `credentials`. */
export interface Credentials {
  readonly shared: Shared
  readonly key: Uint8Array
}

/** @param own key pair of the recipient, or of the sender with the sender's id. @throws KeyError the node's key must not be used */
export function credentials(suite: Suite, own: KeyPair<'x25519'>, id: Uint8Array, nodeKey: Uint8Array): Credentials {
  const shared = share(suite, own.secretKey, { id, client: own.publicKey, node: nodeKey, other: 'node' })
  return { shared, key: authenticatorKey(suite, shared) }
}

/** A stream after its hello. `next` numbers the next command; the numbers are also how replies find their commands. */
export interface Stream {
  readonly nonce: Uint8Array
  readonly next: number
}

export const enter = (hello: { nonce: Uint8Array }): Stream => ({ nonce: hello.nonce, next: 1 })

/** A command made ready for this stream. On another stream it is made anew: the old bytes are worth nothing there. */
export function say(suite: Suite, stream: Stream, command: Exclude<Command, { type: 'create' }>, as: Credentials): { stream: Stream; number: number; frame: Uint8Array } {
  const bare = encodeCommand(stream.next, command)
  const frame = authenticated(bare, authenticator(suite, as.key, stream.nonce, bare))
  return { stream: { ...stream, next: stream.next + 1 }, number: stream.next, frame }
}

/** `create`, which has nothing to be authorised with; only who has the recipient key can read the reply. */
export const sayCreate = (stream: Stream, command: Extract<Command, { type: 'create' }>): { stream: Stream; number: number; frame: Uint8Array } => ({
  stream: { ...stream, next: stream.next + 1 },
  number: stream.next,
  frame: encodeCommand(stream.next, command),
})

const NO_ID = new Uint8Array(ID)

/** The ids of the queue that was made. @throws MailboxError seal | malformed; KeyError */
export function openCreated(suite: Suite, recipient: KeyPair<'x25519'>, number: number, reply: Extract<Reply, { type: 'created' }>): { recipient: Uint8Array; sender: Uint8Array; nodeKey: Uint8Array } {
  const shared = share(suite, recipient.secretKey, { id: NO_ID, client: recipient.publicKey, node: reply.nodeKey, other: 'node' })
  const reader = new Reader(take(suite, shared, headOf('created', number, NO_ID), reply), malformed)
  const ids = { recipient: reader.take(ID), sender: reader.take(ID), nodeKey: reply.nodeKey }
  reader.end()
  return ids
}

/** @throws MailboxError seal: not handed to us by who has the node's key | malformed */
export const openDelivery = (suite: Suite, as: Credentials, push: Extract<PushFrame, { type: 'delivery' }>): Delivered =>
  decodeItem(take(suite, as.shared, headOf('delivery', 0, push.id), push))

/** The body of the notice, for `openBlock`. @throws MailboxError seal */
export const openNotice = (suite: Suite, as: Credentials, number: number, reply: Extract<Reply, { type: 'notice' }>): Uint8Array =>
  take(suite, as.shared, headOf('notice', number, NO_ID), reply)
