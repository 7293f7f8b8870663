/** Mailboxes put together. Without a node in use and without contacts who have one, all of this does nothing. */
import type { Content } from '../../../protocols/content/index.ts'
import { requestSecret } from '../../../protocols/mailbox/index.ts'
import type { Invite, InviteMailbox } from '../../../protocols/pairing/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import type { Step } from '../context.ts'
import type { Contacts } from '../contacts.ts'
import type { Devices } from '../devices.ts'
import type { Incoming } from '../incoming.ts'
import type { Ledger } from '../ledger.ts'
import type { Outbox } from '../outbox.ts'
import type { Outgoing } from '../outgoing.ts'
import type { AccountKey, DeviceKey, MessageId } from '../ports.ts'
import { Announcing } from './announcing.ts'
import type { MailboxContext } from './context.ts'
import { Depositing } from './depositing.ts'
import { Fetching } from './fetching.ts'
import { Keeping } from './keeping.ts'
import { LayingOut } from './laying-out.ts'
import type { OwnQueue } from './own-queue.ts'
import { Nodes, type UsedRelay } from './nodes.ts'
import { Queues } from './queues.ts'
import { Requesting } from './requesting.ts'
import { envelopeId, Taking } from './taking.ts'
import { Troubles } from './troubles.ts'

export interface RunningMailboxes {
  /** In the turn in which sessions are given up, so that both are one transaction. */
  renewAfterRollback(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  /** Who our contacts are, or which relays we use, has changed. */
  sync(): Promise<void>
  /** The network is another one now. */
  retry(): void
  /** Something waits for a device that may be away. */
  wake(device: DeviceKey): void
  /** A device of a contact has a new session with us, or is to have one; it may have forgotten where it leaves things. */
  sessionRenewed(step: Step, contact: AccountKey): void
  /** What a contact's device says of mailboxes. */
  said(step: Step, device: DeviceKey, content: Extract<Content, { kind: 'mailboxes' | 'taken' }>): void
  /** A device says that it has something of ours. */
  arrived(step: Step, device: DeviceKey, id: string): void
  /** Bundles that lie in the queues of a contact's device, for a session with it, as far as they can be had now. Not verified. */
  bundlesOf(device: DeviceKey): Promise<Uint8Array[]>
  /** Keys of the nodes where something of ours lies for a device now, as far as they can be believed. */
  keepers(device: DeviceKey, id: MessageId): string[]
  /** What a relay we use is to our mailboxes, and how many contacts have one there. */
  at(peer: string): { mailboxes: ReturnType<Nodes['part']>; contacts: number }
  /** Contacts who can leave us something somewhere. */
  reachable(): number
  readonly invites: InviteMailboxes
}

/** What an invite needs of mailboxes. Each is undefined when no node can do it now: then both must be online once. */
export interface InviteMailboxes {
  /** Somewhere to answer the invite, with the notice laid out; `put` stores it. */
  open(secret: Uint8Array, notice: Uint8Array): Promise<{ mailbox: InviteMailbox; put(step: Step): void } | undefined>
  /** What the inviter laid out. */
  read(invite: Invite): Promise<Uint8Array | undefined>
  /** Somewhere to leave the answer to us. `announced` stores it, and is what to say of it. */
  answerTo(contact: AccountKey): Promise<{ announced(step: Step): Uint8Array } | undefined>
  /** From now on what is for this device may be left in the mailbox of its invite, until it says something else. */
  follow(step: Step, invite: Invite): void
}

export function createMailboxes(
  context: MailboxContext,
  parts: {
    contacts: Contacts
    outbox: Outbox
    outgoing: Outgoing
    ledger: Ledger
    /** in the order of preference */
    relays: () => readonly UsedRelay[]
    incoming: () => Pick<Incoming, 'fetched' | 'left' | 'startAnew'>
    devices: Pick<Devices, 'laidOut' | 'passedOver' | 'laidOutUnsaid'>
  },
): RunningMailboxes {
  const { contacts, outbox, outgoing, ledger } = parts
  const { store, suite, events, log, mailboxes } = context
  const queues = new Queues(context)
  const keepers: Nodes = new Nodes(context, { relays: parts.relays, changed: resync })
  const nodes = (): readonly UsedRelay[] => keepers.used()
  const requesting = new Requesting(context, nodes)
  const announcing = new Announcing(context, { contacts, queues, outbox, outgoing, nodes })
  const keeping = new Keeping(context, { contacts, queues, announcing, nodes })
  const taking = new Taking(context, { contacts, outbox })
  const troubles = new Troubles(context, { contacts, queues })
  const depositing = new Depositing(context, { contacts, announcing, outbox, ledger, devices: parts.devices, startAnew: (contact) => parts.incoming().startAnew(contact) })
  const layingOut = new LayingOut(context, { queues, announcing, devices: parts.devices, look: resync })
  const fetching: Fetching = new Fetching(context, { queues, announcing, incoming: parts.incoming, layingOut, taking, troubles, nodes: keepers, sync })
  const ids = new WeakMap<Uint8Array, string>()
  let running = false

  store.onRollback(() => {
    queues.reload()
    announcing.reload()
    fetching.rolledBack()
    queueMicrotask(() => depositing.rolledBack())
  })
  events.on((event) => {
    if (event.type === 'contact' && running) resync()
  })

  async function sync(): Promise<void> {
    if (!running) return
    await keeping.sync()
    fetching.attend()
  }

  function resync(): void {
    sync().catch(() => log.warn('mailboxes were not brought in line'))
  }

  function arrived(step: Step, device: DeviceKey, id: string): void {
    depositing.arrived(device, id)
    outbox.settled(step, device, id)
  }

  function idOf(envelope: Uint8Array): string {
    const id = ids.get(envelope) ?? envelopeId(suite, envelope)
    ids.set(envelope, id)
    return id
  }

  return {
    renewAfterRollback: () => keeping.renewAfterRollback(),
    async start() {
      running = true
      await mailboxes.start()
      keepers.start()
      await keeping.sync()
      fetching.start()
      layingOut.start()
      depositing.start()
    },
    async stop() {
      running = false
      fetching.stop()
      layingOut.stop()
      keepers.stop()
      depositing.stop()
      taking.stop()
      troubles.stop()
      await mailboxes.stop()
    },
    sync,
    retry() {
      mailboxes.check()
      fetching.retry()
      depositing.retry()
    },
    wake: (device) => depositing.wake(device),
    sessionRenewed(step, contact) {
      if (queues.all().some((queue) => queue.contact === contact && queue.phase === 'open')) announcing.announce(step, contact)
      step.afterwards.push(() => fetching.attend())
    },
    said(step, device, content) {
      if (content.kind === 'taken') {
        const taken = new Set(content.ids.map((id) => toHex(id)))
        for (const item of outbox.waiting(device)) {
          if (!taken.has(idOf(item.envelope))) continue
          arrived(step, device, item.id)
          ledger.advance(step, item.id, device, 'delivered')
        }
        return
      }
      if (announcing.said(step, device, content.bytes)) follow(step, device)
    },
    arrived,
    bundlesOf: (device) => depositing.bundlesOf(device),
    keepers: (device, id) => depositing.keepers(device, id),
    at: (peer) => ({ mailboxes: keepers.part(peer), contacts: withQueue(queues.ofNode(peer)) }),
    reachable: () => withQueue(queues.all()),
    invites: {
      async open(secret, notice) {
        const opened = await requesting.request(secret, notice)
        return opened && { mailbox: opened.mailbox, put: (step) => put(step, opened.queue) }
      },
      read: (invite) => requesting.read(invite),
      async answerTo(contact) {
        const queue = await requesting.conversation(contact)
        if (!queue) return undefined
        return {
          announced(step) {
            put(step, queue)
            return announcing.encode(step, [queue])
          },
        }
      },
      follow(step, { device, secret, mailbox }) {
        if (!mailbox) return
        const queue = { ...mailbox, secret: requestSecret(suite, secret), priority: 0 }
        if (announcing.invited(step, toHex(device), queue)) follow(step, toHex(device))
      },
    },
  }

  function withQueue(among: readonly OwnQueue[]): number {
    return new Set(among.flatMap(({ phase, contact }) => (phase === 'open' && contacts.get(contact)?.state === 'accepted' ? [contact] : []))).size
  }

  function put(step: Step, queue: OwnQueue): void {
    queues.put(step, queue)
    step.afterwards.push(() => fetching.attend())
  }

  function follow(step: Step, device: DeviceKey): void {
    step.afterwards.push(() => {
      depositing.announced(device)
      depositing.wake(device)
    })
  }
}

