/**
 * The invite, its id, the short code and the frames once more, slowly: written from the README with offsets and a base32
 * of its own. Shares only SHA-512 with the real code.
 */
import { createHash } from 'node:crypto'

type Bytes = Uint8Array

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')

function labelledHash(label: string, fields: Bytes[]): Buffer {
  const hash = createHash('sha512')
  for (const part of [Buffer.from(label, 'ascii'), ...fields]) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    hash.update(length).update(part)
  }
  return hash.digest()
}

/** RFC 4648 base32 without padding, through one string of bits */
export function base32(bytes: Bytes): string {
  let bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  while (bits.length % 5 !== 0) bits += '0'
  let text = ''
  for (let at = 0; at < bits.length; at += 5) text += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(bits.slice(at, at + 5), 2)]
  return text
}

/** The bytes; what is left over of the last letter is zero bits. */
export function unbase32(text: string): Buffer {
  const bits = Array.from(text, (letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? [])
}

export interface InviteInputs {
  readonly inPerson: boolean
  readonly expires: number
  readonly device: string
  readonly bundleHash: string
  readonly secret: string
  readonly addresses: readonly { readonly text: string; readonly coded: string }[]
  readonly mailbox?: { readonly node: string; readonly sender: string; readonly nodeKey: string; readonly addresses: InviteInputs['addresses'] }
}

export function inviteText(invite: InviteInputs): string {
  const fixed = Buffer.alloc(88)
  fixed[0] = 1
  fixed[1] = 1
  fixed[2] = invite.inPerson ? 1 : 2
  fixed.writeUInt32BE(invite.expires, 3)
  fixed.set(bytesOf(invite.device), 7)
  fixed.set(bytesOf(invite.bundleHash), 39)
  fixed.set(bytesOf(invite.secret), 71)
  fixed[87] = invite.addresses.length
  const hints = invite.addresses.map(({ coded }) => Buffer.concat([Buffer.from([coded.length / 2]), bytesOf(coded)]))
  const { mailbox } = invite
  const tail = mailbox
    ? [bytesOf(mailbox.node), bytesOf(mailbox.sender), bytesOf(mailbox.nodeKey), Buffer.from([mailbox.addresses.length])].concat(
        mailbox.addresses.map(({ coded }) => Buffer.concat([Buffer.from([coded.length / 2]), bytesOf(coded)])),
      )
    : []
  return `DURE:${base32(Buffer.concat([fixed, ...hints, ...tail]))}`
}

export interface ReadInvite {
  readonly inPerson: boolean
  readonly expires: number
  readonly device: string
  readonly bundleHash: string
  readonly secret: string
  /** coded */
  readonly addresses: readonly string[]
  readonly mailbox: { readonly node: string; readonly sender: string; readonly nodeKey: string; readonly addresses: readonly string[] } | undefined
}

/** A right invite of a contact. */
export function readInvite(text: string): ReadInvite {
  const table = unbase32(text.slice('DURE:'.length)).toString('hex')
  let at = 0
  const take = (length: number): string => table.slice(at, (at += 2 * length))
  const count = (length: number): number => parseInt(take(length), 16)
  const hints = (): string[] => Array.from({ length: count(1) }, () => take(count(1)))
  if (take(2) !== '0101') throw new Error('not the invite of a contact')
  const invite = { inPerson: count(1) === 1, expires: count(4), device: take(32), bundleHash: take(32), secret: take(16), addresses: hints() }
  const mailbox = at < table.length ? { node: take(32), sender: take(24), nodeKey: take(32), addresses: hints() } : undefined
  if (at !== table.length) throw new Error('bytes left over')
  return { ...invite, mailbox }
}

export function relayText(key: string, addresses: InviteInputs['addresses']): string {
  const fixed = Buffer.alloc(35)
  fixed[0] = 1
  fixed[1] = 5
  fixed.set(bytesOf(key), 2)
  fixed[34] = addresses.length
  const coded = addresses.map((address) => Buffer.concat([Buffer.from([address.coded.length / 2]), bytesOf(address.coded)]))
  return `DURE:${base32(Buffer.concat([fixed, ...coded]))}`
}

export const inviteId = (secret: string): string => labelledHash('dure/v1/pairing/invite-id', [bytesOf(secret)]).subarray(0, 16).toString('hex')

export const commitment = (nonce: string): string => labelledHash('dure/v1/pairing/nonce-commitment', [bytesOf(nonce)]).subarray(0, 32).toString('hex')

export const helloHash = (envelope: string): string => labelledHash('dure/v1/pairing/hello', [bytesOf(envelope)]).subarray(0, 32).toString('hex')

export function code(transcript: string, nonce: string): string {
  const digest = labelledHash('dure/v1/pairing/short-code', [bytesOf(transcript), bytesOf(nonce)])
  const digits = String(1_000_000n + (digest.readBigUInt64BE(0) % 1_000_000n)).slice(1)
  return `${digits.slice(0, 3)} ${digits.slice(3)}`
}

export const frame = (type: number, ...parts: string[]): string => `01${type.toString(16).padStart(2, '0')}${parts.join('')}`
