/**
 * Which addresses a peer may make us dial (attack 88), and which of ours we give to others. Pure: what is known about
 * this machine comes in as `Surroundings`. A name is judged before it is looked up and its addresses after.
 */
import { BlockList, isIP } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { MAX_ADDRESS_LENGTH, MAX_ADDRESSES_TO_DIAL, MAX_ANNOUNCED, MAX_CIRCUITS_TO_DIAL } from './limits.ts'

/** One address of one of our own network interfaces, with the length of its network prefix. */
export interface OwnAddress {
  readonly address: string
  readonly prefix: number
}

export interface Surroundings {
  readonly own: readonly OwnAddress[]
  /** our announced addresses include loopback: we listen there explicitly, or have no other interface */
  readonly loopback: boolean
}

export type Refusal = 'malformed' | 'transport' | 'other-device' | 'loopback' | 'private' | 'reserved' | 'port'

export interface Target {
  readonly host: string
  /** 'dns' still has to be looked up, and every result judged */
  readonly kind: 'ip' | 'dns'
  readonly port: number
  readonly secure: boolean
  /** without `/p2p/` */
  readonly address: Multiaddr
}

const TRANSPORTS = new Set(['tcp', 'tcp/ws', 'tcp/tls/ws', 'tcp/wss', 'tcp/tls/sni/ws'])
const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])
/** At least two labels, the last one not numeric. */
const PUBLIC_NAME = /^(?=.{4,253}$)([a-z0-9_]([a-z0-9-_]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/i
const LOCAL_NAME = /\.(local|localhost|internal|home\.arpa|lan)$/i
/** Below are the well-known services of a router or a server at home, which no device of ours listens on. */
const FIRST_LOCAL_PORT = 1024

interface Ranges {
  readonly ipv4: BlockList
  readonly ipv6: BlockList
}

/** One list a family: an IPv4 address must not match a rule about the IPv6 forms that carry one. */
const list = (...subnets: string[]): Ranges => {
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/')
    ranges[familyOf(network)].addSubnet(network, Number(prefix), familyOf(network))
  }
  return ranges
}
/** RFC 6890 and its registries, cloud metadata, and the forms of IPv6 that carry an IPv4 address past a filter. */
const RESERVED = list(
  '0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4',
  '240.0.0.0/4', '100.100.100.200/32', '::/128', '::ffff:0:0/96', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/32',
  '2001:db8::/32', '2002::/16', 'fe80::/10', 'fec0::/10', 'ff00::/8', 'fd00:ec2::254/128',
)
const LOOPBACK = list('127.0.0.0/8', '::1/128')
const SHARED = list('100.64.0.0/10')
const PRIVATE = list('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7')

function familyOf(ip: string): 'ipv4' | 'ipv6' {
  return isIP(ip) === 6 ? 'ipv6' : 'ipv4'
}

function within(ranges: Ranges, ip: string): boolean {
  return ranges[familyOf(ip)].check(ip, familyOf(ip))
}

export const isLoopback = (ip: string): boolean => within(LOOPBACK, ip)

/** Whether an IP address may be dialled at a peer's word; undefined when it may. */
export function judgeIp(ip: string, port: number, around: Surroundings): Refusal | undefined {
  if (isLoopback(ip)) return around.loopback ? (port < FIRST_LOCAL_PORT ? 'port' : undefined) : 'loopback'
  if (within(RESERVED, ip)) return 'reserved'
  const shared = within(SHARED, ip)
  if (!shared && !within(PRIVATE, ip)) return undefined
  // Overlay networks give each device a /32 of the shared range, so being in that range ourselves is enough there.
  const near = around.own.some(own => (shared && within(SHARED, own.address)) || sameSubnet(own, ip))
  return near ? (port < FIRST_LOCAL_PORT ? 'port' : undefined) : 'private'
}

/** Judges one multiaddr of a peer; `device` is the peer id it must lead to. */
export function judgeAddress(text: string, device: string | undefined, around: Surroundings): Target | Refusal {
  if (text.length > MAX_ADDRESS_LENGTH) return 'malformed'
  let parsed: Multiaddr
  try {
    parsed = multiaddr(text)
  } catch {
    return 'malformed'
  }
  const parts = parsed.getComponents()
  const last = parts.at(-1)
  if (last?.name === 'p2p') {
    if (device !== undefined && last.value !== device) return 'other-device'
    parts.pop()
    parsed = parsed.decapsulateCode(last.code)
  }
  const [host, transport, ...rest] = parts
  if (!host || !transport || host.value === undefined || !HOSTS.has(host.name)) return 'transport'
  if (!TRANSPORTS.has([transport, ...rest].map(part => part.name).join('/'))) return 'transport'
  const port = Number(transport.value)
  if (!Number.isInteger(port) || port < 1 || port > 65535) return 'port'
  const secure = rest.some(part => part.name === 'tls' || part.name === 'wss')
  if (host.name.startsWith('dns')) {
    // A name that is an address, or no public name at all, is an attempt to get around the table above.
    if (isIP(host.value) || !PUBLIC_NAME.test(host.value)) return 'malformed'
    if (LOCAL_NAME.test(host.value)) return 'private'
    return { host: host.value, kind: 'dns', port, secure, address: parsed }
  }
  return judgeIp(host.value, port, around) ?? { host: host.value, kind: 'ip', port, secure, address: parsed }
}

/** The addresses of a peer we are willing to try, without repeats, at most `MAX_ADDRESSES_TO_DIAL`. */
export function dialable(hints: readonly string[], device: string, around: Surroundings): Target[] {
  const targets = new Map<string, Target>()
  for (const hint of hints) {
    if (targets.size === MAX_ADDRESSES_TO_DIAL) break
    const target = judgeAddress(hint, device, around)
    if (typeof target !== 'string') targets.set(target.address.toString(), target)
  }
  return [...targets.values()]
}

/** A way to a device through a relay. */
export interface Circuit {
  /** the relay's peer id */
  readonly relay: string
  readonly target: Target
}

const CIRCUIT = /^(\/.+)\/p2p\/(12D3KooW[1-9A-HJ-NP-Za-km-z]{44})\/p2p-circuit(?:\/p2p\/([^/]+))?$/

/** Whether an address leads through one relay; the relay itself is judged as any other address of a peer. */
export function judgeCircuit(text: string, device: string, around: Surroundings): Circuit | Refusal {
  if (text.length > MAX_ADDRESS_LENGTH) return 'malformed'
  const [, base, relay, end] = CIRCUIT.exec(text) ?? []
  if (base === undefined || relay === undefined) return 'transport'
  if (relay === device || (end !== undefined && end !== device)) return 'other-device'
  const target = judgeAddress(base, undefined, around)
  return typeof target === 'string' ? target : { relay, target }
}

/** The ways through relays we are willing to try, one an address, at most `MAX_CIRCUITS_TO_DIAL`. */
export function throughRelays(hints: readonly string[], device: string, around: Surroundings): Circuit[] {
  const circuits = new Map<string, Circuit>()
  for (const hint of hints) {
    if (circuits.size === MAX_CIRCUITS_TO_DIAL) break
    const circuit = judgeCircuit(hint, device, around)
    if (typeof circuit !== 'string') circuits.set(`${circuit.target.address}/p2p/${circuit.relay}`, circuit)
  }
  return [...circuits.values()]
}

/** How others are told that we can be called through a relay. */
export const circuitAddress = (address: string, relay: string): string => `${address}/p2p/${relay}/p2p-circuit`

/** From where an address can be reached, the widest first: by a name, by an address of the internet, from the local network, from this machine. */
const REACHES = ['name', 'internet', 'network', 'machine'] as const
export type Reach = (typeof REACHES)[number]

/** Undefined for what nobody can dial: unspecified, link-local, reserved. */
export function reachOf(text: string): Reach | undefined {
  const host = multiaddr(text).getComponents()[0]
  if (!host || host.value === undefined) return undefined
  if (!host.name.startsWith('ip')) return 'name'
  if (isLoopback(host.value)) return 'machine'
  if (within(RESERVED, host.value)) return undefined
  return within(PRIVATE, host.value) || within(SHARED, host.value) ? 'network' : 'internet'
}

/**
 * What we give others of the addresses we listen on (textual multiaddrs with the port in place): loopback only when it is
 * all there is or was asked for, never an unspecified or link-local one; public before private.
 */
export function announced(listening: readonly string[], listensOnLoopback: boolean): string[] {
  const usable = [...new Set(listening)].flatMap(text => {
    const reach = reachOf(text)
    return reach === undefined ? [] : [{ text, rank: REACHES.indexOf(reach) }]
  })
  const beyond = usable.filter(({ rank }) => rank < REACHES.indexOf('machine'))
  const chosen = listensOnLoopback || beyond.length === 0 ? usable : beyond
  return chosen.toSorted((a, b) => a.rank - b.rank).slice(0, MAX_ANNOUNCED).map(({ text }) => text)
}

/** Groups of addresses one party can be expected to hold: /24 of IPv4, /48 of IPv6. */
export function subnetOf(address: string): string {
  const ip = unmapped(address)
  return isIP(ip) === 6 ? `${expand(ip).slice(0, 3).join(':')}::/48` : `${ip.split('.').slice(0, 3).join('.')}.0/24`
}

/** Larger groups, of which one hoster rents out many: /16 of IPv4, /32 of IPv6. */
export function blockOf(address: string): string {
  const ip = unmapped(address)
  return isIP(ip) === 6 ? `${expand(ip).slice(0, 2).join(':')}::/32` : `${ip.split('.').slice(0, 2).join('.')}.0.0/16`
}

/** One party behind an address: IPv4 address, or the /64 every IPv6 subscriber has to itself. */
export function hostOf(address: string): string {
  const ip = unmapped(address)
  return isIP(ip) === 6 ? `${expand(ip).slice(0, 4).join(':')}::/64` : ip
}

function sameSubnet(own: OwnAddress, ip: string): boolean {
  return familyOf(own.address) === familyOf(ip) && !isLoopback(own.address) &&
    within(list(`${own.address}/${own.prefix}`), ip)
}

/** A dual-stack socket reports IPv4 peers as `::ffff:a.b.c.d`. */
const unmapped = (ip: string): string => ip.replace(/^::ffff:(?=\d+\.)/i, '')

/** The eight groups of an IPv6 address. */
function expand(ip: string): string[] {
  const [head = '', tail] = (ip.split('%')[0] as string).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: missing }, () => '0'), ...right]
}
