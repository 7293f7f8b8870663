/**
 * How device lists follow one another: the changes an owner makes, and the judgement of everybody else (attack 39).
 * Times `now` are in ms since the epoch, as everywhere; what a list holds is in seconds.
 */
import { concat, type KeyPair, type Suite, toHex } from '../suite/index.ts'
import type { Device, DeviceId } from './device.ts'
import { DeviceListError } from './errors.ts'
import { type DeviceList, type SignedDeviceList, signDeviceList, type VerifiedDeviceList } from './list.ts'

/** Two years: long enough for somebody who is away, short enough that a stolen old list dies. */
export const DEVICE_LIST_LIFETIME_SECONDS = 2 * 365 * 24 * 3600

/** Version 1: a new account with its first device. */
export function firstDeviceList(suite: Suite, root: KeyPair<'ed25519'>, device: Device, now: number): SignedDeviceList {
  return signDeviceList(suite, root, { account: root.publicKey, version: 1, prev: concat(), devices: [device], ...validFrom(now) })
}

/**
 * For an owner who has only the phrase left: one device, no list to follow. Its number is the time, which is above every
 * number counted up from 1; `knownVersion` is for when a later one was seen after all.
 */
export function recoveredDeviceList(suite: Suite, root: KeyPair<'ed25519'>, device: Device, now: number, knownVersion = 0): SignedDeviceList {
  const version = Math.max(Math.floor(now / 1000), knownVersion + 1)
  return signDeviceList(suite, root, { account: root.publicKey, version, prev: concat(), devices: [device], ...validFrom(now) })
}

/** @throws DeviceListError malformed: too many devices, or one that is in the list already */
export function addDevice(suite: Suite, root: KeyPair<'ed25519'>, current: VerifiedDeviceList, device: Device, now: number): SignedDeviceList {
  return next(suite, root, current, [...current.list.devices, device], now)
}

/** @throws DeviceListError unknown-device; malformed when it is the last one */
export function removeDevice(suite: Suite, root: KeyPair<'ed25519'>, current: VerifiedDeviceList, device: DeviceId, now: number): SignedDeviceList {
  const left = current.list.devices.filter((entry) => toHex(entry.signing) !== toHex(device))
  if (left.length === current.list.devices.length) throw new DeviceListError('unknown-device')
  return next(suite, root, current, left, now)
}

/** The same devices with a new end. */
export function renewDeviceList(suite: Suite, root: KeyPair<'ed25519'>, current: VerifiedDeviceList, now: number): SignedDeviceList {
  return next(suite, root, current, current.list.devices, now)
}

function next(suite: Suite, root: KeyPair<'ed25519'>, current: VerifiedDeviceList, devices: readonly Device[], now: number): SignedDeviceList {
  const { account, version } = current.list
  return signDeviceList(suite, root, { account, version: version + 1, prev: current.hash, devices, ...validFrom(now) })
}

function validFrom(now: number): Pick<DeviceList, 'issuedAt' | 'notAfter'> {
  const issuedAt = Math.floor(now / 1000)
  return { issuedAt, notAfter: issuedAt + DEVICE_LIST_LIFETIME_SECONDS }
}

/**
 * What a list means to somebody who knows an earlier one. 'newer' follows the known one; 'recovered' was made from the
 * phrase alone and follows nothing: take it over, and tell the person. Whatever throws changes nothing and is shown.
 * @throws DeviceListError other-account | rollback | fork | unknown-prev
 */
export function acceptDeviceList(known: VerifiedDeviceList, next: VerifiedDeviceList): 'same' | 'newer' | 'recovered' {
  if (toHex(known.list.account) !== toHex(next.list.account)) throw new DeviceListError('other-account')
  if (toHex(known.hash) === toHex(next.hash)) return 'same'
  if (next.list.version < known.list.version) throw new DeviceListError('rollback')
  if (next.list.version === known.list.version) throw new DeviceListError('fork')
  if (next.list.prev.length === 0) return 'recovered'
  const follows = next.list.version === known.list.version + 1 && toHex(next.list.prev) === toHex(known.hash)
  if (!follows) throw new DeviceListError('unknown-prev')
  return 'newer'
}
