/**
 * Becoming contacts: from a code on one screen to two people who both said yes. `protocols/pairing` judges the bytes, this
 * carries them, keeps the outcome and asks the person. An inviter says yes after comparing the short code, unless both had
 * read each other's code or are contacts already.
 */
import { type Content, decodeContent, encodeContent } from '../../protocols/content/index.ts'
import {
  decodePrekeySecrets,
  initiate,
  type Responded,
  respond,
  type VerifiedBundle,
  verifyBundle,
} from '../../protocols/handshake/index.ts'
import {
  ask,
  type AskedInvite,
  authenticates,
  bundleReply,
  checkBundle,
  decodeReply,
  decodeRequest,
  encodeReply,
  fetchRequest,
  hearAnswer,
  helloRequest,
  type Invite,
  inviteId,
  judgeFetch,
  judgeHello,
  meets,
  type OpenInvite,
  parseInvite,
  type Refusal,
  type Reply,
  useInvite,
} from '../../protocols/pairing/index.ts'
import { fromHex, toHex } from '../../protocols/suite/index.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import { type Devices, newRequestId } from './devices.ts'
import { MessengerError } from './errors.ts'
import type { Invites } from './invites.ts'
import type { Notices } from './notices.ts'
import type { Outbox } from './outbox.ts'
import type { Outgoing, Saying } from './outgoing.ts'
import type { AccountKey, ContactRow, DeviceKey, RequestRow } from './ports.ts'
import type { Views } from './present.ts'
import { refusedInvite, refusedPairing, unreachableInviter } from './refusals.ts'
import type { Self } from './self.ts'
import type { Sessions } from './sessions.ts'
import type { ContactView, PairView } from './views.ts'

type PairingContent = Extract<Content, { kind: 'pairing' }>

export class Pairing {
  readonly #context: Context
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #sessions: Sessions
  readonly #devices: Devices
  readonly #outbox: Outbox
  readonly #outgoing: Outgoing
  readonly #notices: Notices
  readonly #invites: Invites
  readonly #views: Views

  constructor(
    context: Context,
    parts: {
      self: Self
      contacts: Contacts
      sessions: Sessions
      devices: Devices
      outbox: Outbox
      outgoing: Outgoing
      notices: Notices
      invites: Invites
      views: Views
    },
  ) {
    this.#context = context
    this.#self = parts.self
    this.#contacts = parts.contacts
    this.#sessions = parts.sessions
    this.#devices = parts.devices
    this.#outbox = parts.outbox
    this.#outgoing = parts.outgoing
    this.#notices = parts.notices
    this.#invites = parts.invites
    this.#views = parts.views
  }

  // -------------------------------------------------------------- the side that reads a code

  /** @param options `scanned`: a camera or picture showed the code, nobody sent it as a text */
  async pair(link: string, options: { scanned: boolean }): Promise<PairView> {
    const { suite, clock } = this.#context
    const invite = refusedInvite(() => parseInvite(link, clock.now()))
    if (toHex(invite.device) === this.#self.deviceKey) throw new MessengerError('bad-input', 'this is your own code', 'let the other person read it')
    const earlier = this.#invites.answered(inviteId(suite, invite.secret))
    if (earlier?.step === 'pending') return this.#pairView(invite.device, earlier.code)
    return this.#sayHello(earlier ?? (await this.#prepareHello(invite, options.scanned)), invite)
  }

  /** Fetches and checks the bundle, makes session and hello, and stores them before anything leaves. */
  async #prepareHello(invite: Invite, scanned: boolean): Promise<AskedInvite> {
    const { suite, random, clock } = this.#context
    const reply = await this.#request(invite, fetchRequest(suite, invite))
    if (reply.type !== 'bundle') throw refusedPairing(reply)
    const bundle = this.#checkedBundle(invite, reply.bundle)
    const account = toHex(bundle.list.list.account)
    if (account === this.#self.accountKey) throw new MessengerError('bad-input', 'this is a code of your own account')
    const device = toHex(invite.device)
    const step = newStep()
    this.#meet(step, account, bundle, invite, scanned)

    const handshake = initiate(suite, random, {
      device: this.#self.device,
      deviceList: this.#self.list.bytes,
      bundle,
      secret: invite.secret,
    })
    step.changes.push(this.#devices.startSession(account, device, handshake))
    const hello = encodeContent({ ...this.#introduction('hello'), id: random(16), at: clock.now() })
    const { envelope, change } = this.#sessions.seal(device, hello)
    const state = ask(suite, invite, { scanned, commitment: reply.commitment, hello: envelope, transcript: handshake.secret.transcript })
    step.changes.push(change, this.#invites.putAnswered(state))
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
      if (known.state === 'asking') this.#accepted(step, account, { verified: both, scanned: seen })
      else if (known.state === 'accepted') this.#update(step, account, { scanned: known.scanned || seen, verified: known.verified || (both && seen) })
      else if (known.state === 'refused') this.#update(step, account, { state: 'asked', scanned: seen })
      else if (seen) this.#update(step, account, { scanned: true })
      return
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

  /** The same bytes until there is an answer; the answer opens in the session the hello started. */
  async #sayHello(asked: AskedInvite, invite: Invite): Promise<PairView> {
    const { suite } = this.#context
    const reply = await this.#request(invite, helloRequest(asked))
    const device = toHex(invite.device)
    const contact = this.#contacts.ownerOf(device)
    if (!contact) throw new MessengerError('invite-invalid', 'the inviter has another device now', 'ask for a new code')
    if (reply.type !== 'pending') {
      const step = newStep()
      step.changes.push({ remove: 'invite', id: toHex(asked.id) })
      if (contact.state === 'asked') this.#update(step, contact.account, { state: 'refused' })
      await commit(this.#context, step)
      throw refusedPairing(reply)
    }
    const opened = this.#sessions.open(device, reply.envelope)
    const content = decodeContent(opened.content)
    const pending = hearAnswer(suite, asked, reply)
    const step = newStep()
    step.changes.push(this.#sessions.put(device, opened.record), this.#invites.putAnswered(pending))
    if (content.kind === 'pairing') this.said(step, contact, device, content)
    await commit(this.#context, step)
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
    }
  }

  // -------------------------------------------------------------- the side that showed a code

  /** One request of `/dure/pairing/1`. Rejects where a stranger is to learn nothing. */
  async asked(from: DeviceKey, bytes: Uint8Array): Promise<Uint8Array> {
    const { suite, clock } = this.#context
    const request = decodeRequest(bytes)
    const device = fromHex(from)
    switch (request.type) {
      case 'fetchContactBundle': {
        const bundle = await this.#devices.bundleFor(from, request.deviceList)
        return encodeReply(bundle ? { type: 'contactBundle', bundle } : { type: 'refused', code: 'refused' })
      }
      case 'fetchBundle': {
        const state = this.#invites.ours(request.inviteId)
        const judged = judgeFetch(suite, state, { from: device, now: clock.now() })
        if (judged === 'serve' && state?.step === 'open') return bundleReply(suite, state)
        return this.#refusal(judged === 'serve' ? 'unknown' : judged)
      }
      case 'hello': {
        const state = this.#invites.ours(request.inviteId)
        const judged = judgeHello(suite, state, { from: device, envelope: request.envelope, now: clock.now() })
        if (judged === 'again' && state?.step === 'used') return state.reply
        if (judged === 'first' && state?.step === 'open') return this.#hear(from, state, request.envelope)
        return this.#refusal(judged === 'again' || judged === 'first' ? 'unknown' : judged)
      }
    }
  }

  #refusal(judged: 'late' | Refusal): Uint8Array {
    if (judged === 'used') {
      this.#context.events.emit({
        type: 'warning',
        code: 'invite-reused',
        text: 'somebody else answered an invite that was used already: its code may have been photographed. Compare the short code before you accept anybody.',
      })
    }
    return encodeReply({ type: 'refused', code: judged === 'late' ? 'used' : judged })
  }

  /** The first hello to an open invite: open it, keep who it is, use up the invite, all in one commit. */
  async #hear(from: DeviceKey, invite: OpenInvite, envelope: Uint8Array): Promise<Uint8Array> {
    const { suite, random, clock } = this.#context
    let answered: Responded | undefined
    const opened = this.#sessions.open(from, envelope, (message) => {
      answered = respond(suite, {
        device: this.#self.device,
        prekeys: decodePrekeySecrets(suite, invite.prekeys),
        secret: invite.invite.secret,
        message,
        now: clock.now(),
      })
      return answered
    })
    const content = decodeContent(opened.content)
    if (!answered || content.kind !== 'pairing' || content.step !== 'hello') throw new Error('not a hello')
    const account = toHex(answered.peer.list.list.account)
    const known = this.#contacts.get(account)
    if (known?.state === 'blocked' || account === this.#self.accountKey) return this.#refusal('refused')

    const step = newStep()
    step.changes.push(this.#sessions.put(from, opened.record))
    const accepted = this.#welcome(step, from, answered, content, invite)
    const answer = encodeContent({ ...this.#introduction(accepted ? 'accepted' : 'pending'), id: random(16), at: clock.now() })
    const sealed = this.#sessions.seal(from, answer)
    const used = useInvite(suite, invite, {
      from: fromHex(from),
      device: answered.peer.device,
      envelope,
      answer: sealed.envelope,
      transcript: answered.secret.transcript,
    })
    step.changes.push(sealed.change, this.#invites.putOurs(used.state))
    if (!accepted) this.#ask(step, account, from, used.code)
    await commit(this.#context, step)
    return used.reply
  }

  /** Keeps who answered. True when nothing is left to ask: we are contacts already, or had asked them ourselves. */
  #welcome(step: Step, device: DeviceKey, answered: Responded, content: PairingContent, invite: OpenInvite): boolean {
    const { list } = answered.peer
    const account = toHex(list.list.account)
    const known = this.#contacts.get(account)
    if (!known) {
      step.changes.push(
        this.#contacts.put({
          account,
          state: 'asking',
          profileName: content.name ?? '',
          name: this.#contacts.freeName(content.name ?? ''),
          picture: undefined,
          deviceList: list.bytes,
          addresses: { [device]: content.addresses },
          verified: false,
          scanned: false,
          timer: 0,
          addedAt: this.#context.clock.now(),
        }),
      )
      return false
    }
    this.#devices.listPresented(step, account, list)
    step.changes.push(this.#contacts.withAddresses(account, device, content.addresses))
    const both = known.scanned && invite.invite.inPerson
    if (known.state === 'accepted') {
      if (both && !known.verified) this.#update(step, account, { verified: true })
      return true
    }
    if (known.state === 'asked') {
      this.#accepted(step, account, { verified: both })
      return true
    }
    this.#update(step, account, { state: 'asking' })
    return false
  }

  #ask(step: Step, account: AccountKey, device: DeviceKey, code: string): void {
    for (const request of this.#context.store.requests()) {
      if (request.account === account && request.kind === 'pairing') step.changes.push({ remove: 'request', id: request.id })
    }
    const row: RequestRow = { id: newRequestId(this.#context), kind: 'pairing', account, device, code, at: this.#context.clock.now() }
    step.changes.push({ put: 'request', row })
    step.afterwards.push(() => this.#context.events.emit({ type: 'request', request: this.#views.request(row) }))
  }

  // -------------------------------------------------------------- yes and no

  async accept(id: string): Promise<ContactView> {
    const request = this.#openRequest(id)
    const step = newStep()
    step.changes.push({ remove: 'request', id: request.id })
    if (request.kind === 'new-device') this.#outbox.release(step, request.account)
    else {
      this.#accepted(step, request.account, {})
      this.#outgoing.say(step, request.account, this.#introduction('accepted'))
    }
    await commit(this.#context, step)
    return this.#views.contact(this.#contact(request.account))
  }

  async refuse(id: string): Promise<void> {
    const request = this.#openRequest(id)
    const step = newStep()
    step.changes.push({ remove: 'request', id: request.id })
    if (request.kind === 'new-device') this.#outbox.discard(step, request.account, 'held')
    else {
      this.#outgoing.say(step, request.account, { kind: 'pairing', step: 'refused', addresses: [] })
      this.#update(step, request.account, { state: 'refused' })
    }
    await commit(this.#context, step)
  }

  /** What the other side said about the pairing, inside the encryption. */
  said(step: Step, contact: ContactRow, device: DeviceKey, content: PairingContent): void {
    if (content.addresses.length > 0) step.changes.push(this.#contacts.withAddresses(contact.account, device, content.addresses))
    if (contact.state !== 'asked') return
    if (content.step === 'refused') return this.#update(step, contact.account, { state: 'refused' })
    const named = content.name !== undefined && contact.profileName !== content.name
    if (named) this.#update(step, contact.account, { profileName: content.name, name: this.#contacts.freeName(content.name, contact.account) })
    if (content.step !== 'accepted') return
    this.#accepted(step, contact.account, content.picture ? { picture: content.picture } : {})
    if (this.#self.picture) this.#outgoing.say(step, contact.account, { kind: 'profile', name: this.#self.name, picture: this.#self.picture })
  }

  #accepted(step: Step, account: AccountKey, changed: Partial<ContactRow>): void {
    for (const request of this.#context.store.requests()) {
      if (request.account === account && request.kind === 'pairing') step.changes.push({ remove: 'request', id: request.id })
    }
    this.#update(step, account, { ...changed, state: 'accepted' })
    this.#notices.add(step, account, changed.verified ? 'verified' : 'paired')
  }

  #update(step: Step, account: AccountKey, changed: Partial<ContactRow>): void {
    step.changes.push(this.#contacts.update(account, changed))
    step.afterwards.push(() => {
      const row = this.#contacts.get(account)
      if (row) this.#context.events.emit({ type: 'contact', contact: this.#views.contact(row) })
    })
  }

  #introduction(step: 'hello' | 'pending' | 'accepted'): Extract<Saying, { kind: 'pairing' }> {
    const picture = step === 'accepted' ? this.#self.picture : undefined
    const addresses = [...this.#context.courier.addresses()]
    return { kind: 'pairing', step, name: this.#self.name, addresses, ...(picture && { picture }) }
  }

  #openRequest(id: string): RequestRow {
    const row = this.#context.store.requests().find((request) => request.id === id.trim().toLowerCase())
    if (!row) throw new MessengerError('not-found', `there is no request "${id}"`, 'dure requests lists them')
    return row
  }

  #contact(account: AccountKey): ContactRow {
    const row = this.#contacts.get(account)
    if (!row) throw new MessengerError('not-found', 'this contact is gone')
    return row
  }
}
