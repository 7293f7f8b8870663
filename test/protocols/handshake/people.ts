/** Accounts with one device each, and the two sides of a handshake between them. */
import { type DeviceSecrets, firstDeviceList, generateDevice, publicDevice, rootKey, signDeviceList } from '../../../protocols/identity/index.ts'
import { initiate, makeBundle, type PrekeyIds, type PrekeySecrets, respond, verifyBundle } from '../../../protocols/handshake/index.ts'
import { type KeyPair, noble, type Random, type Suite, u64, utf8 } from '../../../protocols/suite/index.ts'

export const NOW = 1_800_000_000_000
export const ONE_TIME: PrekeyIds = { signedPrekey: 7, pqPrekey: 8, ratchet: 9, oneTimePrekey: 10 }
export const LAST_RESORT: PrekeyIds = { signedPrekey: 7, pqPrekey: 8, ratchet: 9 }

/** Reproducible bytes. */
export function stream(seed: string): Random {
  let counter = 0
  return (length) => {
    const out = new Uint8Array(length)
    for (let at = 0; at < length; at += 64) out.set(noble.hash(utf8(seed), u64(counter++)).subarray(0, Math.min(64, length - at)), at)
    return out
  }
}

export interface Person {
  readonly root: KeyPair<'ed25519'>
  readonly device: DeviceSecrets
  readonly deviceList: Uint8Array
}

export function person(suite: Suite, name: string): Person {
  const random = stream(name)
  const root = rootKey(suite, random(32))
  const device = generateDevice(suite, random)
  return { root, device, deviceList: firstDeviceList(suite, root, publicDevice(device, name, NOW), NOW) }
}

/** A list by `owner` naming a device with these public keys, whoever holds their secrets. */
export function listNaming(suite: Suite, owner: Person, signing: Uint8Array, agreement: Uint8Array): Uint8Array {
  const addedAt = NOW / 1000
  return signDeviceList(suite, owner.root, {
    account: owner.root.publicKey,
    version: 1,
    prev: new Uint8Array(),
    devices: [{ signing, agreement, name: 'x', addedAt }],
    issuedAt: addedAt,
    notAfter: addedAt + 1000,
  })
}

export interface Published {
  readonly bundle: Uint8Array
  readonly secrets: PrekeySecrets
}

export const publish = (suite: Suite, owner: Person, ids: PrekeyIds = ONE_TIME): Published =>
  makeBundle(suite, stream('prekeys'), { device: owner.device, deviceList: owner.deviceList, notAfter: NOW + 600_000, ids })

export const start = (suite: Suite, from: Pick<Person, 'device' | 'deviceList'>, bundle: Uint8Array, secret?: Uint8Array) =>
  initiate(suite, stream('ephemeral'), { ...from, bundle: verifyBundle(suite, bundle, NOW), ...(secret && { secret }) })

export const answer = (suite: Suite, to: Person, prekeys: PrekeySecrets, message: Uint8Array, secret?: Uint8Array) =>
  respond(suite, { device: to.device, prekeys, message, now: NOW, ...(secret && { secret }) })

/** What both sides must share, as text to compare. */
export const shared = (secret: { root: Uint8Array; headerInitiator: Uint8Array; headerResponder: Uint8Array; transcript: Uint8Array }): string[] =>
  [secret.root, secret.headerInitiator, secret.headerResponder, secret.transcript].map((bytes) => Buffer.from(bytes).toString('hex'))
