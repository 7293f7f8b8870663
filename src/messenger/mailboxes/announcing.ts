/** Where contacts may leave something for us, told inside the conversation; and where they told us that we may. */
import {
  type AnnouncedQueue,
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
  follow,
  MailboxError,
  MAX_QUEUES,
  nextRevision,
} from '../../../protocols/mailbox/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import type { Step } from '../context.ts'
import type { Contacts } from '../contacts.ts'
import type { Outbox } from '../outbox.ts'
import type { Outgoing } from '../outgoing.ts'
import type { AccountKey, DeviceKey } from '../ports.ts'
import type { MailboxContext } from './context.ts'
import type { OwnQueue } from './own-queue.ts'
import type { MailboxNode } from './ports.ts'
import type { Queues } from './queues.ts'

/** The highest number an announcement of ours had. */
const REVISION = 'mailboxRevision'
/** What an invite says of its own mailbox; any announcement of the device itself is newer. */
const FROM_INVITE = 1
/** Hints an announced queue has room for. */
const MAX_ADDRESSES = 4
const MAX_ADDRESS = 200

export class Announcing {
  readonly #context: MailboxContext
  readonly #contacts: Contacts
  readonly #queues: Queues
  readonly #outbox: Outbox
  readonly #outgoing: Outgoing
  readonly #nodes: () => readonly MailboxNode[]
  readonly #known = new Map<DeviceKey, Announcement>()

  constructor(context: MailboxContext, parts: { contacts: Contacts; queues: Queues; outbox: Outbox; outgoing: Outgoing; nodes: () => readonly MailboxNode[] }) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#queues = parts.queues
    this.#outbox = parts.outbox
    this.#outgoing = parts.outgoing
    this.#nodes = parts.nodes
    this.reload()
  }

  reload(): void {
    this.#known.clear()
    for (const { device, bytes } of this.#context.store.announcements()) this.#known.set(device, decodeAnnouncement(bytes))
  }

  /** Says where a contact may leave things now: the whole list, which takes the place of the one before. */
  announce(step: Step, contact: AccountKey): void {
    if (!this.#contacts.isWanted(contact)) return
    const open = this.#queues.all().filter((queue) => queue.contact === contact && queue.phase === 'open')
    this.#outbox.supersede(step, contact, 'mailboxes')
    this.#outgoing.say(step, contact, { kind: 'mailboxes', bytes: this.encode(step, open) })
  }

  encode(step: Step, open: readonly OwnQueue[]): Uint8Array {
    const { store, clock } = this.#context
    const order = this.#nodes().map(({ peer }) => peer)
    const place = (peer: string): number => (order.includes(peer) ? order.indexOf(peer) : order.length)
    const queues = open.toSorted((a, b) => place(a.node.peer) - place(b.node.peer)).slice(0, MAX_QUEUES)
    const announced = queues.flatMap(({ node, made, secret }): AnnouncedQueue[] => {
      if (!made) return []
      const addresses = node.addresses.filter((address) => address.length <= MAX_ADDRESS).slice(0, MAX_ADDRESSES)
      return [{ node: fromHex(node.peer), addresses, sender: made.sender, nodeKey: made.nodeKey, secret, priority: place(node.peer) }]
    })
    const revision = nextRevision(Number(store.setting(REVISION) ?? 0), clock.now())
    step.changes.push({ put: 'setting', key: REVISION, value: String(revision) })
    return encodeAnnouncement({ revision, queues: announced })
  }

  /** The mailbox of an invite that we read: the newest invite counts, and what the device itself says counts more. @returns whether that is news */
  invited(step: Step, device: DeviceKey, queue: AnnouncedQueue): boolean {
    const known = this.hearsHellosOnly(device) ? this.#known.get(device) : undefined
    if (known) this.#known.set(device, { ...known, revision: FROM_INVITE - 1 })
    return this.said(step, device, encodeAnnouncement({ revision: FROM_INVITE, queues: [queue] }))
  }

  /** A contact's device says where it may be left something. @returns whether that is news */
  said(step: Step, device: DeviceKey, bytes: Uint8Array): boolean {
    const next = this.#decoded(bytes)
    const changes = next && follow(this.#known.get(device), next)
    if (!next || !changes) return false
    this.#known.set(device, next)
    step.changes.push({ put: 'announcement', row: { device, bytes } })
    for (const { sender } of changes.removed) step.changes.push({ remove: 'sender', queue: toHex(sender) })
    return true
  }

  /** What we know of it is the mailbox of its invite, where hellos are read and nothing else. */
  hearsHellosOnly(device: DeviceKey): boolean {
    return this.#known.get(device)?.revision === FROM_INVITE
  }

  /** The best first. */
  of(device: DeviceKey): readonly AnnouncedQueue[] {
    return (this.#known.get(device)?.queues ?? []).toSorted((a, b) => a.priority - b.priority)
  }

  devices(): DeviceKey[] {
    return [...this.#known.keys()]
  }

  #decoded(bytes: Uint8Array): Announcement | undefined {
    try {
      return decodeAnnouncement(bytes)
    } catch (error) {
      if (!(error instanceof MailboxError)) throw error
      this.#context.log.info('an announcement of mailboxes was refused', { code: error.code })
      return undefined
    }
  }
}
