/**
 * The two sides of a pairing once more, from the READMEs of identity, handshake, pairing and session: each a person with keys of its own who knows
 * the other only by the bytes that came. Hex strings, one session, no store.
 */
import { noble } from '../../protocols/suite/index.ts'
import { type Agreed, initiate, publish, readBundle, readMessage, respond } from './handshake.ts'
import { publicOf, readList, rootSeed, signed } from './identity.ts'
import { code, commitment, frame, helloHash, inviteId, inviteText, readInvite } from './pairing.ts'
import { type Drawn, TwinRatchet } from './ratchet.ts'
import { type TwinParty, TwinSession } from './session.ts'
import { sha512 } from './suite.ts'

type Bytes = Uint8Array

export const hexOf = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')
export const bytesOf = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, 'hex'))

const ENVELOPE_FIRST = '0101'
const partyOf = (account: string, device: string): TwinParty => ({ account: bytesOf(account), device: bytesOf(device) })

/** Keys of one device of one account. Everything it draws follows from its name. */
export class TwinPerson {
  readonly name: string
  readonly signing: string
  readonly agreement: string
  readonly account: string
  readonly device: string
  readonly deviceList: string
  #drawn = 0

  constructor(name: string, now: number) {
    this.name = name
    const root = rootSeed(this.draw(32))
    this.signing = this.draw(32)
    this.agreement = this.draw(32)
    this.account = publicOf(root)
    this.device = publicOf(this.signing)
    const agreement = hexOf(noble.importSecret('x25519', bytesOf(this.agreement)).publicKey)
    const seconds = Math.floor(now / 1000)
    const devices = [{ signing: this.device, agreement, addedAt: seconds, name }]
    this.deviceList = signed(root, { account: this.account, version: 1, prev: '', issuedAt: seconds, notAfter: seconds + 63_072_000, devices })
  }

  get party(): TwinParty {
    return partyOf(this.account, this.device)
  }

  draw(length: number): string {
    return sha512(hexOf(Buffer.from(`${this.name}/${this.#drawn++}`))).slice(0, 2 * length)
  }

  /** What one more message of a session draws; more than it needs when it begins no chain. */
  drawn(): Drawn {
    return { salt: bytesOf(this.draw(16)), step: { dh: bytesOf(this.draw(32)), kem: bytesOf(this.draw(64)), coins: bytesOf(this.draw(32)) } }
  }

  /** A session that somebody's first message began. */
  answered(prekeys: Prekeys, message: string, pairing: string | undefined, now: number): { session: TwinSession; peer: TwinParty; agreed: Agreed } {
    const { device, deviceList, bundleHash } = readMessage(message)
    if (bundleHash !== prekeys.hash) throw new Error('wrong-prekeys')
    const { account, agreement } = deviceIn(deviceList, device, now)
    const agreed = respond(prekeys.seeds, true, message, agreement, pairing)
    const ratchet = new TwinRatchet(bytesOf(agreed.root), bytesOf(agreed.headerResponder), bytesOf(agreed.headerInitiator))
    ratchet.own = { dh: bytesOf(prekeys.seeds.ratchetDh), kem: bytesOf(prekeys.seeds.ratchetKem) }
    const peer = partyOf(account, device)
    return { session: new TwinSession({ ratchet, transcript: bytesOf(agreed.transcript), self: this.party, peer }), peer, agreed }
  }

  /** A session of our own with the device of a bundle. */
  begun(bundle: string, pairing: string | undefined, now: number): { session: TwinSession; peer: TwinParty; agreed: Agreed & { message: string }; hash: string } {
    const read = readBundle(bundle, now)
    if (typeof read === 'string') throw new Error(read)
    const { account, agreement } = deviceIn(read.deviceList, read.device, now)
    const own = { signing: this.signing, agreement: this.agreement, ephemeral: this.draw(32), coins: this.draw(32), deviceList: this.deviceList }
    const agreed = initiate(own, read, agreement, pairing)
    const ratchet = new TwinRatchet(bytesOf(agreed.root), bytesOf(agreed.headerInitiator), bytesOf(agreed.headerResponder))
    ratchet.peer = { dh: read.keys.ratchetDh, ek: read.keys.ratchetKem }
    const peer = partyOf(account, read.device)
    const session = new TwinSession({ ratchet, transcript: bytesOf(agreed.transcript), self: this.party, peer, first: bytesOf(agreed.message) })
    return { session, peer, agreed, hash: read.hash }
  }

  /** Fresh keys for one bundle, one-time. */
  prekeys(notAfter: number): Prekeys {
    const seeds = {
      signing: this.signing,
      agreement: this.agreement,
      signedPrekey: this.draw(32),
      pqPrekey: this.draw(64),
      ratchetDh: this.draw(32),
      ratchetKem: this.draw(64),
      oneTimePrekey: this.draw(32),
      deviceList: this.deviceList,
    }
    const { bundle } = publish({ oneTime: true, notAfter, ids: { signedPrekey: 1, pqPrekey: 1, ratchet: 1, oneTimePrekey: 1 }, responder: seeds })
    const read = readBundle(bundle, 0)
    if (typeof read === 'string') throw new Error(read)
    return { seeds, bundle, hash: read.hash }
  }
}

export interface Prekeys {
  readonly seeds: Parameters<typeof respond>[0]
  readonly bundle: string
  readonly hash: string
}

function deviceIn(list: string, device: string, now: number): { account: string; agreement: string } {
  const read = readList(list, now)
  if (typeof read === 'string') throw new Error(`device list: ${read}`)
  const entry = read.devices.find(({ signing }) => signing === device)
  if (!entry) throw new Error('unlisted-device')
  return { account: read.account, agreement: entry.agreement }
}

/** The handshake message in a first envelope. */
export function handshakeIn(envelope: string): string {
  if (!envelope.startsWith(ENVELOPE_FIRST)) throw new Error('not a first envelope')
  return envelope.slice(8, 8 + 2 * parseInt(envelope.slice(4, 8), 16))
}

const REFUSED = { unknown: '01', expired: '02', used: '03' }

export class TwinInviter {
  readonly person: TwinPerson
  readonly prekeys: Prekeys
  readonly text: string
  readonly #secret: string
  readonly #nonce: string
  readonly #expires: number
  #used: { device: string; hello: string; reply: string } | undefined
  session: TwinSession | undefined
  code = ''

  constructor(person: TwinPerson, options: { inPerson: boolean; expires: number; addresses: readonly { text: string; coded: string }[] }) {
    this.person = person
    this.prekeys = person.prekeys(1000 * options.expires)
    this.#secret = person.draw(16)
    this.#nonce = person.draw(32)
    this.#expires = options.expires
    this.text = inviteText({ ...options, device: person.device, bundleHash: this.prekeys.hash, secret: this.#secret })
  }

  /** The reply to one request. @param answer content of our envelope, hex */
  asked(request: string, from: string, answer: string, now: number): string {
    const [type, id] = [request.slice(0, 4), request.slice(4, 36)]
    if (id !== inviteId(this.#secret)) return frame(0x84, REFUSED.unknown)
    const over = now >= 1000 * this.#expires
    if (type === '0101') {
      if (this.#used) return frame(0x84, REFUSED.used)
      return over ? frame(0x84, REFUSED.expired) : frame(0x81, commitment(this.#nonce), this.prekeys.bundle)
    }
    const envelope = request.slice(36)
    if (this.#used) return from === this.#used.device && helloHash(envelope) === this.#used.hello ? this.#used.reply : frame(0x84, REFUSED.used)
    if (over) return frame(0x84, REFUSED.expired)
    const { session, peer, agreed } = this.person.answered(this.prekeys, handshakeIn(envelope), this.#secret, now)
    session.open(bytesOf(envelope))
    if (hexOf(peer.device) !== from) throw new Error('wrong-device')
    const reply = frame(0x83, this.#nonce, hexOf(session.seal(bytesOf(answer), now, this.person.drawn())))
    this.#used = { device: from, hello: helloHash(envelope), reply }
    this.session = session
    this.code = code(agreed.transcript, this.#nonce)
    return reply
  }
}

export class TwinScanner {
  readonly person: TwinPerson
  readonly #text: string
  #commitment = ''
  #transcript = ''
  session: TwinSession | undefined
  peer: TwinParty | undefined
  code = ''

  constructor(person: TwinPerson, text: string) {
    this.person = person
    this.#text = text
  }

  get fetch(): string {
    return frame(0x01, inviteId(readInvite(this.#text).secret))
  }

  /** The hello, from the reply to fetchBundle. @param content hex */
  hello(reply: string, content: string, now: number): string {
    if (!reply.startsWith('0181')) throw new Error(`refused: ${reply}`)
    const invite = readInvite(this.#text)
    this.#commitment = reply.slice(4, 68)
    const { session, peer, agreed, hash } = this.person.begun(reply.slice(68), invite.secret, now)
    if (hash !== invite.bundleHash || hexOf(peer.device) !== invite.device) throw new Error('wrong-bundle')
    this.session = session
    this.peer = peer
    this.#transcript = agreed.transcript
    return frame(0x03, inviteId(invite.secret), hexOf(session.seal(bytesOf(content), now, this.person.drawn())))
  }

  /** What the inviter's device said in its answer. */
  pending(reply: string): string {
    if (!reply.startsWith('0183')) throw new Error(`refused: ${reply}`)
    const nonce = reply.slice(4, 68)
    if (commitment(nonce) !== this.#commitment) throw new Error('wrong-nonce')
    const { content } = (this.session as TwinSession).open(bytesOf(reply.slice(68)))
    this.code = code(this.#transcript, nonce)
    return hexOf(content)
  }
}
