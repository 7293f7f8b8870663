/** Making the identity a profile starts with, new or restored from its words. */
import { shortenName } from '../../protocols/content/index.ts'
import {
  encodeDeviceSecrets,
  entropyOf,
  firstDeviceList,
  generateDevice,
  MAX_DEVICE_NAME,
  publicDevice,
  recoveredDeviceList,
  recoveryPhrase,
  rootKey,
} from '../../protocols/identity/index.ts'
import type { Suite } from '../../protocols/suite/index.ts'
import { MessengerError } from './errors.ts'
import type { Random, Store } from './ports.ts'
import { checkedName } from './profile.ts'

/** Bytes behind 24 words (BIP-39). */
const ENTROPY_BYTES = 32

/**
 * @param options `phrase`: the words of an account to restore. The device is new either way; a restored account signs it in by
 * a device list that starts anew, which its contacts accept because it is newer and bears the root signature.
 * `keepWords`: the person has not seen them yet, and may ask for them until they say that they are on paper.
 * @returns the recovery phrase, which is kept nowhere else
 * @throws PhraseError, MessengerError 'conflict'
 */
export async function createIdentity(
  parts: { suite: Suite; store: Store; random: Random; now: number },
  options: { name: string; phrase?: string; keepWords?: boolean },
): Promise<{ phrase: string }> {
  const { suite, store, random, now } = parts
  if (store.self()) throw new MessengerError('conflict', 'there is an identity here already', 'choose another --home for a second one')
  const name = checkedName(options.name)
  const entropy = options.phrase === undefined ? random(ENTROPY_BYTES) : entropyOf(options.phrase)
  const root = rootKey(suite, entropy)
  const device = generateDevice(suite, random)
  const entry = publicDevice(device, shortenName(name, MAX_DEVICE_NAME), now)
  const sign = options.phrase === undefined ? firstDeviceList : recoveredDeviceList
  const deviceList = sign(suite, root, entry, now)
  await store.commit([
    { put: 'self', row: { entropy, device: encodeDeviceSecrets(suite, device), deviceList, name, picture: undefined } },
    ...(options.keepWords === true ? [{ put: 'setting', key: WORDS, value: 'waiting' } as const] : []),
  ])
  return { phrase: recoveryPhrase(entropy) }
}

const WORDS = 'recoveryWords'

/** Nobody has said yet that the 24 words are on paper. */
export const wordsWaiting = (store: Store): boolean => store.setting(WORDS) === 'waiting'

/**
 * The words, while they wait; with `forget` for the last time.
 * @throws MessengerError 'not-found' afterwards
 */
export async function recoveryWords(store: Store, forget: boolean): Promise<string> {
  const self = store.self()
  if (!self || !wordsWaiting(store)) throw new MessengerError('not-found', 'the recovery phrase was written down and is shown no more', 'it is on your paper')
  if (forget) await store.commit([{ put: 'setting', key: WORDS, value: 'written' }])
  return recoveryPhrase(self.entropy)
}
