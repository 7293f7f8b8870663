/** The side that reads a code: fetch and check the bundle, say hello once, hear the answer. `protocols/pairing` judges the bytes. */
import { decodeContent, encodeContent } from '../../protocols/content/index.ts'
import { initiate, type VerifiedBundle, verifyBundle } from '../../protocols/handshake/index.ts'
import {
  ask,
  type AskedInvite,
  authenticates,
  checkBundle,
  decodeReply,
  fetchRequest,
  hearAnswer,
  helloRequest,
  type Invite,
  inviteId,
  leftRequest,
  meets,
  parseInvite,
  type PendingInvite,
  type Reply,
} from '../../protocols/pairing/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import type { Acquaintance } from './acquaintance.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import type { Devices } from './devices.ts'
import { MessengerError } from './errors.ts'
import type { Invites } from './invites.ts'
import { likenessOf } from './likeness.ts'
import type { InviteMailboxes } from './mailboxes/mailboxes.ts'
import type { Outbox } from './outbox.ts'
import type { AccountKey, ContactRow, DeviceKey } from './ports.ts'
import type { Views } from './present.ts'
import { isUnreachable, refusedAnswer, refusedInvite, refusedPairing, unreachableInviter } from './refusals.ts'
import type { Self } from './self.ts'
import type { Sessions } from './sessions.ts'
import type { PairView } from './views.ts'

export class Scanning {
  readonly #context: Context
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #sessions: Sessions
  readonly #devices: Devices
  readonly #invites: Invites
  readonly #acquaintance: Acquaintance
  readonly #outbox: Outbox
  readonly #mailboxes: () => InviteMailboxes
  readonly #views: Views
  /** by invite: two hellos for one would look as if somebody else had read the code as well */
  readonly #pairing = new Map<string, { readonly device: DeviceKey; readonly paired: Promise<PairView> }>()

  constructor(
    context: Context,
    parts: {
      self: Self
      contacts: Contacts
      sessions: Sessions
      devices: Devices
      invites: Invites
      acquaintance: Acquaintance
      outbox: Outbox
      mailboxes: () => InviteMailboxes
      views: Views
    },
  ) {
    this.#context = context
    this.#self = parts.self
    this.#contacts = parts.contacts
    this.#sessions = parts.sessions
    this.#devices = parts.devices
    this.#invites = parts.invites
    this.#acquaintance = parts.acquaintance
    this.#outbox = parts.outbox
    this.#mailboxes = parts.mailboxes
    this.#views = parts.views
  }

  /** @param options `scanned`: a camera or picture showed the code, nobody sent it as a text */
  async pair(link: string, options: { scanned: boolean }): Promise<PairView> {
    const { suite, clock } = this.#context
    const invite = refusedInvite(() => parseInvite(link, clock.now()))
    if (toHex(invite.device) === this.#self.deviceKey) throw new MessengerError('bad-input', 'this is your own code', 'let the other person read it')
    const id = inviteId(suite, invite.secret)
    const begun = this.#pairing.get(toHex(id))
    if (begun) return begun.paired
    const paired = this.#pair(invite, id, options.scanned).finally(() => {
      this.#pairing.delete(toHex(id))
      this.#outbox.met(toHex(invite.device))
    })
    this.#pairing.set(toHex(id), { device: toHex(invite.device), paired })
    return paired
  }

  /** Our hello to a device is being answered right now. */
  isMeeting(device: DeviceKey): boolean {
    return [...this.#pairing.values()].some((each) => each.device === device)
  }

  async #pair(invite: Invite, id: Uint8Array, scanned: boolean): Promise<PairView> {
    const earlier = this.#invites.answered(id)
    if (earlier?.step === 'pending') return this.#pairView(invite.device, earlier.code)
    if (earlier) return this.#sayHello(earlier, invite)
    const { reply, away } = await this.#fetch(invite)
    const asked = await this.#prepareHello(invite, scanned, reply, away)
    return away ? this.#leftView(invite.device) : this.#sayHello(asked, invite)
  }

  /** The bundle, from the device itself or, when it is away, from the mailbox of the invite. */
  async #fetch(invite: Invite): Promise<{ reply: Reply; away: boolean }> {
    try {
      return { reply: await this.#request(invite, fetchRequest(this.#context.suite, invite)), away: false }
    } catch (error) {
      const notice = isUnreachable(error) ? await this.#mailboxes().read(invite) : undefined
      if (!notice) throw error
      return { reply: await unreachableInviter(async () => decodeReply(notice)), away: true }
    }
  }

  /** Checks the bundle, makes session and hello, and stores them before anything leaves. */
  async #prepareHello(invite: Invite, scanned: boolean, reply: Reply, away: boolean): Promise<AskedInvite> {
    const { suite, random, clock } = this.#context
    if (reply.type !== 'bundle') throw refusedPairing(reply)
    const bundle = this.#checkedBundle(invite, reply.bundle)
    const account = toHex(bundle.list.list.account)
    if (account === this.#self.accountKey) throw new MessengerError('bad-input', 'this is a code of your own account')
    const device = toHex(invite.device)
    const answerTo = away ? await this.#mailboxes().answerTo(account) : undefined
    const step = newStep()
    this.#meet(step, account, bundle, invite, scanned)

    const handshake = initiate(suite, random, {
      device: this.#self.device,
      deviceList: this.#self.list.bytes,
      bundle,
      secret: invite.secret,
    })
    step.changes.push(this.#devices.startForHello(account, device, handshake))
    const mailboxes = answerTo && { mailboxes: answerTo.announced(step) }
    const hello = encodeContent({ ...this.#acquaintance.introduction('hello'), ...mailboxes, id: random(16), at: clock.now() })
    const { envelope, change } = this.#sessions.hello(device, handshake.message, hello)
    const state = ask(suite, invite, { scanned, commitment: reply.commitment, hello: envelope, transcript: handshake.secret.transcript })
    step.changes.push(change, this.#invites.putAnswered(state))
    // The session of an earlier hello, which nobody answered, is left.
    if (this.#contacts.get(account)?.state === 'asked') this.#outbox.sealAnew(step, device)
    if (away) this.#leave(step, state, invite, account)
    await commit(this.#context, step)
    return state
  }

  /** The contact as it stands once we have read their code. */
  #meet(step: Step, account: AccountKey, bundle: VerifiedBundle, invite: Invite, scanned: boolean): void {
    const { suite, clock } = this.#context
    const device = toHex(invite.device)
    const seen = authenticates(invite, scanned)
    const known = this.#contacts.get(account)
    if (known?.state === 'blocked') throw new MessengerError('not-accepted', `${known.name} is blocked`, `dure unblock ${known.name}`)
    if (known) {
      this.#devices.listPresented(step, account, bundle.list)
      step.changes.push(this.#contacts.withAddresses(account, device, invite.addresses))
      const both = this.#invites.allOurs().some((ours) => meets(suite, invite, scanned, ours))
      // Answering their code is our yes to the request they made with ours.
      if (known.state === 'asking') this.#acquaintance.yes(step, account, { verified: both, scanned: seen })
      else if (known.state === 'accepted') this.#acquaintance.update(step, account, { scanned: known.scanned || seen, verified: known.verified || (both && seen) })
      else if (known.state === 'refused') this.#acquaintance.update(step, account, { state: 'asked', scanned: seen })
      else if (seen) this.#acquaintance.update(step, account, { scanned: true })
      return
    }
    if (this.#contacts.claimsOthers(bundle.list)) {
      throw new MessengerError('conflict', 'this code names a device of another contact as its own', 'do not trust who gave it to you; ask your friend for a code face to face')
    }
    const entry = bundle.list.list.devices.find((each) => toHex(each.signing) === device)
    step.changes.push(
      this.#contacts.put({
        account,
        state: 'asked',
        profileName: entry?.name ?? '',
        name: this.#contacts.freeName(entry?.name ?? ''),
        picture: undefined,
        deviceList: bundle.list.bytes,
        addresses: { [device]: invite.addresses },
        verified: false,
        scanned: seen,
        timer: 0,
        addedAt: clock.now(),
      }),
    )
  }

  /** The hello waits in the outbox, and the outbox leaves it in the mailbox of the invite; the same bytes however often. */
  #leave(step: Step, asked: AskedInvite, invite: Invite, account: AccountKey): void {
    const device = toHex(invite.device)
    const content = encodeContent({ ...this.#acquaintance.introduction('hello'), id: asked.id, at: this.#context.clock.now() })
    const envelope = leftRequest(asked, this.#self.deviceId)
    this.#outbox.queueSealed(step, { id: toHex(asked.id), device, contact: account, content, envelope })
    this.#mailboxes().follow(step, invite)
  }

  /** Our hello lies in a mailbox until their device fetches it. */
  #leftView(device: Uint8Array): PairView {
    const { code: _, ...view } = this.#pairView(device, '')
    return { ...view, code: undefined, ...(view.state === 'asked' && { left: true as const }) }
  }

  /** The inviter's device has answered what we left for it. */
  async answered(device: DeviceKey, bytes: Uint8Array): Promise<void> {
    const contact = this.#contacts.ownerOf(device)
    if (!contact) return
    // Of two invites of one device the answer to one says nothing to the other; with none left it was heard before.
    for (const asked of this.#invites.asked(device)) {
      const step = this.#answer(contact, asked, bytes)
      if (!step) continue
      await commit(this.#context, step)
      return this.#tell(contact.account)
    }
  }

  #answer(contact: ContactRow, asked: AskedInvite, bytes: Uint8Array): Step | undefined {
    try {
      const reply = decodeReply(bytes)
      return reply.type === 'pending' ? this.#hear(contact, asked, reply).step : undefined
    } catch (error) {
      this.#context.log.info('an answer to a hello was refused', { error: error instanceof Error ? error.name : 'unknown' })
      return undefined
    }
  }

  #tell(account: AccountKey): void {
    const row = this.#contacts.get(account)
    if (row) this.#context.events.emit({ type: 'contact', contact: this.#views.contact(row) })
  }

  #hear(contact: ContactRow, asked: AskedInvite, reply: Extract<Reply, { type: 'pending' }>): { step: Step; pending: PendingInvite } {
    const device = toHex(asked.device)
    const opened = this.#sessions.open(device, reply.envelope)
    const content = decodeContent(opened.content)
    const pending = hearAnswer(this.#context.suite, asked, reply)
    const step = newStep()
    step.changes.push(this.#sessions.put(device, opened.record), this.#invites.putAnswered(pending))
    this.#outbox.settled(step, device, toHex(asked.id))
    this.#outbox.sealAnew(step, device)
    if (content.kind === 'pairing') this.#acquaintance.said(step, contact, device, content)
    return { step, pending }
  }

  /** The same bytes until there is an answer; the answer opens in the session the hello started. */
  async #sayHello(asked: AskedInvite, invite: Invite): Promise<PairView> {
    const device = toHex(invite.device)
    const contact = this.#contacts.ownerOf(device)
    let reply: Reply
    try {
      reply = await this.#request(invite, helloRequest(asked))
    } catch (error) {
      if (!invite.mailbox || !contact || !isUnreachable(error)) throw error
      const step = newStep()
      this.#leave(step, asked, invite, contact.account)
      await commit(this.#context, step)
      return this.#leftView(invite.device)
    }
    if (!contact) throw new MessengerError('invite-invalid', 'the inviter has another device now', 'ask for a new code')
    if (reply.type !== 'pending') {
      const step = newStep()
      step.changes.push({ remove: 'invite', id: toHex(asked.id) })
      this.#outbox.settled(step, device, toHex(asked.id))
      if (contact.state === 'asked') {
        this.#acquaintance.update(step, contact.account, { state: 'refused' })
        // Nobody but us knows the session, and what waits in it is for nobody.
        this.#outbox.discard(step, contact.account)
        step.changes.push(...this.#sessions.drop(device))
      }
      await commit(this.#context, step)
      throw refusedPairing(reply)
    }
    const { step, pending } = refusedAnswer(() => this.#hear(contact, asked, reply))
    await commit(this.#context, step)
    this.#tell(contact.account)
    return this.#pairView(invite.device, pending.code)
  }

  async #request(invite: Invite, request: Uint8Array): Promise<Reply> {
    return unreachableInviter(async () => decodeReply(await this.#context.courier.pairing(toHex(invite.device), invite.addresses, request)))
  }

  #checkedBundle(invite: Invite, bytes: Uint8Array): VerifiedBundle {
    const { suite, clock } = this.#context
    return refusedInvite(() => {
      const bundle = verifyBundle(suite, bytes, clock.now())
      checkBundle(suite, invite, { hash: bundle.hash, device: bundle.bundle.device })
      return bundle
    })
  }

  #pairView(device: Uint8Array, code: string): PairView {
    const contact = this.#contacts.ownerOf(toHex(device))
    if (!contact) throw new MessengerError('not-found', 'this contact is gone', 'ask for a new code')
    const accepted = contact.state === 'accepted'
    return {
      name: contact.name,
      account: contact.account,
      code: accepted ? undefined : code,
      state: accepted ? 'accepted' : 'asked',
      verified: contact.verified,
      ...likenessOf(contact, this.#contacts.all()),
    }
  }
}
