/**
 * What is done at a node while somebody waits: a queue for an invite, with what its scanner needs laid out in it; a queue for the answer; and,
 * as the scanner, reading what is laid out. Each by a stream of its own, and given up soon: without it people meet when both are online.
 */
import { type Credentials, credentials, MailboxError, newView, openBlock, openCreated, openNotice, queueKeys, type Reply, requestSecret, sealBlock } from '../../../protocols/mailbox/index.ts'
import { type Invite, type InviteMailbox, inviteId, MAX_MAILBOX_ADDRESSES } from '../../../protocols/pairing/index.ts'
import { fromHex, KeyError, toHex } from '../../../protocols/suite/index.ts'
import type { AccountKey } from '../ports.ts'
import type { MailboxContext } from './context.ts'
import { Line } from './line.ts'
import { drawQueue, madeQueue, type OwnQueue } from './own-queue.ts'
import { type MailboxNode, MailboxNetError, type MailboxRole } from './ports.ts'

/** People wait for it. */
const PATIENCE_MS = 10_000
const NO_PASS = new Uint8Array(32)

export class Requesting {
  readonly #context: MailboxContext
  readonly #nodes: () => readonly MailboxNode[]

  constructor(context: MailboxContext, nodes: () => readonly MailboxNode[]) {
    this.#context = context
    this.#nodes = nodes
  }

  /** A queue where an invite can be answered, with the notice in it; undefined when none can be had now. Not stored yet. */
  async request(secret: Uint8Array, notice: Uint8Array): Promise<{ queue: OwnQueue; mailbox: InviteMailbox } | undefined> {
    const { suite, random, clock } = this.#context
    const shared = requestSecret(suite, secret)
    const keys = queueKeys(suite, shared)
    return this.#first(async (line, node) => {
      const drawn = { ...drawQueue(suite, random, toHex(inviteId(suite, secret)), node, clock.now()), secret: shared, keys }
      const queue = await this.#create(line, drawn, 'request')
      const { made } = queue
      const body = sealBlock(suite, random, keys, { what: 'notice', data: notice })
      done(await line.ask({ type: 'post', id: made.recipient, body }, made.as))
      const addresses = node.addresses.slice(0, MAX_MAILBOX_ADDRESSES)
      return { queue, mailbox: { node: fromHex(node.peer), sender: made.sender, nodeKey: made.nodeKey, addresses } }
    })
  }

  /** A queue for somebody who is not a contact yet. Not stored yet. */
  async conversation(contact: AccountKey): Promise<OwnQueue | undefined> {
    const { suite, random, clock } = this.#context
    return this.#first((line, node) => this.#create(line, drawQueue(suite, random, contact, node, clock.now()), 'conversation'))
  }

  /** What the inviter laid out. @returns undefined when it cannot be had now */
  async read({ mailbox, secret }: Invite): Promise<Uint8Array | undefined> {
    if (!mailbox) return undefined
    const { suite } = this.#context
    const keys = queueKeys(suite, requestSecret(suite, secret))
    return this.#visit('hand-in', { peer: toHex(mailbox.node), addresses: mailbox.addresses }, async (line) => {
      const as: Credentials = credentials(suite, keys.sender, mailbox.sender, mailbox.nodeKey)
      const { number, reply } = line.command({ type: 'read', id: mailbox.sender }, as)
      const said = await reply
      if (said.type !== 'notice') return undefined
      const inside = openBlock(suite, keys, openNotice(suite, as, number, said))
      return inside.what === 'notice' ? inside.data : undefined
    })
  }

  async #create(line: Line, queue: OwnQueue, kind: 'conversation' | 'request'): Promise<OwnQueue & { made: NonNullable<OwnQueue['made']> }> {
    const { suite, clock } = this.#context
    const { number, reply } = line.create({ type: 'create', kind, recipientKey: queue.own.publicKey, senderKey: queue.keys.sender.publicKey, pass: NO_PASS })
    const said = await reply
    if (said.type !== 'created') throw new MailboxNetError('refused', 'the node made no queue')
    const names = openCreated(suite, queue.own, number, said)
    const made = madeQueue(suite, queue, names, clock.now())
    return { ...made, made: { ...names, as: credentials(suite, queue.own, names.recipient, names.nodeKey) }, view: newView(names.recipient, kind) }
  }

  async #first<T>(act: (line: Line, node: MailboxNode) => Promise<T>): Promise<T | undefined> {
    for (const node of this.#nodes()) {
      const done = await this.#visit('fetch', node, (line) => act(line, node))
      if (done !== undefined) return done
    }
    return undefined
  }

  async #visit<T>(role: MailboxRole, node: MailboxNode, act: (line: Line) => Promise<T>): Promise<T | undefined> {
    const giveUp = new AbortController()
    let line: Line | undefined
    const cancel = this.#context.clock.after(PATIENCE_MS, () => {
      giveUp.abort(new MailboxNetError('timeout', 'the node took too long'))
      line?.close()
    })
    try {
      line = await Line.open(this.#context, role, node, () => undefined, giveUp.signal)
      return await act(line)
    } catch (error) {
      if (!(error instanceof MailboxNetError || error instanceof MailboxError || error instanceof KeyError)) throw error
      this.#context.log.info('a mailbox was not reached in time', { error: error.code })
      return undefined
    } finally {
      cancel()
      line?.close()
    }
  }
}

function done(reply: Reply): void {
  if (reply.type !== 'done') throw new MailboxNetError('refused', 'the node refused')
}
