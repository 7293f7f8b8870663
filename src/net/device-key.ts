/** A device is named by its Ed25519 key in lowercase hex above this room, and by a libp2p peer id inside it. */
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { toHex } from '../../protocols/suite/index.ts'
import type { DeviceKey } from '../messenger/ports.ts'

/** The peer id of a device; undefined when the text is not 64 lowercase hex digits. */
export function peerIdOf(device: DeviceKey): PeerId | undefined {
  if (!/^[0-9a-f]{64}$/.test(device)) return undefined
  return peerIdFromPublicKey(publicKeyFromRaw(Buffer.from(device, 'hex')))
}

/** The device key of a peer; undefined for any other key type than Ed25519. */
export function deviceKeyOf(peer: PeerId): DeviceKey | undefined {
  return peer.type === 'Ed25519' ? toHex(peer.publicKey.raw) : undefined
}
