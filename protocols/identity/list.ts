/**
 * The signed device list: which devices speak for an account. A fixed byte table with one encoding for each content,
 * so that a list has one hash (attack 57).
 */
import { concat, fromUtf8, type KeyPair, LABEL, labelled, labelledParts, Reader, SIZE, type Suite, u64, utf8 } from '../suite/index.ts'
import type { Device } from './device.ts'
import { DeviceListError } from './errors.ts'
import type { AccountId } from './phrase.ts'

export interface DeviceList {
  readonly account: AccountId
  /** from 1; one more than the list before, see `recoveredDeviceList` for the exception */
  readonly version: number
  /** hash of the list before, 64 bytes; empty in a first list and after a recovery */
  readonly prev: Uint8Array
  /** in ascending order of their signing keys */
  readonly devices: readonly Device[]
  /** seconds since the epoch */
  readonly issuedAt: number
  /** seconds since the epoch; not to be used from then on */
  readonly notAfter: number
}

/** The bytes that travel: body and signature. */
export type SignedDeviceList = Uint8Array

declare const verified: unique symbol

/** A list whose signature and rules were checked; only `verifyDeviceList` makes one. */
export interface VerifiedDeviceList {
  readonly [verified]: true
  readonly list: DeviceList
  /** as it travelled */
  readonly bytes: SignedDeviceList
  /** 64 bytes over `bytes`: what the next list names as `prev` */
  readonly hash: Uint8Array
}

/** More than anybody carries, few enough that a message to each of them stays cheap. */
export const MAX_DEVICES = 16
/** A line on a screen in any script. */
export const MAX_DEVICE_NAME = 64
const MAX_DEVICE_ENTRY = SIZE.ed25519.publicKey + SIZE.x25519.publicKey + 8 + 1 + MAX_DEVICE_NAME
/** Every field at its largest. */
export const MAX_DEVICE_LIST =
  1 + SIZE.ed25519.publicKey + 8 + 1 + SIZE.hash + 8 + 8 + 1 + MAX_DEVICES * MAX_DEVICE_ENTRY + SIZE.ed25519.signature

const VERSION = 1
const FOLLOWS = 1
const STARTS = 0

const toSign = (body: Uint8Array): Uint8Array => labelled(LABEL.deviceList, body)
const malformed = (what?: string): DeviceListError => new DeviceListError('malformed', what)

/** @throws DeviceListError malformed: the list breaks a rule of its own, `what` says which */
export function signDeviceList(suite: Suite, root: KeyPair<'ed25519'>, list: DeviceList): SignedDeviceList {
  const body = encodeBody({ ...list, devices: list.devices.toSorted((a, b) => compare(a.signing, b.signing)) })
  if (compare(root.publicKey, list.account) !== 0) throw new DeviceListError('other-account')
  return concat(body, suite.sign(root.secretKey, toSign(body)))
}

/**
 * Says that the account signed this list and that it still holds; not that it is the newest, see `acceptDeviceList`.
 * @param now ms since the epoch; 0 for a list that was verified before and is only read again
 * @throws DeviceListError malformed | newer-version | signature | expired
 */
export function verifyDeviceList(suite: Suite, bytes: SignedDeviceList, now: number): VerifiedDeviceList {
  const list = decodeList(bytes)
  const end = bytes.length - SIZE.ed25519.signature
  if (!suite.verify(list.account, toSign(bytes.subarray(0, end)), bytes.subarray(end))) throw new DeviceListError('signature')
  if (Math.floor(now / 1000) >= list.notAfter) throw new DeviceListError('expired')
  const hash = suite.hash(...labelledParts(LABEL.deviceListHash, bytes))
  return { list, bytes: bytes.slice(), hash } as Omit<VerifiedDeviceList, typeof verified> as VerifiedDeviceList
}

function encodeBody(list: DeviceList): Uint8Array {
  checkRules(list)
  const devices = list.devices.map((device) => {
    const name = utf8(device.name)
    return concat(device.signing, device.agreement, u64(device.addedAt), Uint8Array.of(name.length), name)
  })
  return concat(
    Uint8Array.of(VERSION),
    list.account,
    u64(list.version),
    Uint8Array.of(list.prev.length === 0 ? STARTS : FOLLOWS),
    list.prev,
    u64(list.issuedAt),
    u64(list.notAfter),
    Uint8Array.of(list.devices.length),
    ...devices,
  )
}

function decodeList(bytes: SignedDeviceList): DeviceList {
  const reader = new Reader(bytes, malformed)
  const version = reader.u8()
  if (version > VERSION) throw new DeviceListError('newer-version')
  if (version !== VERSION) throw malformed()
  const list: DeviceList = {
    account: reader.take(SIZE.ed25519.publicKey),
    version: reader.u64(),
    prev: readPrev(reader),
    issuedAt: reader.u64(),
    notAfter: reader.u64(),
    devices: readDevices(reader),
  }
  reader.take(SIZE.ed25519.signature)
  reader.end()
  checkRules(list)
  return list
}

function readPrev(reader: Reader): Uint8Array {
  const place = reader.u8()
  if (place !== STARTS && place !== FOLLOWS) throw malformed()
  return reader.take(place === FOLLOWS ? SIZE.hash : 0)
}

function readDevices(reader: Reader): Device[] {
  const count = reader.u8()
  if (count > MAX_DEVICES) throw malformed(`at most ${MAX_DEVICES} devices`)
  return Array.from({ length: count }, () => ({
    signing: reader.take(SIZE.ed25519.publicKey),
    agreement: reader.take(SIZE.x25519.publicKey),
    addedAt: reader.u64(),
    name: readName(reader),
  }))
}

function readName(reader: Reader): string {
  const length = reader.u8()
  if (length > MAX_DEVICE_NAME) throw malformed(`a device name has at most ${MAX_DEVICE_NAME} bytes`)
  try {
    return fromUtf8(reader.take(length))
  } catch {
    throw malformed('a device name is UTF-8')
  }
}

/** The rules of one list by itself, the same for writing and reading. */
function checkRules(list: DeviceList): void {
  const { devices } = list
  if (list.account.length !== SIZE.ed25519.publicKey) throw malformed('an account has 32 bytes')
  if (list.version < 1) throw malformed('versions count from 1')
  if (list.prev.length !== 0 && list.prev.length !== SIZE.hash) throw malformed('a hash has 64 bytes')
  if (list.version === 1 && list.prev.length !== 0) throw malformed('nothing is before version 1')
  if (list.notAfter <= list.issuedAt) throw malformed('it ends before it begins')
  if (devices.length < 1 || devices.length > MAX_DEVICES) throw malformed(`1 to ${MAX_DEVICES} devices`)
  for (const [index, device] of devices.entries()) {
    const before = devices[index - 1]
    if (before && compare(before.signing, device.signing) >= 0) throw malformed('devices are in ascending order, each once')
    if (devices.some((other) => other !== device && compare(other.agreement, device.agreement) === 0)) throw malformed('two devices share a key')
    if (compare(device.signing, list.account) === 0) throw malformed('the root key is not a device key')
    checkDevice(device)
  }
}

function checkDevice(device: Device): void {
  if (device.signing.length !== SIZE.ed25519.publicKey || device.agreement.length !== SIZE.x25519.publicKey) throw malformed('a key has 32 bytes')
  if (!device.name.isWellFormed() || utf8(device.name).length > MAX_DEVICE_NAME) {
    throw malformed(`a device name has at most ${MAX_DEVICE_NAME} bytes of UTF-8`)
  }
}

/** Byte by byte; the shorter of two that agree comes first. Public values only. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
