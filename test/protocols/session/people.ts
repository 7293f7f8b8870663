import { initiate, makeBundle, type PrekeySecrets, respond, verifyBundle } from '../../../protocols/handshake/index.ts'
import { type DeviceSecrets, firstDeviceList, generateDevice, publicDevice, rootKey } from '../../../protocols/identity/index.ts'
import { answer, hello, open, type OpenResult, type Party, seal, type SessionRecord, startBeside, startSession } from '../../../protocols/session/index.ts'
import { type Random, type Suite, utf8 } from '../../../protocols/suite/index.ts'

export const NOW = Date.UTC(2026, 10, 21)

/** One device of one account with a bundle out, and what it remembers of one peer. */
export class Person {
  readonly suite: Suite
  readonly party: Party
  readonly device: DeviceSecrets
  readonly deviceList: Uint8Array
  readonly bundle: Uint8Array
  readonly prekeys: PrekeySecrets
  readonly #random: Random
  record: SessionRecord | undefined
  now = NOW
  responses = 0

  constructor(suite: Suite, random: Random) {
    this.suite = suite
    this.#random = random
    const root = rootKey(suite, random(32))
    this.device = generateDevice(suite, random)
    this.deviceList = firstDeviceList(suite, root, publicDevice(this.device, 'desk', NOW / 1000), NOW)
    this.party = { account: root.publicKey, device: this.device.signing.publicKey }
    const ids = { signedPrekey: 1, pqPrekey: 2, ratchet: 3, oneTimePrekey: 4 }
    const { bundle, secrets } = makeBundle(suite, random, { device: this.device, deviceList: this.deviceList, notAfter: NOW + 1e10, ids })
    this.bundle = bundle
    this.prekeys = secrets
  }

  start(peer: Person): void {
    const { suite, device, deviceList, now } = this
    const handshake = initiate(suite, this.#random, { device, deviceList, bundle: verifyBundle(suite, peer.bundle, now) })
    this.record = startSession(suite, this.record, { handshake, self: this.party, peer: peer.party, now })
  }

  /** Says hello in a session beside the one in use. */
  hello(peer: Person, text: string): Uint8Array {
    const { suite, device, deviceList, now } = this
    const handshake = initiate(suite, this.#random, { device, deviceList, bundle: verifyBundle(suite, peer.bundle, now) })
    const begun = startBeside(suite, this.record as SessionRecord, { handshake, self: this.party, peer: peer.party, now })
    const { record, envelope } = hello(suite, this.#random, begun, handshake.message, utf8(text), now)
    this.record = record
    return envelope
  }

  send(text: string): Uint8Array {
    const { record, envelope } = seal(this.suite, this.#random, this.record as SessionRecord, utf8(text), this.now)
    this.record = record
    return envelope
  }

  /** In the session that the envelope began. */
  answer(first: Uint8Array, text: string): Uint8Array {
    const { record, envelope } = answer(this.suite, this.#random, this.record as SessionRecord, first, utf8(text), this.now)
    this.record = record
    return envelope
  }

  /** Without keeping the result. */
  look(envelope: Uint8Array, from: Person): OpenResult {
    const { suite, device, prekeys, now } = this
    return open(suite, this.record, envelope, {
      self: this.party,
      peer: from.party.device,
      now,
      respond: (message) => {
        this.responses++
        return respond(suite, { device, prekeys, message, now })
      },
    })
  }

  receive(envelope: Uint8Array, from: Person): OpenResult & { text: string } {
    const result = this.look(envelope, from)
    this.record = result.record
    return { ...result, text: Buffer.from(result.content).toString() }
  }
}
