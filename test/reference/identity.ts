/**
 * The identity room once more, slowly: from its README, with strings of bits, whole numbers and Node's own SHA-256,
 * SHA-512, HMAC and Ed25519. Shares with the real code the English word list, and label encoding and HKDF with the
 * suite's twin.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { hkdf, labelled, sha512 } from './suite.ts'

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const bits = (hex: string): string => Array.from(bytesOf(hex), (byte) => byte.toString(2).padStart(8, '0')).join('')

/** BIP39: the entropy and the first bits of its SHA-256, eleven bits a word. */
export function phrase(entropy: string): string {
  const checksum = createHash('sha256').update(bytesOf(entropy)).digest('hex')
  const all = bits(entropy) + bits(checksum).slice(0, entropy.length / 8)
  return (all.match(/.{11}/g) as string[]).map((word) => wordlist[parseInt(word, 2)]).join(' ')
}

/** The seed of the account's root key. */
export const rootSeed = (entropy: string): string => hkdf('', entropy, labelled('dure/v1/identity/root', []), 32)

const PKCS8 = '302e020100300506032b657004220420'
const keyOf = (seed: string): KeyObject => createPrivateKey({ key: bytesOf(PKCS8 + seed), format: 'der', type: 'pkcs8' })
export const publicOf = (seed: string): string => createPublicKey(keyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(12).toString('hex')

export interface DeviceFields {
  readonly signing: string
  readonly agreement: string
  readonly addedAt: number
  readonly name: string
}
export interface ListFields {
  readonly account: string
  readonly version: number
  readonly prev: string
  readonly issuedAt: number
  readonly notAfter: number
  readonly devices: readonly DeviceFields[]
}

const byte = (value: number): string => value.toString(16).padStart(2, '0')
const u64 = (value: number): string => value.toString(16).padStart(16, '0')

/** The body as it is, whatever rules it breaks: the order of the devices is the caller's. */
export function body(list: ListFields): string {
  const devices = list.devices.map(({ signing, agreement, addedAt, name }) => {
    const text = Buffer.from(name, 'utf8').toString('hex')
    return signing + agreement + u64(addedAt) + byte(text.length / 2) + text
  })
  const prev = list.prev === '' ? '00' : `01${list.prev}`
  return ['01', list.account, u64(list.version), prev, u64(list.issuedAt), u64(list.notAfter), byte(devices.length), ...devices].join('')
}

export function signBody(seed: string, bytes: string): string {
  return bytes + sign(null, bytesOf(labelled('dure/v1/identity/device-list', [bytes])), keyOf(seed)).toString('hex')
}

export const signed = (seed: string, list: ListFields): string => signBody(seed, body(list))

export const listHash = (bytes: string): string => sha512(labelled('dure/v1/identity/device-list-hash', [bytes]))

export interface ReadList extends ListFields {
  readonly hash: string
}

/** The list, or what it is refused for. `now` in ms, 0 for a list that was accepted before. */
export function readList(bytes: string, now: number): ReadList | string {
  let at = 0
  const take = (length: number): string => bytes.slice(at, (at += 2 * length))
  const count = (length: number): number => parseInt(take(length), 16)
  const version = count(1)
  if (version !== 1) return version > 1 ? 'newer-version' : 'malformed'
  const account = take(32)
  const number = count(8)
  const prev = ['', 'prev'][count(1)] === 'prev' ? take(64) : ''
  const [issuedAt, notAfter] = [count(8), count(8)]
  const devices = Array.from({ length: count(1) }, (): DeviceFields => {
    const [signing, agreement, addedAt] = [take(32), take(32), count(8)]
    return { signing, agreement, addedAt, name: bytesOf(take(count(1))).toString('utf8') }
  })
  const list = { account, version: number, prev, issuedAt, notAfter, devices }
  const text = body(list)
  if (text.length + 128 !== bytes.length || !bytes.startsWith(text)) return 'malformed' // what is written again is the same, or it was not a list
  const names = devices.map(({ signing }) => signing)
  const rules = [number >= 1, number > 1 || prev === '', devices.length >= 1 && devices.length <= 16, issuedAt < notAfter, !names.includes(account)]
  rules.push(names.every((name, i) => i === 0 || (names[i - 1] as string) < name), new Set(devices.map(({ agreement }) => agreement)).size === devices.length)
  if (rules.includes(false)) return 'malformed'
  const key = createPublicKey({ key: bytesOf(`302a300506032b6570032100${account}`), format: 'der', type: 'spki' })
  if (!verify(null, bytesOf(labelled('dure/v1/identity/device-list', [text])), key, bytesOf(bytes.slice(text.length)))) return 'signature'
  if (Math.floor(now / 1000) >= notAfter) return 'expired'
  return { ...list, hash: listHash(bytes) }
}

/** The table of verdicts, from its top. */
export function judgeList(known: ReadList, next: ReadList): string {
  if (known.account !== next.account) return 'other-account'
  if (known.hash === next.hash) return 'same'
  if (next.version < known.version) return 'rollback'
  if (next.version === known.version) return 'fork'
  if (next.prev === '') return 'recovered'
  return next.version === known.version + 1 && next.prev === known.hash ? 'newer' : 'unknown-prev'
}

export function safetyNumber(a: string, b: string): string {
  const side = (account: string): string => {
    let hash = sha512(labelled('dure/v1/identity/safety-number', [account]))
    for (let i = 2; i <= 5200; i++) hash = sha512(hash + account)
    return [0, 1, 2, 3, 4, 5].map((group) => String(BigInt(`0x${hash.slice(group * 10, group * 10 + 10)}`) % 100000n).padStart(5, '0')).join('')
  }
  const [x, y] = [side(a), side(b)]
  return x < y ? x + y : y + x
}

export function fingerprint(account: string): string {
  const text = (bits(sha512(labelled('dure/v1/identity/fingerprint', [account])).slice(0, 20)).match(/.{5}/g) as string[])
    .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five, 2)])
    .join('')
  return [text.slice(0, 4), text.slice(4, 8), text.slice(8, 12), text.slice(12)].join('-')
}
