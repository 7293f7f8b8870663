/** The link to a relay: its key, and where it listens. Public; whoever has it may use the relay, and nobody in it is a person. */
import { concat, Reader } from '../suite/index.ts'
import { decodeAddress, encodeAddress, withoutPeer } from './address.ts'
import { decodeText, encodeText, KINDS, malformed, readHead, VERSION } from './text.ts'

export interface RelayLink {
  /** 32 bytes, the relay's Ed25519 key */
  readonly key: Uint8Array
  /** multiaddrs, the best first; read without the relay's own id, 1 .. `MAX_RELAY_ADDRESSES` */
  readonly addresses: readonly string[]
}

const KEY = 32

/** TCP and WebSocket, in IPv4 and IPv6, by address and by name. */
export const MAX_RELAY_ADDRESSES = 8

/** @throws InviteError malformed: another length of key, no address or too many, or one that cannot be carried */
export function encodeRelayLink({ key, addresses }: RelayLink): string {
  if (key.length !== KEY || addresses.length < 1 || addresses.length > MAX_RELAY_ADDRESSES) throw malformed()
  const coded = addresses.map((address) => encodeAddress(withoutPeer(address, key)))
  return encodeText(
    concat(
      new Uint8Array([VERSION, KINDS.relay]),
      key,
      new Uint8Array([coded.length]),
      ...coded.flatMap((address) => [new Uint8Array([address.length]), address]),
    ),
  )
}

/** @throws InviteError */
export function parseRelayLink(text: string): RelayLink {
  const reader = new Reader(decodeText(text), malformed)
  readHead(reader, 'relay')
  const key = reader.take(KEY)
  const count = reader.u8()
  if (count < 1 || count > MAX_RELAY_ADDRESSES) throw malformed()
  const addresses = Array.from({ length: count }, () => decodeAddress(reader.take(reader.u8())))
  reader.end()
  return { key, addresses }
}
