export {
  type Device,
  type DeviceId,
  type DeviceSecrets,
  decodeDeviceSecrets,
  encodeDeviceSecrets,
  generateDevice,
  publicDevice,
} from './device.ts'
export { DeviceListError, DeviceSecretsError, PhraseError } from './errors.ts'
export { accountFingerprint, formatSafetyNumber, safetyNumber } from './fingerprint.ts'
export {
  acceptDeviceList,
  addDevice,
  DEVICE_LIST_LIFETIME_SECONDS,
  firstDeviceList,
  recoveredDeviceList,
  removeDevice,
  renewDeviceList,
} from './history.ts'
export {
  type DeviceList,
  MAX_DEVICE_LIST,
  MAX_DEVICE_NAME,
  MAX_DEVICES,
  type SignedDeviceList,
  signDeviceList,
  type VerifiedDeviceList,
  verifyDeviceList,
} from './list.ts'
export { type AccountId, ENTROPY_SIZE, entropyOf, recoveryPhrase, rootKey } from './phrase.ts'
