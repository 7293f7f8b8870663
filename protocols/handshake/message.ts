/** The handshake message: what the initiator sends beside its first ratchet message. */
import { type DeviceId, MAX_DEVICE_LIST } from '../identity/index.ts'
import { concat, Reader, SIZE, u32 } from '../suite/index.ts'
import { malformed } from './errors.ts'
import { head, type PrekeyKind, prekeyId, readHead, readPrekeyId, readSized, sized } from './layout.ts'
import type { PrekeyIds } from './prekeys.ts'

export interface HandshakeMessage {
  readonly kind: PrekeyKind
  /** `bundleHash` of the bundle the initiator used */
  readonly bundleHash: Uint8Array
  /** the initiator's device */
  readonly device: DeviceId
  /** Ea, X25519 */
  readonly ephemeral: Uint8Array
  /** ML-KEM-1024, to the KEM prekey */
  readonly ciphertext: Uint8Array
  readonly ids: PrekeyIds
  /** the initiator's, as published */
  readonly deviceList: Uint8Array
}

export function encodeMessage(message: HandshakeMessage): Uint8Array {
  const { ids } = message
  return concat(
    head('message', message.kind),
    message.bundleHash,
    message.device,
    message.ephemeral,
    message.ciphertext,
    prekeyId(ids.signedPrekey),
    prekeyId(ids.pqPrekey),
    prekeyId(ids.ratchet),
    ids.oneTimePrekey === undefined ? u32(0) : prekeyId(ids.oneTimePrekey),
    sized(message.deviceList, MAX_DEVICE_LIST),
  )
}

/** Layout only; nothing is verified. @throws HandshakeError malformed | newer-version */
export function decodeMessage(bytes: Uint8Array): HandshakeMessage {
  const reader = new Reader(bytes, malformed)
  const kind = readHead(reader, 'message')
  const bundleHash = reader.take(32)
  const device = reader.take(SIZE.ed25519.publicKey)
  const ephemeral = reader.take(SIZE.x25519.publicKey)
  const ciphertext = reader.take(SIZE['ml-kem-1024'].ciphertext)
  const signedPrekey = readPrekeyId(reader)
  const pqPrekey = readPrekeyId(reader)
  const ratchet = readPrekeyId(reader)
  const oneTimePrekey = reader.u32()
  if ((oneTimePrekey !== 0) !== (kind === 'one-time')) throw malformed()
  const deviceList = readSized(reader, MAX_DEVICE_LIST)
  reader.end()
  const ids = { signedPrekey, pqPrekey, ratchet, ...(oneTimePrekey !== 0 && { oneTimePrekey }) }
  return { kind, bundleHash, device, ephemeral, ciphertext, ids, deviceList }
}

/**
 * Which prekeys a first message asks for, so that its receiver can look them up. Nothing of it is authentic yet.
 * @throws HandshakeError malformed | newer-version
 */
export const peekPrekeyIds = (message: Uint8Array): PrekeyIds => decodeMessage(message).ids
