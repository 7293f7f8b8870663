/**
 * The identity room once more, slowly: from its README, with strings of bits, whole numbers and Node's own SHA-256,
 * SHA-512, HMAC and Ed25519. Shares with the real code the English word list, and label encoding and HKDF with the
 * suite's twin.
 */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
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
