import {
  acceptDeviceList,
  accountFingerprint,
  addDevice,
  type DeviceSecrets,
  decodeDeviceSecrets,
  encodeDeviceSecrets,
  ENTROPY_SIZE,
  entropyOf,
  firstDeviceList,
  generateDevice,
  recoveredDeviceList,
  recoveryPhrase,
  removeDevice,
  renewDeviceList,
  rootKey,
  safetyNumber,
  verifyDeviceList,
} from '../../protocols/identity/index.ts'
import { noble } from '../../protocols/suite/index.ts'
import { type Answer, command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { bytes, optional, record, text, whole } from '../fields.ts'

const entropy = bytes(ENTROPY_SIZE)
const device = record({ signing: bytes(32), agreement: bytes(32), addedAt: whole(), name: text })
/** A list that was accepted before: judged by time on arrival only. */
const known = (list: Uint8Array) => verifyDeviceList(noble, list, 0)

const deviceOf = (secrets: DeviceSecrets): Answer => ({
  device: encodeDeviceSecrets(noble, secrets),
  signing: secrets.signing.publicKey,
  agreement: secrets.agreement.publicKey,
})

export const identity: Commands = {
  account: command({ entropy }, (asked) => {
    const account = rootKey(noble, asked.entropy).publicKey
    return { account, phrase: recoveryPhrase(asked.entropy), fingerprint: accountFingerprint(noble, account) }
  }),
  words: command({ phrase: text }, ({ phrase }) => ({ entropy: entropyOf(phrase) })),
  device: command({ seed: bytes() }, ({ seed }) => deviceOf(generateDevice(noble, drawing(seed)))),
  readDevice: command({ device: bytes() }, (asked) => deviceOf(decodeDeviceSecrets(noble, asked.device))),
  firstList: command({ entropy, device, now: whole() }, (asked) => ({ list: firstDeviceList(noble, rootKey(noble, asked.entropy), asked.device, asked.now) })),
  recoveredList: command({ entropy, device, now: whole(), known: optional(whole()) }, (asked) => ({
    list: recoveredDeviceList(noble, rootKey(noble, asked.entropy), asked.device, asked.now, asked.known),
  })),
  addDevice: command({ entropy, list: bytes(), device, now: whole() }, (asked) => ({
    list: addDevice(noble, rootKey(noble, asked.entropy), known(asked.list), asked.device, asked.now),
  })),
  removeDevice: command({ entropy, list: bytes(), signing: bytes(32), now: whole() }, (asked) => ({
    list: removeDevice(noble, rootKey(noble, asked.entropy), known(asked.list), asked.signing, asked.now),
  })),
  renewList: command({ entropy, list: bytes(), now: whole() }, (asked) => ({ list: renewDeviceList(noble, rootKey(noble, asked.entropy), known(asked.list), asked.now) })),
  readList: command({ list: bytes(), now: whole() }, (asked) => {
    const { list, hash } = verifyDeviceList(noble, asked.list, asked.now)
    return { ...list, hash }
  }),
  judgeList: command({ known: bytes(), next: bytes(), now: whole() }, (asked) => ({
    verdict: acceptDeviceList(known(asked.known), verifyDeviceList(noble, asked.next, asked.now)),
  })),
  safetyNumber: command({ a: bytes(32), b: bytes(32) }, ({ a, b }) => ({ number: safetyNumber(noble, a, b) })),
}
