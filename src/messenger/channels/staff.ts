/**
 * Who may post beside us. The brand offers it to a contact, in an ordinary conversation; who accepts makes a posting key for this
 * channel alone and hands in its public half; the brand certifies it. Nobody ever holds the key of somebody else.
 */
import {
  type Certified, type Channel, channelText, checkPostingKey, encodeCertificate, encodeRevocation, headOf, KIND, provePostingKey, SCOPE,
} from '../../../protocols/channel/index.ts'
import { type Content, decodeContent, encodeContent } from '../../../protocols/content/index.ts'
import { InviteError, parseChannelLink } from '../../../protocols/pairing/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import type { Contacts } from '../contacts.ts'
import { commit, newStep, type Step } from '../context.ts'
import { MessengerError } from '../errors.ts'
import { newRequestId } from '../devices.ts'
import { newId } from '../ids.ts'
import type { Outgoing } from '../outgoing.ts'
import type { ContactRow } from '../ports.ts'
import { checkedName } from '../profile.ts'
import type { Self } from '../self.ts'
import type { Certainty } from './certainty.ts'
import { inWords } from './composing.ts'
import type { ChannelContext } from './context.ts'
import { certificatesOf, type ChannelKeys } from './keys.ts'
import type { ChannelId, LogId, StaffRow } from './ports.ts'
import { notOwner, type Publishing } from './publishing.ts'
import type { Shelf } from './shelf.ts'
import type { ChannelView, StaffInput, StaffInvitationView, StaffView } from './views.ts'

export type StaffContent = Extract<Content, { kind: 'staffOffer' | 'staffKey' | 'staffRefused' }>

/** Offers of one contact that wait for our answer: what comes beyond them is not kept, so that nobody fills our store. */
const MAX_INVITATIONS = 16
/** A clock of theirs that is behind ours must not lie before the certificate. */
const CLOCK_SLACK_MS = 3600_000

export class Staff {
  readonly #context: ChannelContext
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #outgoing: Outgoing
  readonly #shelf: Shelf
  readonly #keys: ChannelKeys
  readonly #publishing: Publishing
  readonly #certainty: Certainty
  readonly #link: (name: string) => string
  readonly #follow: (link: string, name: string) => Promise<unknown>
  readonly #view: (id: ChannelId) => ChannelView

  /** @param follow openly; resolves when what was found is here */
  constructor(
    context: ChannelContext,
    parts: {
      self: Self; contacts: Contacts; outgoing: Outgoing; shelf: Shelf; keys: ChannelKeys; publishing: Publishing; certainty: Certainty
      link: (name: string) => string; follow: (link: string, name: string) => Promise<unknown>; view: (id: ChannelId) => ChannelView
    },
  ) {
    this.#context = context
    this.#self = parts.self
    this.#contacts = parts.contacts
    this.#outgoing = parts.outgoing
    this.#shelf = parts.shelf
    this.#keys = parts.keys
    this.#publishing = parts.publishing
    this.#certainty = parts.certainty
    this.#link = parts.link
    this.#follow = parts.follow
    this.#view = parts.view
  }

  // ---------------------------------------------------------------- brand

  staff(name: string): StaffView[] {
    return staffViews(this.#shelf.findOpened(name).state, this.#context.clock.now())
  }

  /** Asks a contact. Who is staff already and accepts again gets a new window for the same log. */
  async add(name: string, input: StaffInput): Promise<void> {
    const { clock } = this.#context
    const known = this.#shelf.findOpened(name)
    const { row: { id }, state } = known
    if (!this.#keys.owns(id)) throw notOwner(known)
    const contact = this.#contacts.findAccepted(input.contact)
    const author = checkedName(input.name ?? contact.profileName)
    const scope = input.scope.reduce((bits, each) => bits | SCOPE[each], 0)
    if (scope === 0) throw new MessengerError('bad-input', 'staff may do something', 'text, pictures, events, offers or moderate')
    if (!Number.isSafeInteger(input.notAfter) || input.notAfter <= clock.now()) throw new MessengerError('bad-input', 'a posting key ends in the future')
    if (input.entries !== undefined && (!Number.isInteger(input.entries) || input.entries < 1)) throw new MessengerError('bad-input', 'a number of entries is 1 or more')
    const offer = {
      kind: 'staffOffer' as const, link: this.#link(id), name: state.manifest.name, author, scope, notAfter: input.notAfter,
      ...(input.entries !== undefined && { entries: input.entries }),
    }
    const terms = encodeContent({ ...offer, id: fromHex(newId(this.#context)), at: clock.now() })
    const step = newStep()
    for (const row of this.#offered(id, contact.account)) step.changes.push({ remove: 'staff', id: row.id })
    step.changes.push({ put: 'staff', row: { id: newRequestId(this.#context), channel: id, role: 'offered', account: contact.account, terms, at: clock.now() } })
    this.#outgoing.say(step, contact.account, offer)
    await commit(this.#context, step)
  }

  async revoke(name: string, staff: string, reason: string): Promise<StaffView> {
    const { suite } = this.#context
    const known = this.#shelf.findOpened(name)
    const { row: { id }, state } = known
    if (!this.#keys.owns(id)) throw notOwner(known)
    const log = findLog(state, staff)
    if (state.cuts.has(log)) throw new MessengerError('conflict', 'this posting key was ended already')
    const logState = state.logs.get(log)
    if (!logState) throw new MessengerError('not-found', `nobody in ${known.row.name} is called "${staff}"`)
    // What the brand has of the log now is what stays: what a thief dated back and did not show yet is void.
    const body = inWords({}, 'a reason is one short line', () => encodeRevocation({ ...headOf(suite, logState), reason: reason.trim() }))
    const step = newStep()
    this.#publishing.draft(step, id, KIND.revocation, body)
    await commit(this.#context, step)
    await this.#publishing.attempt(id)
    return this.staff(id).find((each) => each.log === log) as StaffView
  }

  // ---------------------------------------------------------------- who was asked

  invitations(): StaffInvitationView[] {
    return this.#invited().map((row) => this.#invitation(row))
  }

  async accept(id: string): Promise<ChannelView> {
    const { suite } = this.#context
    const row = this.#openInvitation(id)
    const offer = termsOf(row)
    const known = this.#shelf.get(row.channel)
    if (known?.row.following === 'private') {
      throw new MessengerError('conflict', `you follow ${known.row.name} in private, and who posts takes part openly`, 'unfollow it first')
    }
    const step = newStep()
    const kept = this.#keys.posting(row.channel)
    // A log that was ended cannot go on: who is asked again begins another.
    const existing = kept && this.#shelf.opened(row.channel)?.state.cuts.has(kept.log) ? undefined : kept
    const made = existing ? undefined : this.#keys.newPosting(row.channel)
    const key = existing?.key ?? made?.key
    if (!key) throw new TypeError('there is a key or one was made')
    if (made) step.changes.push({ put: 'channel-key', row: made.row })
    step.changes.push({ remove: 'staff', id: row.id })
    const channel = fromHex(row.channel)
    this.#outgoing.say(step, row.account, { kind: 'staffKey', channel, key: key.publicKey, proof: provePostingKey(suite, key, channel, this.#self.account) })
    await commit(this.#context, step)
    if (made) this.#certainty.made(row.channel)
    if (!this.#shelf.get(row.channel)) await this.#follow(offer.link, offer.name)
    return this.#view(row.channel)
  }

  async refuse(id: string): Promise<void> {
    const row = this.#openInvitation(id)
    const step = newStep()
    step.changes.push({ remove: 'staff', id: row.id })
    this.#outgoing.say(step, row.account, { kind: 'staffRefused', channel: fromHex(row.channel) })
    await commit(this.#context, step)
  }

  // ---------------------------------------------------------------- what others say of it, inside the encryption

  said(step: Step, contact: ContactRow, content: StaffContent): void {
    switch (content.kind) {
      case 'staffOffer': return this.#offerCame(step, contact, content)
      case 'staffKey': return this.#keyCame(step, contact, content)
      case 'staffRefused': {
        const channel = toHex(content.channel)
        for (const row of this.#offered(channel, contact.account)) step.changes.push({ remove: 'staff', id: row.id })
      }
    }
  }

  #offerCame(step: Step, contact: ContactRow, content: Extract<StaffContent, { kind: 'staffOffer' }>): void {
    const { clock, events } = this.#context
    const channel = channelOf(content.link)
    if (channel === undefined || content.notAfter <= clock.now()) return
    const theirs = this.#invited().filter(({ account }) => account === contact.account)
    const before = theirs.find((row) => row.channel === channel)
    if (!before && theirs.length >= MAX_INVITATIONS) return
    const row: StaffRow = { id: before?.id ?? newRequestId(this.#context), channel, role: 'invited', account: contact.account, terms: encodeContent(content), at: clock.now() }
    step.changes.push({ put: 'staff', row })
    step.afterwards.push(() => events.emit({ type: 'invitation', invitation: this.#invitation(row) }))
  }

  /** Only whom we asked, only for what we offered, and only a key that is theirs. */
  #keyCame(step: Step, contact: ContactRow, { channel, key, proof }: Extract<StaffContent, { kind: 'staffKey' }>): void {
    const { suite, clock, log } = this.#context
    const id = toHex(channel)
    const [row] = this.#offered(id, contact.account)
    const known = this.#shelf.opened(id)
    if (!row || !known) return
    if (!checkPostingKey(suite, key, proof, channel, fromHex(contact.account))) return log.warn('a posting key without a proof was refused')
    step.changes.push({ remove: 'staff', id: row.id })
    const { author, scope, notAfter, entries } = termsOf(row)
    const now = clock.now()
    const existing = [...known.state.certificates.values()].find((each) => toHex(each.key) === toHex(key))
    const size = existing ? (known.state.logs.get(toHex(existing.log))?.size ?? 0) : 0
    if (notAfter <= now || (existing && known.state.cuts.has(toHex(existing.log)))) return // it took them too long, or that key is dead
    const endSeq = entries === undefined ? Number.MAX_SAFE_INTEGER : size + entries
    const body = encodeCertificate({ key, name: author, scope, firstSeq: 0, endSeq, notBefore: Math.max(0, now - CLOCK_SLACK_MS), notAfter })
    this.#publishing.draft(step, id, KIND.certificate, body)
    step.afterwards.push(() => void this.#publishing.attempt(id).catch(() => log.warn('a certificate was not published; tried again later')))
  }

  // ---------------------------------------------------------------- rows

  #offered(channel: ChannelId, account: string): StaffRow[] {
    return this.#context.store.staff().filter((row) => row.role === 'offered' && row.channel === channel && row.account === account)
  }

  #invited(): StaffRow[] {
    return this.#context.store.staff().filter(({ role }) => role === 'invited')
  }

  #openInvitation(id: string): StaffRow {
    const row = this.#invited().find((each) => each.id === id.trim().toLowerCase())
    if (!row) throw new MessengerError('not-found', `there is no invitation "${id}"`, 'dure channel staff invitations lists them')
    return row
  }

  #invitation(row: StaffRow): StaffInvitationView {
    const { name, scope, notAfter } = termsOf(row)
    const from = this.#contacts.get(row.account)?.name ?? ''
    return { id: row.id, channel: channelText(fromHex(row.channel)), channelName: name, from, scope: scopeNames(scope), notAfter, at: row.at }
  }
}

/** Everybody who has or had a posting key, in the order they were certified. */
export function staffViews(state: Channel, now: number): StaffView[] {
  const logs = new Set([...state.certificates.values()].sort((a, b) => a.seq - b.seq).map((each) => toHex(each.log)))
  return [...logs].flatMap((log) => {
    const newest = certificatesOf(state, log).at(-1)
    return newest ? [{ ...described(newest), log, state: stateOf(state, log, newest, now), entries: state.logs.get(log)?.size ?? 0 }] : []
  })
}

const described = ({ name, scope, notAfter }: Certified): Pick<StaffView, 'name' | 'scope' | 'notAfter'> => ({ name, scope: scopeNames(scope), notAfter })

function stateOf(channel: Channel, log: LogId, { notBefore, notAfter, endSeq }: Certified, now: number): StaffView['state'] {
  if (channel.cuts.has(log)) return 'revoked'
  if (channel.forks.has(log)) return 'forked'
  if (now >= notAfter || (channel.logs.get(log)?.size ?? 0) >= endSeq) return 'expired'
  return now < notBefore ? 'not yet' : 'active'
}

const scopeNames = (bits: number): string[] => Object.entries(SCOPE).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]))

/** The log a person means: the name in its certificate, else the beginning of its id. */
function findLog(state: Channel, typed: string): LogId {
  const wanted = typed.trim().normalize('NFKC').toLocaleLowerCase()
  const newest = [...state.logs.keys()].map((log) => ({ log, name: (certificatesOf(state, log).at(-1)?.name ?? '').normalize('NFKC').toLocaleLowerCase() }))
  const named = newest.filter(({ name, log }) => name === wanted && !state.cuts.has(log))
  const found = named.length > 0 ? named : newest.filter(({ name, log }) => name === wanted || (wanted.length >= 8 && log.startsWith(wanted)))
  if (found.length > 1) throw new MessengerError('ambiguous', `"${typed}" could be ${found.map(({ log }) => log.slice(0, 8)).join(' or ')}`, 'type the beginning of the log')
  const [one] = found
  if (!one) throw new MessengerError('not-found', `nobody in this channel is called "${typed}"`, 'dure channel staff list shows them')
  return one.log
}

function termsOf({ terms }: StaffRow): Extract<StaffContent, { kind: 'staffOffer' }> {
  const content = decodeContent(terms)
  if (content.kind !== 'staffOffer') throw new TypeError('terms of staff are an offer')
  return content
}

/** The channel a link of a contact is about; undefined for what is no such link. */
function channelOf(link: string): ChannelId | undefined {
  try {
    return toHex(parseChannelLink(link).channel)
  } catch (error) {
    if (error instanceof InviteError) return undefined
    throw error
  }
}
