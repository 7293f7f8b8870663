/**
 * Dial hints inside an invite: multiaddr text in a coding of our own, small enough for a QR code. What the table of
 * components does not know travels as text. One address has one coding.
 */
import { base58 } from '@scure/base'
import { concat, fromUtf8, Reader, utf8 } from '../suite/index.ts'
import { InviteError } from './errors.ts'
import { formatIp4, formatIp6, parseIp4, parseIp6 } from './ip.ts'

/** Longest address, as text and as coded. A relayed WebTransport address with two certificate hashes fits. */
const MAX_ADDRESS = 200

/** Components of printable ASCII without `@`, `%`, blanks or quotes: no userinfo, no escapes, no scripts that look alike (attack 37). */
const SHAPE = /^(?:\/[A-Za-z0-9._:=~+-]+)+$/
const DNS_NAME = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?$/

const TEXT = 0
/** multihash "identity" of the protobuf encoding of an Ed25519 public key: how libp2p writes a peer id */
const PEER_ID_HEAD = new Uint8Array([0x00, 0x24, 0x08, 0x01, 0x12, 0x20])

const malformed = (): InviteError => new InviteError('malformed')

interface Component {
  readonly code: number
  readonly name: string
  /** Argument text to bytes; undefined when it cannot be coded. Absent: the component has no argument. */
  readonly write?: (text: string) => Uint8Array | undefined
  readonly read?: (reader: Reader) => string
}

const ip4 = { write: parseIp4, read: (reader: Reader) => formatIp4(reader.take(4)) }
const ip6 = { write: parseIp6, read: (reader: Reader) => formatIp6(reader.take(16)) }
const dns = {
  write: (text: string) => (DNS_NAME.test(text) ? concat(new Uint8Array([text.length]), utf8(text)) : undefined),
  read: (reader: Reader) => String.fromCharCode(...reader.take(reader.u8())),
}
const port = {
  write: (text: string) => (/^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65_535 ? new Uint8Array([Number(text) >>> 8, Number(text)]) : undefined),
  read: (reader: Reader) => String(reader.u16()),
}
const peer = {
  write: (text: string) => peerKey(text),
  read: (reader: Reader) => peerId(reader.take(32)),
}

const COMPONENTS: readonly Component[] = [
  { code: 1, name: 'ip4', ...ip4 },
  { code: 2, name: 'ip6', ...ip6 },
  { code: 3, name: 'dns', ...dns },
  { code: 4, name: 'dns4', ...dns },
  { code: 5, name: 'dns6', ...dns },
  { code: 6, name: 'dnsaddr', ...dns },
  { code: 7, name: 'tcp', ...port },
  { code: 8, name: 'udp', ...port },
  { code: 9, name: 'ws' },
  { code: 10, name: 'wss' },
  { code: 11, name: 'tls' },
  { code: 12, name: 'quic-v1' },
  { code: 13, name: 'p2p-circuit' },
  { code: 14, name: 'p2p', ...peer },
]
const BY_NAME = new Map(COMPONENTS.map((component) => [component.name, component]))
const BY_CODE = new Map(COMPONENTS.map((component) => [component.code, component]))

const peerId = (key: Uint8Array): string => base58.encode(concat(PEER_ID_HEAD, key))

function peerKey(text: string): Uint8Array | undefined {
  if (!/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/.test(text)) return undefined
  const key = base58.decode(text).slice(PEER_ID_HEAD.length)
  return key.length === 32 && peerId(key) === text ? key : undefined
}

/** The address without the id of the device it leads to: the invite names the device once, by its key. */
export function withoutPeer(address: string, device: Uint8Array): string {
  const own = `/p2p/${peerId(device)}`
  return address.endsWith(own) ? address.slice(0, -own.length) : address
}

/** @throws InviteError malformed: too long, other characters, or naming the device at its end */
export function encodeAddress(address: string): Uint8Array {
  if (address.length > MAX_ADDRESS - 1 || !SHAPE.test(address) || /\/p2p\/[^/]+$/.test(address)) throw malformed()
  const coded = compact(address) ?? concat(new Uint8Array([TEXT]), utf8(address))
  if (coded.length > MAX_ADDRESS) throw malformed()
  return coded
}

/** @throws InviteError malformed: also when another coding of the same address is the right one */
export function decodeAddress(bytes: Uint8Array): string {
  const address = bytes[0] === TEXT ? plain(bytes.subarray(1)) : expand(bytes)
  const again = encodeAddress(address)
  if (again.length !== bytes.length || !again.every((byte, i) => byte === bytes[i])) throw malformed()
  return address
}

function compact(address: string): Uint8Array | undefined {
  const words = address.split('/').slice(1)
  const parts: Uint8Array[] = []
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const component = BY_NAME.get(word)
    if (!component) return undefined
    parts.push(new Uint8Array([component.code]))
    if (!component.write) continue
    const argument = component.write(words.shift() ?? '')
    if (!argument) return undefined
    parts.push(argument)
  }
  return concat(...parts)
}

function expand(bytes: Uint8Array): string {
  const reader = new Reader(bytes, malformed)
  let address = ''
  for (let code = reader.u8(); ; code = reader.u8()) {
    const component = BY_CODE.get(code)
    if (!component) throw malformed()
    address += `/${component.name}`
    if (component.read) address += `/${component.read(reader)}`
    if (reader.done) return address
  }
}

function plain(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    throw malformed()
  }
}
