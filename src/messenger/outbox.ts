/**
 * Contents on their way. One lane a device: items leave in the order they were queued, many in flight at once, the same
 * bytes again until the device says it stored them. What waits is in the store; a lane is only its shadow in memory.
 */
import { type Content, decodeContent } from '../../protocols/content/index.ts'
import { pairingFrame } from '../../protocols/pairing/index.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Ledger } from './ledger.ts'
import type { Notices } from './notices.ts'
import { CourierError, type DeviceKey, type OutboxRow, type Verdict } from './ports.ts'
import type { Sessions } from './sessions.ts'

/** Envelopes of one device in the courier's hands: more than it keeps on the way, so that it always has a batch to write. */
const IN_FLIGHT = 256
/** First pause after a failed try; doubles up to MAX_BACKOFF_MS, each with jitter of half so that nodes do not call in step. */
const MIN_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 5 * 60_000
/**
 * In the courier's hands for so long and no answer: most likely nobody is there any more. It goes on trying, and what waits is left in a mailbox
 * meanwhile; what arrives both ways is shown once.
 */
const LATE_MS = 8_000

interface Lane {
  readonly items: Map<string, OutboxRow>
  /** ids of items that wait for a session */
  readonly unsealed: Set<string>
  /** the last step, not durable yet, that puts an item here or takes it away: bytes of before do not leave any more, and no answer to them counts */
  readonly changing: Map<string, Step>
  readonly inFlight: Set<string>
  failures: number
  /** set while an answer is awaited that is not late yet */
  cancelLate: (() => void) | undefined
  late: boolean
  /** sessions the device said it does not have, since it last stored something */
  lostSessions: number
  /** set while pausing after a failure */
  cancelPause: (() => void) | undefined
  /** a session is being set up with the device */
  renewing: boolean
}

/** Where contents wait while their device cannot be reached: a contact's mailboxes. */
export interface Mailroom {
  /** Something waits for a device that may be away. */
  wake(device: DeviceKey): void
  /** Nothing is tried directly first: our address is nobody's business. */
  readonly hidden: boolean
}

/** Sets up a session with a device of a contact; resolves when it is stored. */
export type Renew = (device: DeviceKey) => Promise<void>

/** What else waits may be sealed in the session that it begins, so it goes first. */
const isHello = ({ envelope }: OutboxRow): boolean => envelope !== undefined && pairingFrame(envelope) === 'left'

export class Outbox {
  readonly #context: Context
  readonly #contacts: Contacts
  readonly #sessions: Sessions
  readonly #ledger: Ledger
  readonly #notices: Notices
  readonly #renew: Renew
  readonly #isMeeting: (device: DeviceKey) => boolean
  readonly #lanes = new Map<DeviceKey, Lane>()
  #mailroom: Mailroom | undefined
  #running = false

  /** @param isMeeting whether our hello to a device is being answered right now: nothing else is said to it, and nothing it says ends the session of the hello */
  constructor(context: Context, contacts: Contacts, sessions: Sessions, ledger: Ledger, notices: Notices, renew: Renew, isMeeting: (device: DeviceKey) => boolean) {
    this.#context = context
    this.#contacts = contacts
    this.#sessions = sessions
    this.#ledger = ledger
    this.#notices = notices
    this.#renew = renew
    this.#isMeeting = isMeeting
  }

  /** The other half of the circle: it hands in what waits here. */
  join(mailroom: Mailroom): void {
    this.#mailroom = mailroom
  }

  start(): void {
    this.#running = true
    this.reload()
  }

  stop(): void {
    this.#running = false
    for (const lane of this.#lanes.values()) {
      lane.cancelPause?.()
      lane.cancelLate?.()
    }
    this.#lanes.clear()
  }

  /** Takes over what the store holds; used at the start and after a transaction failed. */
  reload(): void {
    if (!this.#running) return
    for (const lane of this.#lanes.values()) {
      lane.items.clear()
      lane.unsealed.clear()
      lane.changing.clear()
    }
    for (const item of this.#context.store.outbox()) this.#hold(item)
    for (const device of this.#lanes.keys()) this.#pump(device)
  }

  /**
   * Adds a content for every device of a contact to a step: sealed where there is a session, else waiting for one. It
   * leaves when the step is durable.
   */
  queue(step: Step, contact: string, id: string, content: Uint8Array): void {
    for (const device of this.#contacts.devices(contact)) this.queueFor(step, contact, device, id, content)
  }

  queueFor(step: Step, contact: string, device: DeviceKey, id: string, content: Uint8Array): void {
    // While older items wait for a session, a newer one waits behind them: order is kept.
    const waits = !this.#sessions.has(device) || (this.#lanes.get(device)?.unsealed.size ?? 0) > 0
    const row: OutboxRow = { id, device, contact, content, envelope: undefined, held: false, queuedAt: this.#context.clock.now() }
    const ready = waits ? row : this.#sealed(step, row)
    this.#put(step, ready)
  }

  /** A content whose bytes on the way are made already, and are the same for ever. */
  queueSealed(step: Step, row: Pick<OutboxRow, 'id' | 'device' | 'contact' | 'content'> & { readonly envelope: Uint8Array }): void {
    const ready = { ...row, held: false, queuedAt: this.#context.clock.now() }
    this.#put(step, ready)
  }

  /** The person let messages that waited for a changed device go to it. */
  release(step: Step, contact: string): void {
    for (const item of this.#context.store.outbox()) {
      if (item.contact !== contact || !item.held) continue
      const row = { ...item, held: false }
      this.#put(step, row)
    }
  }

  /** Forgets everything on its way to a contact, or only what is held. */
  discard(step: Step, contact: string, only?: 'held'): void {
    for (const item of this.#context.store.outbox()) {
      if (item.contact !== contact || (only === 'held' && !item.held)) continue
      this.#remove(step, item.device, item.id)
    }
  }

  /** The device was not reached when it was last tried, does not answer, or is not to be tried. */
  away(device: DeviceKey): boolean {
    if (this.#isMeeting(device)) return false
    const { failures = 0, late = false } = this.#lanes.get(device) ?? {}
    const failed = failures > 0 || late
    return failed || this.#doesNotKnowUs(device) || (this.#mailroom?.hidden === true && !this.#context.courier.connected(device))
  }

  #doesNotKnowUs(device: DeviceKey): boolean {
    return this.#contacts.ownerOf(device)?.state === 'asked'
  }

  /** What could leave for a device now, in order. */
  waiting(device: DeviceKey): (OutboxRow & { readonly envelope: Uint8Array })[] {
    const ready: (OutboxRow & { readonly envelope: Uint8Array })[] = []
    const lane = this.#lanes.get(device)
    for (const item of lane?.items.values() ?? []) {
      if (item.held) continue
      if (item.envelope === undefined) break
      if (lane?.changing.has(item.id)) continue
      ready.push({ ...item, envelope: item.envelope })
    }
    return ready
  }

  /** The device has it, or needs it no more. */
  settled(step: Step, device: DeviceKey, id: string): void {
    if (!this.#lanes.get(device)?.items.has(id)) return
    this.#remove(step, device, id)
  }

  /** A content of this kind takes the place of those of it that still wait. */
  supersede(step: Step, contact: string, kind: Content['kind']): void {
    for (const device of this.#contacts.devices(contact)) {
      for (const { id, content } of this.#lanes.get(device)?.items.values() ?? []) if (decodeContent(content).kind === kind) this.settled(step, device, id)
    }
  }

  /**
   * Moves what waits for devices that were struck off to the contact's new devices, held until the person agrees: nothing is
   * sent again to a new key without being asked (attacks 22, 23). Tells whether anything is held.
   */
  moveToNewDevices(step: Step, contact: string, struckOff: readonly DeviceKey[], added: readonly DeviceKey[]): boolean {
    let held = false
    for (const gone of struckOff) {
      for (const item of this.#context.store.outbox(gone)) {
        this.#remove(step, gone, item.id)
        const isMessage = this.#context.store.message(item.id) !== undefined
        if (!isMessage) continue
        for (const device of added) {
          const row: OutboxRow = { ...item, contact, device, envelope: undefined, held: true }
          this.#put(step, row)
          held = true
        }
      }
      step.changes.push(...this.#sessions.drop(gone))
      step.afterwards.push(() => this.#lanes.delete(gone))
    }
    return held
  }

  /** Sealed bytes that no session of the other side opens any more: they wait for a new session. */
  unseal(step: Step, device: DeviceKey): void {
    for (const item of this.#context.store.outbox(device)) {
      if (item.envelope === undefined || pairingFrame(item.envelope) !== undefined) continue
      step.changes.push({ remove: 'handed', id: item.id, device })
      this.#put(step, { ...item, envelope: undefined })
    }
  }

  /** A session stands: what waited for it is sealed, in order, in the same step. */
  sealWaiting(step: Step, device: DeviceKey): void {
    for (const item of this.#context.store.outbox(device)) {
      if (item.envelope !== undefined || item.held) continue
      this.#put(step, this.#sealed(step, item))
    }
  }

  /**
   * The device started a session, and may have lost all others: what it has not acknowledged is sealed for the new one, in order. What it
   * has already it knows by the id of the content.
   */
  sealAnew(step: Step, device: DeviceKey): void {
    const rows = this.#context.store.outbox(device).flatMap((item) => {
      if (item.held || (item.envelope && pairingFrame(item.envelope) !== undefined)) return []
      const row = this.#sealed(step, item)
      step.changes.push({ put: 'outbox', row }, { remove: 'handed', id: item.id, device })
      this.#willChange(step, device, item.id)
      return [row]
    })
    // All of them before one is moved: those behind it are sealed for a session of the past.
    step.afterwards.push(() => {
      for (const row of rows) this.#changed(step, row)
      this.#move(device)
    })
  }

  /** The device can be reached now: no more pausing. */
  appeared(device: DeviceKey): void {
    const lane = this.#lanes.get(device)
    if (!lane) return
    lane.failures = 0
    this.#resume(device, lane)
  }

  /** A device knows us now, or our hello to it could not be answered: what waited for that goes on. */
  met(device: DeviceKey): void {
    this.#move(device)
  }

  /** The network is another one now. */
  retry(): void {
    for (const [device, lane] of this.#lanes) this.#resume(device, lane)
  }

  #resume(device: DeviceKey, lane: Lane): void {
    lane.cancelPause?.()
    lane.cancelPause = undefined
    this.#pump(device)
  }

  #sealed(step: Step, row: OutboxRow): OutboxRow {
    const { envelope, change } = this.#sessions.seal(row.device, row.content)
    step.changes.push(change)
    // What is queued before this is durable can be sealed behind it, and need not wait.
    this.#lanes.get(row.device)?.unsealed.delete(row.id)
    return { ...row, envelope }
  }

  #lane(device: DeviceKey): Lane {
    let lane = this.#lanes.get(device)
    if (!lane) {
      lane = { items: new Map(), unsealed: new Set(), changing: new Map(), inFlight: new Set(), failures: 0, cancelLate: undefined, late: false, lostSessions: 0, cancelPause: undefined, renewing: false }
      this.#lanes.set(device, lane)
    }
    return lane
  }

  #put(step: Step, row: OutboxRow): void {
    step.changes.push({ put: 'outbox', row })
    this.#willChange(step, row.device, row.id)
    step.afterwards.push(() => {
      this.#changed(step, row)
      this.#move(row.device)
    })
  }

  #remove(step: Step, device: DeviceKey, id: string): void {
    step.changes.push({ remove: 'outbox', id, device })
    this.#willChange(step, device, id)
    step.afterwards.push(() => this.#release(device, id))
  }

  #willChange(step: Step, device: DeviceKey, id: string): void {
    this.#lane(device).changing.set(id, step)
  }

  /** A step is durable: this is the item now, unless a step behind it changes it again. */
  #changed(step: Step, row: OutboxRow): void {
    const { changing } = this.#lane(row.device)
    if ((changing.get(row.id) ?? step) !== step) return
    changing.delete(row.id)
    this.#hold(row)
  }

  #move(device: DeviceKey): void {
    this.#pump(device)
    if (this.away(device)) this.#mailroom?.wake(device)
  }

  #hold(row: OutboxRow): void {
    const lane = this.#lane(row.device)
    const behind = isHello(row) ? [...lane.items] : []
    if (behind.length > 0) lane.items.clear()
    lane.items.set(row.id, row)
    for (const [id, item] of behind) if (id !== row.id) lane.items.set(id, item)
    if (row.envelope === undefined && !row.held) lane.unsealed.add(row.id)
    else lane.unsealed.delete(row.id)
  }

  #release(device: DeviceKey, id: string): void {
    const lane = this.#lanes.get(device)
    lane?.items.delete(id)
    lane?.unsealed.delete(id)
    lane?.changing.delete(id)
  }

  #pump(device: DeviceKey): void {
    const lane = this.#lanes.get(device)
    if (!this.#running || !lane || lane.cancelPause || lane.renewing || this.#isMeeting(device)) return
    for (const item of lane.items.values()) {
      if (lane.inFlight.size >= IN_FLIGHT) return
      if (item.held || lane.inFlight.has(item.id)) continue
      if (item.envelope === undefined) {
        // Queued while a session began. What is on its way in it may not be answered for days: its device is away.
        if (lane.inFlight.size === 0 || this.#sessions.has(device)) this.#renewSession(device, lane)
        return
      }
      // A stranger is hung up on: this one, and what is said behind it, is for the mailbox of an invite, until they know us by another.
      if (isHello(item) && this.#doesNotKnowUs(device)) return
      if (lane.changing.has(item.id)) continue
      lane.inFlight.add(item.id)
      this.#awaitAnswer(device, lane)
      void this.#send(device, lane, item, item.envelope)
    }
  }

  async #send(device: DeviceKey, lane: Lane, item: OutboxRow, envelope: Uint8Array): Promise<void> {
    try {
      const verdict = await this.#context.courier.send(device, this.#addresses(item), envelope)
      lane.failures = 0
      lane.inFlight.delete(item.id)
      this.#answered(device, lane)
      if (verdict === 'stored') lane.lostSessions = 0
      const judged = this.#judged(device, item, envelope, verdict)
      this.#pump(device) // the next ones travel while the verdict becomes durable
      await judged
    } catch (error) {
      lane.inFlight.delete(item.id)
      this.#answered(device, lane)
      this.#failed(device, lane, error)
      this.#pump(device)
    }
  }

  /** Each answer gives the next as long again. */
  #awaitAnswer(device: DeviceKey, lane: Lane): void {
    if (lane.cancelLate || lane.late || !this.#running) return
    lane.cancelLate = this.#context.clock.after(LATE_MS, () => {
      lane.cancelLate = undefined
      lane.late = true
      this.#mailroom?.wake(device)
    })
  }

  #answered(device: DeviceKey, lane: Lane): void {
    lane.cancelLate?.()
    lane.cancelLate = undefined
    lane.late = false
    if (lane.inFlight.size > 0) this.#awaitAnswer(device, lane)
  }

  async #judged(device: DeviceKey, item: OutboxRow, envelope: Uint8Array, verdict: Verdict): Promise<void> {
    const lane = this.#lanes.get(device)
    if (lane?.items.get(item.id)?.envelope !== envelope || lane.changing.has(item.id)) return // struck off, or sealed anew in the meantime
    const step = newStep()
    if (verdict === 'stored') {
      step.changes.push({ remove: 'outbox', id: item.id, device })
      this.#ledger.advance(step, item.id, device, 'sent')
      this.#release(device, item.id)
    } else {
      this.#context.log.info('a device lost its session; a new one is set up')
      // A device that loses every new one too does not get to keep us busy with handshakes.
      if (++lane.lostSessions > 1) this.#pause(lane, device, lane.lostSessions)
      this.sessionLost(step, item.contact, device)
    }
    await commit(this.#context, step)
  }

  /** The two of us have no session in common any more: what waits is for the next one. */
  sessionLost(step: Step, contact: string, device: DeviceKey): void {
    step.changes.push(...this.#sessions.drop(device))
    this.unseal(step, device)
    this.#notices.add(step, contact, 'session-renewed')
  }

  #renewSession(device: DeviceKey, lane: Lane): void {
    lane.renewing = true
    const renewed = this.#sessions.has(device) ? this.#sealNow(device) : this.#renew(device)
    renewed
      .then(
        () => {
          lane.failures = 0
        },
        (error: unknown) => this.#failed(device, lane, error),
      )
      .finally(() => {
        lane.renewing = false
        this.#pump(device)
      })
  }

  async #sealNow(device: DeviceKey): Promise<void> {
    const step = newStep()
    this.sealWaiting(step, device)
    await commit(this.#context, step)
  }

  #failed(device: DeviceKey, lane: Lane, error: unknown): void {
    if (!(error instanceof CourierError)) this.#context.log.warn('sending failed', { error: error instanceof Error ? error.name : 'unknown' })
    // One lost connection fails everything that was on it; it counts once.
    if (lane.cancelPause) return
    this.#pause(lane, device, lane.failures++)
    this.#mailroom?.wake(device)
  }

  /** `doublings` of the first pause. */
  #pause(lane: Lane, device: DeviceKey, doublings: number): void {
    if (lane.cancelPause || !this.#running) return
    const { clock, random } = this.#context
    const pause = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** doublings)
    const jitter = 0.5 + (random(1)[0] as number) / 256
    lane.cancelPause = clock.after(pause * jitter, () => {
      lane.cancelPause = undefined
      this.#pump(device)
    })
  }

  #addresses(item: OutboxRow): readonly string[] {
    return this.#contacts.get(item.contact)?.addresses[item.device] ?? []
  }
}
