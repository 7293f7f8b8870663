/** Requests and replies on `/dure/pairing/1`: one request, one reply. Byte tables, strictly read. */
import { concat, Reader } from '../suite/index.ts'
import { PairingError } from './errors.ts'

/** Longest envelope of a pairing: one bucket. An introduction fits; what a stranger can make us keep stays small. */
export const MAX_PAIRING_ENVELOPE = 16_384
/** Longest frame either way: a hello is below 17 KiB, a bundle with the longest device list below 6 KiB. */
export const MAX_PAIRING_FRAME = 32_768

export type Request =
  /** hand me the bundle of this invite */
  | { readonly type: 'fetchBundle'; readonly inviteId: Uint8Array }
  /** we are contacts: hand me a bundle for a new session; `deviceList` names the device that asks */
  | { readonly type: 'fetchContactBundle'; readonly deviceList: Uint8Array }
  /** my first message, made with the invite's secret */
  | { readonly type: 'hello'; readonly inviteId: Uint8Array; readonly envelope: Uint8Array }
  /** the same, left in the invite's mailbox by this device: there is no stream that would say whose it is */
  | { readonly type: 'left'; readonly device: Uint8Array; readonly inviteId: Uint8Array; readonly envelope: Uint8Array }

export type Refusal = 'unknown' | 'expired' | 'used' | 'refused'

export type Reply =
  | { readonly type: 'bundle'; readonly commitment: Uint8Array; readonly bundle: Uint8Array }
  | { readonly type: 'contactBundle'; readonly bundle: Uint8Array }
  /** heard; a person will decide. `envelope` is sealed in the new session */
  | { readonly type: 'pending'; readonly nonce: Uint8Array; readonly envelope: Uint8Array }
  | { readonly type: 'refused'; readonly code: Refusal }

const VERSION = 1
const REQUEST = { fetchBundle: 1, fetchContactBundle: 2, hello: 3, left: 4 } as const
const REPLY = { bundle: 0x81, contactBundle: 0x82, pending: 0x83, refused: 0x84 } as const
const REFUSALS: readonly Refusal[] = ['unknown', 'expired', 'used', 'refused']

const malformed = (): PairingError => new PairingError('malformed')

/** @throws PairingError malformed: larger than the limits */
export function encodeRequest(request: Request): Uint8Array {
  const head = new Uint8Array([VERSION, REQUEST[request.type]])
  switch (request.type) {
    case 'fetchBundle':
      return bounded(head, request.inviteId)
    case 'fetchContactBundle':
      return bounded(head, request.deviceList)
    case 'hello':
      return bounded(head, request.inviteId, envelopeOf(request.envelope))
    case 'left':
      return bounded(head, request.device, request.inviteId, envelopeOf(request.envelope))
  }
}

/** @throws PairingError malformed | newer-version */
export function decodeRequest(bytes: Uint8Array): Request {
  const reader = start(bytes)
  switch (reader.u8()) {
    case REQUEST.fetchBundle: {
      const inviteId = reader.take(16)
      reader.end()
      return { type: 'fetchBundle', inviteId }
    }
    case REQUEST.fetchContactBundle:
      return { type: 'fetchContactBundle', deviceList: some(reader.rest()) }
    case REQUEST.hello:
      return { type: 'hello', inviteId: reader.take(16), envelope: envelopeOf(reader.rest()) }
    case REQUEST.left:
      return { type: 'left', device: reader.take(32), inviteId: reader.take(16), envelope: envelopeOf(reader.rest()) }
    default:
      throw malformed()
  }
}

/** @throws PairingError malformed: larger than the limits */
export function encodeReply(reply: Reply): Uint8Array {
  const head = new Uint8Array([VERSION, REPLY[reply.type]])
  switch (reply.type) {
    case 'bundle':
      return bounded(head, reply.commitment, reply.bundle)
    case 'contactBundle':
      return bounded(head, reply.bundle)
    case 'pending':
      return bounded(head, reply.nonce, envelopeOf(reply.envelope))
    case 'refused':
      return bounded(head, new Uint8Array([1 + REFUSALS.indexOf(reply.code)]))
  }
}

/** @throws PairingError malformed | newer-version */
export function decodeReply(bytes: Uint8Array): Reply {
  const reader = start(bytes)
  switch (reader.u8()) {
    case REPLY.bundle:
      return { type: 'bundle', commitment: reader.take(32), bundle: some(reader.rest()) }
    case REPLY.contactBundle:
      return { type: 'contactBundle', bundle: some(reader.rest()) }
    case REPLY.pending:
      return { type: 'pending', nonce: reader.take(32), envelope: envelopeOf(reader.rest()) }
    case REPLY.refused: {
      const code = REFUSALS[reader.u8() - 1]
      reader.end()
      if (code === undefined) throw malformed()
      return { type: 'refused', code }
    }
    default:
      throw malformed()
  }
}

/** The frames that travel as envelopes do, told from them by their first two bytes; undefined for an envelope. */
export function pairingFrame(bytes: Uint8Array): 'left' | 'pending' | undefined {
  if (bytes[0] !== VERSION) return undefined
  return bytes[1] === REQUEST.left ? 'left' : bytes[1] === REPLY.pending ? 'pending' : undefined
}

function start(bytes: Uint8Array): Reader {
  if (bytes.length > MAX_PAIRING_FRAME) throw malformed()
  const reader = new Reader(bytes, malformed)
  const version = reader.u8()
  if (version > VERSION) throw new PairingError('newer-version')
  if (version !== VERSION) throw malformed()
  return reader
}

function some(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw malformed()
  return bytes
}

function envelopeOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_PAIRING_ENVELOPE) throw malformed()
  return some(bytes)
}

function bounded(...parts: Uint8Array[]): Uint8Array {
  const frame = concat(...parts)
  if (frame.length > MAX_PAIRING_FRAME) throw malformed()
  return frame
}
