/** The side that showed a code: hands out the bundle, opens the first hello, asks the person. `protocols/pairing` judges the bytes. */
import { decodeContent, encodeContent } from '../../protocols/content/index.ts'
import { decodePrekeySecrets, type Responded, respond } from '../../protocols/handshake/index.ts'
import {
  bundleReply,
  decodeRequest,
  encodeReply,
  judgeFetch,
  judgeHello,
  type OpenInvite,
  PairingError,
  type Refusal,
  useInvite,
} from '../../protocols/pairing/index.ts'
import { fromHex, toHex } from '../../protocols/suite/index.ts'
import type { Acquaintance, PairingContent } from './acquaintance.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import type { Contacts } from './contacts.ts'
import { type Devices, newRequestId } from './devices.ts'
import type { Invites } from './invites.ts'
import type { RunningMailboxes } from './mailboxes/mailboxes.ts'
import type { Outbox } from './outbox.ts'
import type { AccountKey, DeviceKey, RequestRow } from './ports.ts'
import type { Views } from './present.ts'
import type { Self } from './self.ts'
import type { Sessions } from './sessions.ts'

export class Inviting {
  readonly #context: Context
  readonly #self: Self
  readonly #contacts: Contacts
  readonly #sessions: Sessions
  readonly #devices: Devices
  readonly #invites: Invites
  readonly #acquaintance: Acquaintance
  readonly #outbox: Outbox
  readonly #mailboxes: () => Pick<RunningMailboxes, 'said'>
  readonly #views: Views

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
      mailboxes: () => Pick<RunningMailboxes, 'said'>
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
        if (judged === 'again' && state?.step === 'used') {
          await this.#context.store.settled() // the first may still be on its way to the disk
          return state.reply
        }
        if (judged === 'first' && state?.step === 'open') return this.#answer(from, state, request.envelope)
        return this.#refusal(judged === 'again' || judged === 'first' ? 'unknown' : judged)
      }
      case 'left':
        throw new PairingError('malformed') // only ever in a mailbox
    }
  }

  /**
   * A hello that was left in the mailbox of an invite; resolves when what came of it is stored. Who holds the invite can leave anything there, so what
   * is not a good hello is passed over.
   */
  async left(bytes: Uint8Array): Promise<void> {
    const heard = this.#leftHello(bytes)
    if (heard) await commit(this.#context, heard)
  }

  #leftHello(bytes: Uint8Array): Step | undefined {
    const { suite, clock } = this.#context
    try {
      const request = decodeRequest(bytes)
      if (request.type !== 'left') return undefined
      const { device, envelope } = request
      const state = this.#invites.ours(request.inviteId)
      const judged = judgeHello(suite, state, { from: device, envelope, now: clock.now() })
      const from = toHex(device)
      if (judged === 'again' && state?.step === 'used') {
        const step = newStep()
        this.#leave(step, from, request.inviteId, state.reply)
        return step
      }
      if (judged === 'first' && state?.step === 'open') {
        const heard = this.#hear(from, state, envelope)
        if (heard) this.#leave(heard.step, from, request.inviteId, heard.reply)
        return heard?.step
      }
      if (judged !== 'again' && judged !== 'first') this.#refusal(judged)
    } catch (error) {
      // Not judged at all: it must come again, or a good hello is acknowledged and lost.
      if (error instanceof Error && error.name === 'StoreError') throw error
      this.#context.log.info('what was left for an invite is no hello', { error: error instanceof Error ? error.name : 'unknown' })
    }
    return undefined
  }

  /** The reply travels as an envelope does: into the mailbox that the hello named, or directly. */
  #leave(step: Step, device: DeviceKey, id: Uint8Array, reply: Uint8Array): void {
    const contact = this.#contacts.ownerOf(device)
    if (!contact) return
    const content = encodeContent({ ...this.#acquaintance.introduction('pending'), id, at: this.#context.clock.now() })
    this.#outbox.queueSealed(step, { id: toHex(id), device, contact: contact.account, content, envelope: reply })
  }

  async #answer(from: DeviceKey, invite: OpenInvite, envelope: Uint8Array): Promise<Uint8Array> {
    const heard = this.#hear(from, invite, envelope)
    if (!heard) return this.#refusal('refused')
    await commit(this.#context, heard.step)
    return heard.reply
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
  #hear(from: DeviceKey, invite: OpenInvite, envelope: Uint8Array): { step: Step; reply: Uint8Array } | undefined {
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
    if (known?.state === 'blocked' || account === this.#self.accountKey || this.#contacts.claimsOthers(answered.peer.list)) return undefined

    const step = newStep()
    step.changes.push(this.#sessions.put(from, opened.record))
    const accepted = this.#welcome(step, from, answered, content, invite)
    const answer = encodeContent({ ...this.#acquaintance.introduction(accepted ? 'accepted' : 'pending'), id: random(16), at: clock.now() })
    const sealed = this.#sessions.answer(from, envelope, answer)
    const used = useInvite(suite, invite, {
      from: fromHex(from),
      device: answered.peer.device,
      envelope,
      answer: sealed.envelope,
      transcript: answered.secret.transcript,
    })
    step.changes.push(sealed.change, this.#invites.putOurs(used.state))
    // What waits may be sealed for a hello of ours that was never answered.
    this.#outbox.sealAnew(step, from)
    if (!accepted) this.#ask(step, account, from, used.code)
    if (content.mailboxes) this.#mailboxes().said(step, from, { ...content, kind: 'mailboxes', bytes: content.mailboxes })
    return { step, reply: used.reply }
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
      if (both && !known.verified) this.#acquaintance.update(step, account, { verified: true })
      return true
    }
    if (known.state === 'asked') {
      this.#acquaintance.accepted(step, account, { verified: both })
      return true
    }
    this.#acquaintance.update(step, account, { state: 'asking' })
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
}
