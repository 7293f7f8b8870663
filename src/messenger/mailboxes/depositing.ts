/**
 * Leaves what waits for a device that is away in its mailboxes. A node's word that it has something is a promise: the item stays in the
 * outbox until the device says, inside the conversation, that it has it. Meanwhile it is left once, and again elsewhere when the first
 * queue is lost, fails, or shows to have lost it, or when nothing was heard for long.
 *
 * Each queue holds a run of the outbox in its order: a queue that is used next gets everything that is not acknowledged, from the oldest on.
 * So the order is kept whichever queue the other side reads first.
 */
import { decodeContent } from '../../../protocols/content/index.ts'
import { decodeSender, due, encodeSender, heard, interrupted, left, MailboxError, MAX_STARTED, openBlock, openNotice, type PushFrame, RETENTION, roomAgain, start } from '../../../protocols/mailbox/index.ts'
import { pairingFrame } from '../../../protocols/pairing/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep, type Step } from '../context.ts'
import type { Contacts } from '../contacts.ts'
import type { Devices } from '../devices.ts'
import type { Ledger } from '../ledger.ts'
import type { Outbox } from '../outbox.ts'
import type { AccountKey, DeviceKey, OutboxRow } from '../ports.ts'
import type { Announcing } from './announcing.ts'
import type { MailboxContext } from './context.ts'
import { commandFor, type Depot, keepOnly, load, nodeOf, openDepot, reload, type Sealed } from './depot.ts'
import type { Line } from './line.ts'
import { Lines } from './lines.ts'
import { MailboxNetError } from './ports.ts'

/** Nothing was heard of an item for so long: it is left in another queue as well. Long enough that most are fetched before. */
const SECOND_AFTER_MS = 3600_000
/** After something could not be stored: at once it would not be stored either, and be tried without end. */
const AFTER_ROLLBACK_MS = 5_000
/** Something that was left later was taken: what was left before it is lost, if this does not follow soon. */
const MISSED_AFTER_MS = 60_000
/** Nothing was heard for long: so often it is looked whether the session is one that the device cannot open. */
const DOUBT_AGAIN_MS = 3600_000
/** Also when there is nothing else to do. */
const DOUBT_UNASKED_MS = 6 * 3600_000
/** Nothing was heard for so long of a device whose keys say that it was put back: its word may lie where we were not yet. */
const UNANSWERED_MS = 24 * 3600_000

interface Target {
  readonly device: DeviceKey
  depots: Depot[]
  /** the one in use: it stays while it works, as another one would get everything again */
  current: string | undefined
  running: boolean
  again: boolean
  cancelTimer: (() => void) | undefined
  doubtedAt: number
  /** items whose loss shows, and since when */
  readonly missed: Map<string, number>
}

export class Depositing {
  readonly #context: MailboxContext
  readonly #contacts: Contacts
  readonly #announcing: Announcing
  readonly #outbox: Outbox
  readonly #ledger: Ledger
  readonly #devices: Pick<Devices, 'passedOver' | 'laidOutUnsaid'>
  readonly #startAnew: (contact: AccountKey) => Promise<void>
  readonly #lines: Lines
  readonly #targets = new Map<DeviceKey, Target>()
  #cancelRetry: (() => void) | undefined
  #running = false

  constructor(context: MailboxContext, parts: { contacts: Contacts; announcing: Announcing; outbox: Outbox; ledger: Ledger; devices: Pick<Devices, 'passedOver' | 'laidOutUnsaid'>; startAnew: (contact: AccountKey) => Promise<void> }) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#announcing = parts.announcing
    this.#outbox = parts.outbox
    this.#ledger = parts.ledger
    this.#devices = parts.devices
    this.#startAnew = parts.startAnew
    this.#lines = new Lines(context, (push) => this.#pushed(push))
  }

  start(): void {
    this.#running = true
    this.#reload()
    this.#wakeAll()
  }

  stop(): void {
    this.#running = false
    for (const { cancelTimer } of this.#targets.values()) cancelTimer?.()
    this.#targets.clear()
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#lines.stop()
  }

  /** A transaction failed: takes over what the store holds, and goes on after a while. */
  rolledBack(): void {
    if (!this.#running) return
    this.#reload()
    this.#cancelRetry ??= this.#context.clock.after(AFTER_ROLLBACK_MS, () => {
      this.#cancelRetry = undefined
      this.#wakeAll()
    })
  }

  #reload(): void {
    for (const device of this.#announcing.devices()) this.announced(device)
  }

  #wakeAll(): void {
    for (const device of this.#targets.keys()) this.wake(device)
  }

  /** A device's queues are others now, or are where others were. */
  announced(device: DeviceKey): void {
    const { suite, store } = this.#context
    const senders = new Map(store.senders().map(({ queue, state }) => [queue, state]))
    const target = this.#target(device)
    target.depots = this.#announcing.of(device).map((queue) => {
      const id = toHex(queue.sender)
      const known = target.depots.find((depot) => depot.id === id)
      const state = senders.get(id)
      if (!known) return openDepot(suite, queue, state && decodeSender(state))
      // The same object: blocks of it may be on their way.
      known.node = nodeOf(queue)
      known.sender = roomAgain(known.sender)
      return known
    })
    if (!target.depots.some(({ id }) => id === target.current)) target.current = undefined
  }

  /** Something waits for a device that may be away. */
  wake(device: DeviceKey): void {
    const target = this.#targets.get(device)
    if (!this.#running || !target || target.depots.length === 0) return
    target.again = true
    if (target.running) return
    this.#run(target).catch((error: unknown) => this.#context.log.warn('leaving something in a mailbox failed', { error: error instanceof Error ? error.name : 'unknown' }))
  }

  /** The network is another one now. */
  retry(): void {
    this.#lines.retry()
    this.#wakeAll()
  }

  /** A device says it has an item: what was left before it in the same queue should be there, too. */
  arrived(device: DeviceKey, id: string): void {
    const target = this.#targets.get(device)
    if (!target) return
    const handed = this.#handed(device)
    const queues = handed.get(id)
    target.missed.delete(id)
    for (const item of this.#outbox.waiting(device)) {
      if (item.id === id) break
      const before = [...(handed.get(item.id) ?? [])].some(([queue, at]) => at <= (queues?.get(queue) ?? -1))
      if (before && !target.missed.has(item.id)) target.missed.set(item.id, this.#context.clock.now())
    }
    if (target.missed.size > 0) this.wake(device)
  }

  /** What lies open in the device's queues. Not verified: a node may keep an old one, and who shares a queue's secret may say anything. */
  async bundlesOf(device: DeviceKey): Promise<Uint8Array[]> {
    const asked = this.#targets.get(device)?.depots.filter((depot) => depot.sender.state !== 'gone' && !this.#rests(depot)) ?? []
    const found = await Promise.all(asked.map((depot) => this.#read(depot)))
    return found.flatMap((bundle) => bundle ?? [])
  }

  async #read({ node, name, as, keys }: Depot): Promise<Uint8Array | undefined> {
    const { suite } = this.#context
    try {
      const line = await this.#lines.open(node)
      const { number, reply } = line.command({ type: 'read', id: name }, as)
      const said = await reply
      if (said.type !== 'notice') return undefined
      const inside = openBlock(suite, keys, openNotice(suite, as, number, said))
      return inside.what === 'notice' ? inside.data : undefined
    } catch (error) {
      if (error instanceof MailboxNetError) this.#lines.failed(node.peer)
      else if (!(error instanceof MailboxError)) throw error
      return undefined
    }
  }

  /** Keys of the nodes where an item lies, as far as they can be believed. */
  keepers(device: DeviceKey, id: string): string[] {
    const queues = this.#handed(device).get(id)
    return this.#targets.get(device)?.depots.flatMap((depot) => (queues?.has(depot.id) ? [depot.node.peer] : [])) ?? []
  }

  #target(device: DeviceKey): Target {
    let target = this.#targets.get(device)
    if (!target) {
      target = { device, depots: [], current: undefined, running: false, again: false, cancelTimer: undefined, doubtedAt: -Infinity, missed: new Map() }
      this.#targets.set(device, target)
    }
    return target
  }

  async #run(target: Target): Promise<void> {
    target.running = true
    target.cancelTimer?.()
    target.cancelTimer = undefined
    try {
      while (target.again && this.#running && this.#targets.get(target.device) === target) {
        target.again = false
        if (await this.#round(target)) target.again = true
      }
    } finally {
      target.running = false
      this.#setTimer(target)
    }
  }

  /** What waits for a device, in order. In the mailbox of an invite hellos are read, and all else would be thrown away. */
  #waiting(device: DeviceKey): Sealed[] {
    const waiting = this.#outbox.waiting(device)
    return this.#announcing.hearsHellosOnly(device) ? waiting.filter(({ envelope }) => pairingFrame(envelope) === 'left') : waiting
  }

  /** One batch into each queue that is to have something. @returns whether there may be more to do at once */
  async #round(target: Target): Promise<boolean> {
    const state = this.#contacts.ownerOf(target.device)?.state
    if (state !== 'accepted' && state !== 'asked' && state !== 'asking') return false
    const away = this.#outbox.away(target.device)
    const items = away ? this.#waiting(target.device) : []
    await this.#giveUpMissed(target, items)
    const handed = this.#handed(target.device)
    if (items.length > 0 && (await this.#doubt(target, handed))) return true
    let moved = false
    let first: Depot | undefined
    for (const depot of this.#inOrder(target)) {
      if (depot.sender.state === 'gone' || this.#rests(depot)) continue
      const isWanted = (item: Sealed): boolean => first === undefined || this.#overdueAt(target, item, handed, first) <= this.#context.clock.now()
      // With all before it, which may look younger: our clock was set back since.
      const missing = items.slice(0, items.findLastIndex(isWanted) + 1).filter((item) => !handed.get(item.id)?.has(depot.id))
      // A device that moves ten times a day would fill the queue: where it is can wait until there is something to say.
      const wanted = missing.every(isAddresses) ? [] : missing
      // One that is full stays the first, or the next would get everything again, and be full as well.
      first ??= depot
      if (away) target.current = first.id
      // What lies there came there in another run: is it there still? If not, the next one gets it now, and not in an hour.
      const isUnsure = depot === first && items.length > 0 && !this.#lines.answered(depot.node.peer)
      if (wanted.length === 0 && depot.sender.started.length === 0 && !isUnsure) continue
      try {
        const line = await this.#lines.open(depot.node)
        moved = (await this.#fill(target, depot, line, wanted)) || moved
        this.#lines.works(depot.node.peer)
      } catch (error) {
        if (!(error instanceof MailboxNetError)) throw error
        depot.sender = interrupted(depot.sender)
        this.#lines.failed(depot.node.peer)
        if (target.current === depot.id) target.current = undefined
        return true
      }
    }
    return moved
  }

  /** Of what lies there nothing was heard for long. Does its device know the session? If it does not, nothing but another one ever reaches it. */
  async #doubt(target: Target, handed: Map<string, Map<string, number>>): Promise<boolean> {
    const now = this.#context.clock.now()
    const since = Math.min(...[...handed.values()].flatMap((places) => [...places.values()]))
    if (now - since < SECOND_AFTER_MS || Math.abs(now - target.doubtedAt) < DOUBT_AGAIN_MS) return false
    // What was said to us before we came was not yet heard at the first look.
    const isFirst = target.doubtedAt === -Infinity
    target.doubtedAt = now
    const contact = this.#contacts.ownerOf(target.device)
    if (!contact) return false
    const found = await this.bundlesOf(target.device)
    const isForgotten = !isFirst && now - since >= UNANSWERED_MS && this.#devices.laidOutUnsaid(target.device, found)
    if (!isForgotten && !this.#devices.passedOver(target.device, found)) return false
    await this.#startAnew(contact.account)
    return true
  }

  #inOrder(target: Target): Depot[] {
    const current = target.depots.filter(({ id }) => id === target.current)
    return [...current, ...target.depots.filter(({ id }) => id !== target.current)]
  }

  #rests(depot: Depot): boolean {
    return this.#lines.restsUntil(depot.node.peer) > this.#context.clock.now()
  }

  /** Where each item is, and since when; what lies there past its age is there no more. */
  #handed(device: DeviceKey): Map<string, Map<string, number>> {
    const found = new Map<string, Map<string, number>>()
    for (const { id, queue, at } of this.#context.store.handed(device)) {
      const age = this.#context.clock.now() - at
      // By a clock that was set back since, nobody knows how long it has lain there.
      if (age > -SECOND_AFTER_MS && age < RETENTION) found.set(id, (found.get(id) ?? new Map()).set(queue, at))
    }
    return found
  }

  /** When an item is to be left in a second queue. */
  #overdueAt(target: Target, item: OutboxRow, handed: Map<string, Map<string, number>>, first: Depot | undefined): number {
    const places = [...(handed.get(item.id)?.values() ?? [])]
    const stuck = first === undefined || first.sender.state === 'waiting'
    const since = places.length > 0 ? Math.min(...places) : stuck ? item.queuedAt : Infinity
    const missed = target.missed.get(item.id)
    return Math.min(since + SECOND_AFTER_MS, missed === undefined ? Infinity : missed + MISSED_AFTER_MS)
  }

  /** Lost where it was left, and there is nowhere else: it is left there again. */
  async #giveUpMissed(target: Target, items: readonly Sealed[]): Promise<void> {
    const handed = this.#handed(target.device)
    const step = newStep()
    const ids = new Set(items.map(({ id }) => id))
    for (const [id, at] of target.missed) {
      if (!ids.has(id)) target.missed.delete(id)
      else if (at + MISSED_AFTER_MS <= this.#context.clock.now()) {
        const elsewhere = target.depots.some((depot) => depot.sender.state !== 'gone' && !handed.get(id)?.has(depot.id))
        if (elsewhere) continue
        target.missed.delete(id)
        step.changes.push({ remove: 'handed', id, device: target.device })
      }
    }
    if (step.changes.length > 0) await commit(this.#context, step)
  }

  /** @throws MailboxNetError the stream ended @returns whether anything moved */
  async #fill(target: Target, depot: Depot, line: Line, wanted: readonly Sealed[]): Promise<boolean> {
    const { suite, clock, random } = this.#context
    await this.#start(target, depot, wanted)
    // While the line opened, and the numbers were stored, it may have arrived, or been sealed for a session that began meanwhile.
    keepOnly(depot, this.#waiting(target.device))
    const pieces = due(depot.sender, clock.now())
    if (pieces.length === 0) return false
    depot.sender = left(depot.sender, pieces)
    const replies = await Promise.allSettled(pieces.map((piece) => line.ask(commandFor(suite, random, depot, piece), depot.as)))
    const step = newStep()
    let moved = false
    for (const [index, piece] of pieces.entries()) {
      const reply = replies[index]
      if (reply?.status !== 'fulfilled') continue
      const said = reply.value.type === 'refused' ? reply.value.code : 'done'
      const { sender, finished } = heard(depot.sender, piece, said, clock.now(), random)
      depot.sender = sender
      moved ||= said === 'done'
      if (finished !== undefined) this.#finished(step, target, depot, finished)
    }
    if (depot.sender.state === 'gone') step.changes.push({ remove: 'sender', queue: depot.id })
    else if (moved) step.changes.push({ put: 'sender', row: { queue: depot.id, device: target.device, state: encodeSender(depot.sender) } })
    if (step.changes.length > 0) await commit(this.#context, step)
    const lost = replies.find((reply) => reply.status === 'rejected')
    if (lost) throw lost.reason
    return moved || depot.sender.state === 'gone'
  }

  /** Numbers are stored before a block with them leaves. */
  async #start(target: Target, depot: Depot, wanted: readonly Sealed[]): Promise<void> {
    const { suite } = this.#context
    let { sender } = depot
    if (depot.loads.size < sender.started.length) reload(suite, depot, this.#waiting(target.device))
    for (const item of wanted) {
      if (sender.started.length >= MAX_STARTED || sender.state !== 'ready') break
      load(suite, depot, item)
      sender = start(suite, sender, item.envelope)
    }
    if (sender === depot.sender) return
    await this.#context.store.commit([{ put: 'sender', row: { queue: depot.id, device: target.device, state: encodeSender(sender) } }])
    depot.sender = sender
  }

  /** All of an item is with the node. */
  #finished(step: Step, target: Target, depot: Depot, hash: string): void {
    const { device } = target
    const found = depot.loads.get(hash)
    depot.loads.delete(hash)
    const item = found && this.#waiting(device).find(({ id, envelope }) => id === found.id && envelope === found.envelope)
    if (!item) return // it arrived meanwhile, or was sealed anew
    if (isAnswer(item)) return this.#outbox.settled(step, device, item.id)
    step.changes.push({ put: 'handed', row: { id: item.id, device, queue: depot.id, at: this.#context.clock.now() } })
    this.#ledger.leftWith(step, item.id, device, depot.node.peer)
  }

  #pushed(push: PushFrame): void {
    if (push.type !== 'room') return
    const id = toHex(push.id)
    for (const target of this.#targets.values()) {
      const depot = target.depots.find((each) => each.id === id)
      if (!depot) continue
      depot.sender = roomAgain(depot.sender)
      this.wake(target.device)
    }
  }

  /** When something is to be done next without anybody asking. */
  #setTimer(target: Target): void {
    if (!this.#running || this.#targets.get(target.device) !== target) return
    const now = this.#context.clock.now()
    const items = this.#outbox.away(target.device) ? this.#waiting(target.device) : []
    const live = target.depots.filter(({ sender }) => sender.state !== 'gone')
    const handed = this.#handed(target.device)
    const unfinished = live.some(({ sender }) => sender.started.length > 0)
    if (live.length === 0 || (items.length === 0 && !unfinished)) return
    const times = [
      ...live.flatMap(({ sender, node }) => [sender.again, this.#lines.restsUntil(node.peer)]),
      ...items.map((item) => this.#overdueAt(target, item, handed, undefined)),
      ...items.flatMap(({ id }) => [...(handed.get(id)?.values() ?? [])].map((at) => at + RETENTION)),
      ...(items.length > 0 && handed.size > 0 ? [now + DOUBT_UNASKED_MS] : []),
    ].filter((time) => time > now)
    if (times.length === 0) return
    target.cancelTimer = this.#context.clock.after(Math.min(...times) - now, () => {
      target.cancelTimer = undefined
      this.wake(target.device)
    })
  }
}

const isAddresses = ({ content }: OutboxRow): boolean => decodeContent(content).kind === 'addresses'

/** What nobody acknowledges: when it is lost, what it answers comes again, and is answered again. */
function isAnswer({ content }: OutboxRow): boolean {
  const said = decodeContent(content)
  if (said.kind === 'pairing') return said.step === 'pending'
  return said.kind === 'taken' || (said.kind === 'receipt' && said.receipt === 'delivered')
}
