import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import {
  acceptDeviceList,
  accountFingerprint,
  decodeDeviceSecrets,
  DeviceListError,
  encodeDeviceSecrets,
  entropyOf,
  MAX_DEVICE_LIST,
  PhraseError,
  recoveryPhrase,
  rootKey,
  safetyNumber,
  signDeviceList,
  verifyDeviceList,
} from '../../../protocols/identity/index.ts'
import { fromHex, noble, type Suite, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/identity.ts'
import { openssl } from '../../../src/crypto/index.ts'

const text = readFileSync(new URL('../../../protocols/identity/vectors.json', import.meta.url), 'utf8')
const stored = JSON.parse(text) as ReturnType<typeof vectors>

const listCode = (run: () => unknown): string => {
  try {
    return String(run())
  } catch (error) {
    assert.ok(error instanceof DeviceListError, String(error))
    return error.code
  }
}

describe('the vectors of the identity room', () => {
  it('are what the readable twin makes', () => {
    assert.equal(text, `${JSON.stringify(vectors(), null, 2)}\n`)
  })

  it('reach the longest list there is', () => {
    assert.equal(Math.max(...stored.lists.map((test) => test.bytes.length / 2)), MAX_DEVICE_LIST)
  })

  for (const suite of [noble, openssl]) describe(`with ${suite.name}`, () => check(suite))
})

function check(suite: Suite): void {
  it('give the phrase and the account of an entropy, and back', () => {
    for (const test of stored.phrases) {
      const entropy = fromHex(test.entropy)
      const root = rootKey(suite, entropy)
      assert.equal(recoveryPhrase(entropy), test.phrase)
      assert.deepEqual(entropyOf(test.phrase), entropy)
      assert.equal(toHex(suite.exportSecret(root.secretKey)), test.rootSeed)
      assert.equal(toHex(root.publicKey), test.account)
    }
    for (const test of stored.refusedPhrases) {
      assert.throws(() => entropyOf(test.phrase), (error) => error instanceof PhraseError && error.code === test.code)
    }
  })

  it('encode device secrets', () => {
    for (const test of stored.deviceSecrets) {
      const secrets = {
        signing: suite.importSecret('ed25519', fromHex(test.signing)),
        agreement: suite.importSecret('x25519', fromHex(test.agreement)),
      }
      assert.equal(toHex(encodeDeviceSecrets(suite, secrets)), test.bytes)
      const back = decodeDeviceSecrets(suite, fromHex(test.bytes))
      assert.deepEqual([back.signing.publicKey, back.agreement.publicKey], [secrets.signing.publicKey, secrets.agreement.publicKey])
    }
  })

  it('sign and read every list', () => {
    const root = rootKey(suite, fromHex(stored.phrases[1]?.entropy as string))
    for (const { name, list, bytes, hash } of stored.lists) {
      const fields = {
        ...list,
        account: fromHex(list.account),
        prev: fromHex(list.prev),
        devices: list.devices.map((device) => ({ ...device, signing: fromHex(device.signing), agreement: fromHex(device.agreement) })),
      }
      assert.equal(toHex(signDeviceList(suite, root, fields)), bytes, name)
      const verified = verifyDeviceList(suite, fromHex(bytes), list.issuedAt * 1000)
      assert.deepEqual(verified.list, fields, name)
      assert.equal(toHex(verified.hash), hash, name)
    }
  })

  it('refuse every list that breaks a rule, with its code (attacks 6, 39, 57)', () => {
    for (const test of stored.refusedLists) {
      assert.equal(listCode(() => verifyDeviceList(suite, fromHex(test.bytes), test.now)), test.code, test.name)
    }
  })

  it('judge every pair of lists (attack 39)', () => {
    for (const test of stored.judged) {
      const [known, next] = [test.known, test.next].map((bytes) => verifyDeviceList(suite, fromHex(bytes), 0))
      assert.ok(known && next)
      assert.equal(listCode(() => acceptDeviceList(known, next)), test.verdict, test.name)
    }
  })

  it('compare and show accounts', () => {
    for (const test of stored.safetyNumbers) assert.equal(safetyNumber(suite, fromHex(test.a), fromHex(test.b)), test.number)
    for (const test of stored.fingerprints) assert.equal(accountFingerprint(suite, fromHex(test.account)), test.fingerprint)
  })
}
