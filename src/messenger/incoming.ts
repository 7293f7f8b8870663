/**
 * What others say: open, decode, decide, one commit, then the acknowledgement and the events. The author of a content is
 * the owner of the session it came through, whatever the content claims (attack 25).
 */
import { type Content, ContentError, decodeContent } from '../../protocols/content/index.ts'
import { DeviceListError, verifyDeviceList } from '../../protocols/identity/index.ts'
import { pairingFrame } from '../../protocols/pairing/index.ts'
import { SessionError } from '../../protocols/session/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import type { Acquaintance } from './acquaintance.ts'
import type { RunningChannels } from './channels/channels.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Devices } from './devices.ts'
import type { Ledger } from './ledger.ts'
import type { RunningMailboxes } from './mailboxes/mailboxes.ts'
import type { Notices } from './notices.ts'
import type { Outbox } from './outbox.ts'
import type { AccountKey, ContactRow, DeviceKey, MessageId, MessageRow, StoredMessage, Verdict } from './ports.ts'
import type { Views } from './present.ts'
import type { Receipts } from './receipts.ts'
import type { Sessions } from './sessions.ts'

/** A device talks to us in a state where it must not: hang up without a word. */
export class NotAdmittedError extends Error {
  override readonly name = 'NotAdmittedError'
}

/** Both sides of a pairing whose steps lie in mailboxes. Each resolves when what came of it is stored. */
export interface PairingByMail {
  left(bytes: Uint8Array): Promise<void>
  answered(device: DeviceKey, bytes: Uint8Array): Promise<void>
}

/**
 * What became of an envelope that lay in a mailbox, and how its sender hears of it: `receipt` is owed for the message in it, `taken` must be
 * said for anything else; `nothing` for what answers ours, and for what could not be used.
 */
export interface Fetched {
  readonly device: DeviceKey
  readonly answer: 'receipt' | 'taken' | 'nothing'
}

const isAdmitted = ({ state }: ContactRow): boolean => state === 'accepted' || state === 'asked' || state === 'asking'

/** What was said, and whether its author had said it before something that is here already. */
interface Said {
  readonly content: Content
  readonly late: boolean
}

/** What comes late is put above so many words at the most: more than mailboxes hold while one is away. */
const MAX_PASSED = 1_000
/** An author's clock may run ahead of ours this far before the time shown is ours instead. */
const MAX_CLOCK_AHEAD_MS = 10 * 60_000

export class Incoming {
  readonly #context: Context
  readonly #contacts: Contacts
  readonly #sessions: Sessions
  readonly #devices: Devices
  readonly #ledger: Ledger
  readonly #receipts: Receipts
  readonly #notices: Notices
  readonly #acquaintance: Acquaintance
  readonly #channels: Pick<RunningChannels, 'staffSaid'>
  readonly #mailboxes: () => Pick<RunningMailboxes, 'sessionRenewed' | 'said' | 'arrived'>
  readonly #pairing: PairingByMail
  readonly #views: Views
  readonly #outbox: Pick<Outbox, 'sessionLost'>

  constructor(
    context: Context,
    parts: {
      contacts: Contacts
      sessions: Sessions
      devices: Devices
      ledger: Ledger
      receipts: Receipts
      notices: Notices
      acquaintance: Acquaintance
      channels: Pick<RunningChannels, 'staffSaid'>
      /** asked when something came: they need us as well */
      mailboxes: () => Pick<RunningMailboxes, 'sessionRenewed' | 'said' | 'arrived'>
      pairing: PairingByMail
      views: Views
      outbox: Pick<Outbox, 'sessionLost'>
    },
  ) {
    this.#context = context
    this.#contacts = parts.contacts
    this.#sessions = parts.sessions
    this.#devices = parts.devices
    this.#ledger = parts.ledger
    this.#receipts = parts.receipts
    this.#notices = parts.notices
    this.#acquaintance = parts.acquaintance
    this.#channels = parts.channels
    this.#mailboxes = parts.mailboxes
    this.#pairing = parts.pairing
    this.#views = parts.views
    this.#outbox = parts.outbox
  }

  /**
   * One envelope from an authenticated device; resolves after the durable commit. All of it is judged before anything is awaited: what follows in
   * the same turn is judged by what this one made of them, as a word behind a yes.
   * @throws NotAdmittedError from strangers, blocked people and those not accepted yet
   */
  async receive(device: DeviceKey, envelope: Uint8Array): Promise<Verdict> {
    const contact = this.#contacts.ownerOf(device)
    if (!contact || !isAdmitted(contact)) throw new NotAdmittedError('not a contact')
    const paired = this.#paired(device, envelope)
    if (paired) return paired.then(() => 'stored')
    const step = newStep()
    const said = this.#open(step, contact, device, envelope)
    if (said === 'no-session') return 'no-session'
    if (said === 'forked') {
      await commit(this.#context, step)
      return 'no-session'
    }
    if (said !== 'seen' && said !== 'malformed') this.#apply(step, contact, device, said)
    await commit(this.#context, step) // also for what was seen before: its first commit may still be on its way
    return 'stored'
  }

  /**
   * One envelope out of a mailbox where a contact, and nobody else, can leave something; resolves after the durable commit. Which device
   * left it shows in whose session opens it.
   * @param isNew by its sender's count: a node that hands out again what it deleted makes nothing happen (attack 60)
   */
  async fetched(account: AccountKey, envelope: Uint8Array, isNew: boolean): Promise<Fetched> {
    const [first = ''] = this.#contacts.devices(account)
    for (const device of this.#contacts.devices(account)) {
      const contact = this.#contacts.get(account)
      if (!contact || !isAdmitted(contact)) break
      const paired = this.#paired(device, envelope)
      if (paired) return paired.then(() => ({ device, answer: 'nothing' }))
      const step = newStep()
      const said = this.#open(step, contact, device, envelope)
      if (said === 'no-session') continue
      if (said === 'forked') {
        // However new it is, and however lately one began: no node makes this, it happens once to a session, and nothing would tell their device.
        if (contact.state === 'accepted') this.#giveUpSessions(step, account)
        await commit(this.#context, step)
        return { device, answer: 'nothing' }
      }
      const answer = this.#answerTo(said)
      if (said !== 'seen' && said !== 'malformed') this.#apply(step, contact, device, said)
      await commit(this.#context, step)
      return { device, answer }
    }
    // There is nobody to answer `no-session` to.
    if (isNew) await this.startAnew(account)
    return { device: first, answer: 'nothing' }
  }

  /**
   * The two of us have no session in common, by all that lies in mailboxes. One is started from here, with something to say in it: opening that,
   * their device seals anew what we did not acknowledge.
   */
  async startAnew(account: AccountKey): Promise<void> {
    if (this.#contacts.get(account)?.state !== 'accepted' || this.#devices.begunLately(account)) return
    const step = newStep()
    this.#giveUpSessions(step, account)
    await commit(this.#context, step)
  }

  #giveUpSessions(step: Step, account: AccountKey): void {
    for (const device of this.#contacts.devices(account)) if (this.#sessions.has(device)) this.#outbox.sessionLost(step, account, device)
    this.#mailboxes().sessionRenewed(step, account)
    step.afterwards.push(() => this.#devices.begun(account))
  }

  /** What lay in the mailbox of an invite of ours. */
  left(bytes: Uint8Array): Promise<void> {
    return this.#pairing.left(bytes)
  }

  /** Steps of a pairing that travel as envelopes do, told by their second byte. @returns undefined when it is none */
  #paired(device: DeviceKey, bytes: Uint8Array): Promise<void> | undefined {
    const kind = pairingFrame(bytes)
    if (kind === 'left') return this.#pairing.left(bytes)
    if (kind === 'pending') return this.#pairing.answered(device, bytes)
    return undefined
  }

  #answerTo(said: Said | 'seen' | 'malformed'): Fetched['answer'] {
    if (said === 'seen' || said === 'malformed') return 'taken'
    const { content } = said
    switch (content.kind) {
      case 'text':
      case 'unknown':
        return this.#context.store.message(toHex(content.id)) ? 'taken' : 'receipt'
      case 'receipt':
        return content.receipt === 'delivered' ? 'nothing' : 'taken'
      case 'taken':
      case 'typing':
        return 'nothing'
      default:
        return 'taken'
    }
  }

  #open(step: Step, contact: ContactRow, device: DeviceKey, envelope: Uint8Array): Said | 'seen' | 'malformed' | 'no-session' | 'forked' {
    const hadSession = this.#sessions.has(device)
    const answer = this.#devices.responder(contact.account, device)
    try {
      const opened = this.#sessions.open(device, envelope, answer.respond)
      step.changes.push(this.#sessions.put(device, opened.record))
      if (opened.isNewSession) {
        if (hadSession && contact.state === 'accepted') this.#notices.add(step, contact.account, 'session-renewed')
        answer.opened(step)
        if (contact.state === 'accepted') {
          this.#mailboxes().sessionRenewed(step, contact.account)
          this.#receipts.sayAgain(step, contact.account)
        }
      }
      if (opened.historyBroken) this.#notices.add(step, contact.account, 'history-broken')
      return { content: decodeContent(opened.content), late: opened.late }
    } catch (error) {
      if (error instanceof ContentError) {
        this.#context.log.warn('a content was refused', { code: error.code })
        return 'malformed'
      }
      if (!(error instanceof SessionError)) throw error
      if (error.code === 'duplicate') return 'seen'
      this.#context.log.info('an envelope could not be opened', { code: error.code })
      if (error.code !== 'forked') return 'no-session'
      // Two devices write with one state: a copy, or an older state put back. The answer makes the honest one start anew, and say it again.
      this.#notices.add(step, contact.account, 'history-broken')
      return 'forked'
    }
  }

  #apply(step: Step, contact: ContactRow, device: DeviceKey, { content, late }: Said): void {
    if (content.kind === 'pairing') return this.#acquaintance.said(step, contact, device, content)
    // Until both said yes nothing but the answer itself counts, and where it may be left.
    if (contact.state === 'asking' && content.kind === 'mailboxes') return this.#mailboxes().said(step, device, content)
    // Who writes to us, whom we asked, has said yes, wherever that is: what we take is not thrown away.
    if (contact.state === 'asked' && content.kind === 'text') this.#acquaintance.accepted(step, contact.account, {})
    else if (contact.state !== 'accepted') return
    switch (content.kind) {
      case 'text':
      case 'unknown':
        return this.#message(step, contact, content, late)
      case 'edit':
        return this.#changeTheirs(step, contact, content.target, { text: content.text, editedAt: this.#context.clock.now() })
      case 'delete':
        return this.#changeTheirs(step, contact, content.target, {
          text: '',
          raw: undefined,
          reactions: {},
          deletedAt: this.#context.clock.now(),
        })
      case 'reaction':
        return this.#reaction(step, contact, content)
      case 'receipt':
        for (const id of content.ids) {
          this.#ledger.advance(step, toHex(id), device, content.receipt)
          this.#mailboxes().arrived(step, device, toHex(id))
        }
        return
      case 'typing':
        step.afterwards.push(() =>
          this.#context.events.emit({ type: 'typing', contact: contact.account, name: contact.name, active: content.active }),
        )
        return
      case 'timer':
        step.changes.push(this.#contacts.update(contact.account, { timer: content.seconds }))
        this.#notices.add(step, contact.account, 'timer')
        return
      case 'profile':
        step.changes.push(this.#contacts.update(contact.account, { profileName: content.name, picture: content.picture }))
        this.#tellContact(step, contact.account)
        return
      case 'addresses':
        step.changes.push(this.#contacts.withAddresses(contact.account, device, content.addresses))
        return
      case 'deviceList':
        return this.#deviceList(step, contact.account, content.bytes)
      case 'staffOffer':
      case 'staffKey':
      case 'staffRefused':
        return this.#channels.staffSaid(step, contact, content)
      case 'mailboxes':
      case 'taken':
        return this.#mailboxes().said(step, device, content)
    }
  }

  #message(step: Step, contact: ContactRow, content: Extract<Content, { kind: 'text' | 'unknown' }>, late: boolean): void {
    const { store, clock } = this.#context
    const id = toHex(content.id)
    if (store.message(id)) return // sealed again after a renewed session: shown once
    const now = clock.now()
    const replyTo = content.kind === 'text' && content.replyTo ? store.message(toHex(content.replyTo)) : undefined
    const row: MessageRow = {
      id,
      contact: contact.account,
      direction: 'in',
      kind: content.kind,
      text: content.kind === 'text' ? content.text : '',
      raw: content.kind === 'unknown' ? content.raw : undefined,
      at: Math.min(content.at, now + MAX_CLOCK_AHEAD_MS),
      storedAt: now,
      replyTo: replyTo?.contact === contact.account ? replyTo.id : undefined,
      editedAt: undefined,
      deletedAt: undefined,
      reactions: {},
      expireAfter: content.expireAfter ?? 0,
      expiresAt: undefined,
      readAt: undefined,
      receipt: 'none',
      delivery: undefined,
    }
    const above = late ? this.#saidAfter(row) : undefined
    step.changes.push({ add: 'message', row, ...(above !== undefined && { above }) })
    step.afterwards.push(() => {
      this.#receipts.owe(row)
      this.#context.events.emit({ type: 'message', message: this.#views.message(row) })
    })
  }

  /**
   * The first of the contact's words that it said after one that comes late: that lay in a mailbox until it expired, say. Not past our own last
   * word: nothing gets between what we answered and the answer. Nor past one with a later time than the next: its clock was set back after that,
   * and times of before tell nothing.
   */
  #saidAfter({ contact, at }: MessageRow): MessageId | undefined {
    const rows = this.#context.store.history(contact, { limit: MAX_PASSED }).filter(({ kind }) => kind !== 'notice')
    const before = rows.findLastIndex((row, index) => row.direction === 'out' || row.at <= at || row.at > (rows[index + 1]?.at ?? Infinity))
    return rows[before + 1]?.id
  }

  /** Only the author changes a message, and a deleted one stays deleted. */
  #changeTheirs(step: Step, contact: ContactRow, target: Uint8Array, changed: Partial<MessageRow>): void {
    const row = this.#context.store.message(toHex(target))
    if (row?.contact !== contact.account || row.direction !== 'in' || row.deletedAt !== undefined) return
    this.#change(step, row, changed)
  }

  #reaction(step: Step, contact: ContactRow, content: Extract<Content, { kind: 'reaction' }>): void {
    const row = this.#context.store.message(toHex(content.target))
    if (row?.contact !== contact.account || row.kind === 'notice' || row.deletedAt !== undefined) return
    const { [contact.account]: _, ...others } = row.reactions
    this.#change(step, row, { reactions: content.emoji === '' ? others : { ...others, [contact.account]: content.emoji } })
  }

  #change(step: Step, row: StoredMessage, changed: Partial<MessageRow>): void {
    const next = { ...row, ...changed }
    step.changes.push({ put: 'message', row: next })
    step.afterwards.push(() => this.#context.events.emit({ type: 'changed', message: this.#views.message(next) }))
  }

  #deviceList(step: Step, account: AccountKey, bytes: Uint8Array): void {
    try {
      const list = verifyDeviceList(this.#context.suite, bytes, this.#context.clock.now())
      this.#devices.listPresented(step, account, list)
    } catch (error) {
      if (!(error instanceof DeviceListError)) throw error
      this.#devices.listRefused(step, account, error)
    }
  }

  #tellContact(step: Step, account: AccountKey): void {
    step.afterwards.push(() => {
      const row = this.#contacts.get(account)
      if (row) this.#context.events.emit({ type: 'contact', contact: this.#views.contact(row) })
    })
  }
}
