/** One device of one account of ours, asked through the door: everything it keeps between two requests is bytes. */
import { sha512 } from '../reference/suite.ts'
import type { InteropDoor } from '../support/interop-door.ts'

export const NOW = Date.UTC(2026, 10, 21)
/** What an invite's bundle lives for here: any time after NOW. */
const NOT_AFTER = NOW + 86_400_000

export interface Opened extends Record<string, unknown> {
  readonly content: string
  readonly isNewSession: boolean
  readonly historyBroken: boolean
  readonly late: boolean
  readonly transcript: string
  readonly peer: { readonly account: string; readonly device: string }
}

export class OurPerson {
  readonly name: string
  readonly door: InteropDoor
  device = ''
  signing = ''
  account = ''
  list = ''
  /** of the session with the one peer this person has */
  record: string | undefined
  now = NOW
  #seeds = 0

  private constructor(door: InteropDoor, name: string) {
    this.door = door
    this.name = name
  }

  static async make(door: InteropDoor, name: string): Promise<OurPerson> {
    const person = new OurPerson(door, name)
    const entropy = sha512(person.seed()).slice(0, 64)
    const made = await door.ask('identity.device', { seed: person.seed() })
    const { account } = await door.ask('identity.account', { entropy })
    const device = { signing: made.signing, agreement: made.agreement, name, addedAt: NOW / 1000 }
    const { list } = await door.ask('identity.firstList', { entropy, device, now: NOW })
    Object.assign(person, { device: made.device, signing: made.signing, account, list })
    return person
  }

  /** Never the same twice for one name. */
  seed(): string {
    return Buffer.from(`${this.name} ${this.#seeds++}`).toString('hex')
  }

  async bundle(): Promise<{ bundle: string; prekeys: string }> {
    const ids = { signedPrekey: 1, pqPrekey: 2, ratchet: 3, oneTimePrekey: 4 }
    return this.door.ask<{ bundle: string; prekeys: string }>('handshake.bundle', { seed: this.seed(), device: this.device, list: this.list, notAfter: NOT_AFTER, ids })
  }

  async start(bundle: string, secret?: string): Promise<{ transcript: string; message: string }> {
    const started = await this.door.ask<{ record: string; transcript: string; message: string }>('session.start', {
      seed: this.seed(), record: this.record, device: this.device, list: this.list, bundle, secret, now: this.now,
    })
    this.record = started.record
    return started
  }

  /** Says hello in a session beside the one in use. */
  async hello(bundle: string, content: string): Promise<string> {
    const asked = { seed: this.seed(), record: this.record, device: this.device, list: this.list, bundle, now: this.now }
    const { record, message } = await this.door.ask<{ record: string; message: string }>('session.startBeside', asked)
    const sealed = await this.door.ask<{ record: string; envelope: string }>('session.hello', { seed: this.seed(), record, message, content, now: this.now })
    this.record = sealed.record
    return sealed.envelope
  }

  async seal(content: string): Promise<string> {
    const sealed = await this.door.ask<{ record: string; envelope: string }>('session.seal', { seed: this.seed(), record: this.record, content, now: this.now })
    this.record = sealed.record
    return sealed.envelope
  }

  /** In the session that the envelope began. */
  async answer(first: string, content: string): Promise<string> {
    const sealed = await this.door.ask<{ record: string; envelope: string }>('session.answer', { seed: this.seed(), record: this.record, first, content, now: this.now })
    this.record = sealed.record
    return sealed.envelope
  }

  async open(envelope: string, from: string, answering?: { device: string; prekeys: string; secret?: string | undefined }): Promise<Opened> {
    const { record, ...opened } = await this.door.ask<Opened & { record: string }>('session.open', this.#opening(envelope, from, answering))
    this.record = record
    return opened as Opened
  }

  async refuses(envelope: string, from: string): Promise<string> {
    return this.door.refusal('session.open', this.#opening(envelope, from))
  }

  #opening(envelope: string, from: string, answering?: object): Record<string, unknown> {
    return { record: this.record, self: { account: this.account, device: this.signing }, from, envelope, answering, now: this.now }
  }
}
