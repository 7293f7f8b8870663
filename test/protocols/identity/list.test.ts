import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  acceptDeviceList,
  addDevice,
  decodeDeviceSecrets,
  type Device,
  DEVICE_LIST_LIFETIME_SECONDS,
  DeviceListError,
  DeviceSecretsError,
  encodeDeviceSecrets,
  firstDeviceList,
  generateDevice,
  MAX_DEVICES,
  publicDevice,
  recoveredDeviceList,
  removeDevice,
  renewDeviceList,
  rootKey,
  type VerifiedDeviceList,
  verifyDeviceList,
} from '../../../protocols/identity/index.ts'
import { noble, toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'

const suite = openssl
const NOW = 1_800_000_000_000
const root = rootKey(suite, new Uint8Array(32).fill(1))
const otherRoot = rootKey(suite, new Uint8Array(32).fill(2))
const devices: Device[] = Array.from({ length: MAX_DEVICES + 1 }, (_, i) => publicDevice(generateDevice(suite, seededRandom(i)), `device ${i}`, NOW))
const [laptop, phone, tablet] = devices as [Device, Device, Device]

const read = (bytes: Uint8Array, now = NOW): VerifiedDeviceList => verifyDeviceList(suite, bytes, now)
const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'none'
  } catch (error) {
    assert.ok(error instanceof DeviceListError, String(error))
    return error.code
  }
}
const first = read(firstDeviceList(suite, root, laptop, NOW))
const second = read(addDevice(suite, root, first, phone, NOW + 1000))

describe('a signed device list', () => {
  it('refuses every flipped bit of every byte (attacks 6, 39, 57)', () => {
    for (let at = 0; at < second.bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = second.bytes.slice()
        wrong[at] = (wrong[at] as number) ^ (1 << bit)
        assert.notEqual(codeOf(() => read(wrong)), 'none', `byte ${at} bit ${bit}`)
      }
    }
  })

  it('refuses every prefix, and anything after its end (attack 57)', () => {
    for (let length = 0; length < second.bytes.length; length++) assert.equal(codeOf(() => read(second.bytes.subarray(0, length))), 'malformed')
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200, size: 'max' }), (tail) => {
        assert.equal(codeOf(() => read(new Uint8Array([...second.bytes, ...tail]))), 'malformed')
      }),
    )
  })

  it('answers any bytes with its own error', () => {
    const start = fc.constantFrom(new Uint8Array(), first.bytes.subarray(0, 60))
    fc.assert(fc.property(start, fc.uint8Array({ maxLength: 400, size: 'max' }), (head, tail) => assert.notEqual(codeOf(() => read(new Uint8Array([...head, ...tail]))), 'none')))
  })

  it('holds until the second its end begins, in both engines (attack 6)', () => {
    const end = first.list.notAfter * 1000
    assert.equal(first.list.notAfter, NOW / 1000 + DEVICE_LIST_LIFETIME_SECONDS)
    for (const engine of [noble, openssl]) {
      assert.deepEqual(verifyDeviceList(engine, first.bytes, end - 1).list, first.list)
      assert.equal(codeOf(() => verifyDeviceList(engine, first.bytes, end)), 'expired')
    }
  })

  it('is not touched by what happens to the bytes it came from', () => {
    const bytes = first.bytes.slice()
    const verified = read(bytes)
    bytes.fill(0)
    assert.deepEqual(verified, first)
  })

  it('holds the same content in the same bytes, whatever the order devices were named in (attack 57)', () => {
    const a = read(addDevice(suite, root, read(firstDeviceList(suite, root, laptop, NOW)), phone, NOW))
    assert.deepEqual(a.list.devices.map((device) => device.name).sort(), ['device 0', 'device 1'])
    assert.ok(toHex(a.list.devices[0]?.signing as Uint8Array) < toHex(a.list.devices[1]?.signing as Uint8Array))
  })

  it('is not signed when it would not be read', () => {
    const sixteen = devices.slice(1, MAX_DEVICES).reduce((list, device) => read(addDevice(suite, root, list, device, NOW)), first)
    assert.equal(sixteen.list.devices.length, MAX_DEVICES)
    const attempts = [
      () => addDevice(suite, root, sixteen, devices[MAX_DEVICES] as Device, NOW),
      () => addDevice(suite, root, first, laptop, NOW),
      () => addDevice(suite, root, first, { ...phone, agreement: laptop.agreement }, NOW),
      () => addDevice(suite, root, first, { ...phone, name: '가'.repeat(22) }, NOW),
      () => addDevice(suite, root, first, { ...phone, name: '\ud800' }, NOW),
      () => addDevice(suite, root, first, { ...phone, signing: root.publicKey }, NOW),
      () => addDevice(suite, root, first, { ...phone, signing: phone.signing.subarray(1) }, NOW),
      () => removeDevice(suite, root, first, laptop.signing, NOW),
    ]
    for (const attempt of attempts) assert.equal(codeOf(attempt), 'malformed')
    assert.equal(codeOf(() => removeDevice(suite, root, first, phone.signing, NOW)), 'unknown-device')
    assert.equal(codeOf(() => addDevice(suite, otherRoot, first, phone, NOW)), 'other-account')
    assert.equal(read(addDevice(suite, root, first, { ...phone, name: '가'.repeat(21) }, NOW)).list.devices.length, 2)
  })
})

describe('one device list after another', () => {
  /** A walk of an owner's changes, each step the index of a device to add or remove. */
  function walk(steps: number[]): VerifiedDeviceList[] {
    const lists = [first]
    for (const step of steps) {
      const current = lists.at(-1) as VerifiedDeviceList
      const device = devices[step % MAX_DEVICES] as Device
      const has = current.list.devices.some((entry) => toHex(entry.signing) === toHex(device.signing))
      const now = NOW + lists.length * 1000
      const change = !has
        ? addDevice(suite, root, current, device, now)
        : current.list.devices.length > 1
          ? removeDevice(suite, root, current, device.signing, now)
          : renewDeviceList(suite, root, current, now)
      lists.push(read(change))
    }
    return lists
  }
  const steps = fc.array(fc.nat({ max: MAX_DEVICES - 1 }), { minLength: 1, maxLength: 8 })

  it('accepts exactly the next one, and never goes back (attack 39)', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const lists = walk(changes)
        lists.forEach((known, i) =>
          lists.forEach((next, j) => {
            const run = (): void => assert.equal(acceptDeviceList(known, next), i === j ? 'same' : 'newer')
            assert.equal(codeOf(run), j < i ? 'rollback' : j > i + 1 ? 'unknown-prev' : 'none')
          }),
        )
      }),
      { numRuns: 25 },
    )
  })

  it('refuses the other branch of a fork, and all that grows on it (attack 39)', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const here = walk(changes)
        let branch = read(renewDeviceList(suite, root, first, NOW + 1))
        assert.equal(codeOf(() => acceptDeviceList(here[1] as VerifiedDeviceList, branch)), 'fork')
        for (let i = 2; i < here.length; i++) {
          branch = read(renewDeviceList(suite, root, branch, NOW + i))
          assert.equal(codeOf(() => acceptDeviceList(here[i - 1] as VerifiedDeviceList, branch)), 'unknown-prev')
          assert.equal(codeOf(() => acceptDeviceList(here[i] as VerifiedDeviceList, branch)), 'fork')
        }
      }),
      { numRuns: 25 },
    )
  })

  it('takes over a recovery, then nothing late from before it (attack 39)', () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 10 ** 9 }), (changes, later) => {
        const lists = walk(changes)
        const recovered = read(recoveredDeviceList(suite, root, tablet, NOW + later))
        assert.equal(recovered.list.prev.length, 0)
        for (const known of lists) {
          assert.equal(acceptDeviceList(known, recovered), 'recovered')
          assert.equal(codeOf(() => acceptDeviceList(recovered, known)), 'rollback')
        }
        const after = read(addDevice(suite, root, recovered, phone, NOW + later))
        assert.equal(acceptDeviceList(recovered, after), 'newer')
      }),
      { numRuns: 15 },
    )
  })

  it('numbers a second recovery above the first, also when the clock went back', () => {
    const once = read(recoveredDeviceList(suite, root, tablet, NOW))
    const again = read(recoveredDeviceList(suite, root, laptop, NOW - 10 ** 9, once.list.version))
    assert.equal(again.list.version, once.list.version + 1)
    assert.equal(acceptDeviceList(once, again), 'recovered')
    assert.equal(codeOf(() => acceptDeviceList(once, read(recoveredDeviceList(suite, root, laptop, NOW - 10 ** 9)))), 'rollback')
  })

  it('refuses the list of another account (attack 39)', () => {
    const other = read(firstDeviceList(suite, otherRoot, laptop, NOW))
    assert.equal(codeOf(() => acceptDeviceList(first, other)), 'other-account')
  })

  it('leaves what it was given as it was', () => {
    const before = structuredClone({ list: second.list, bytes: second.bytes, hash: second.hash })
    removeDevice(suite, root, second, phone.signing, NOW)
    renewDeviceList(suite, root, second, NOW)
    acceptDeviceList(first, second)
    assert.deepEqual({ list: second.list, bytes: second.bytes, hash: second.hash }, before)
  })
})

describe('device secrets', () => {
  it('come back from storage, in either engine', () => {
    for (const [here, there] of [[noble, openssl], [openssl, noble]] as const) {
      const secrets = generateDevice(here, seededRandom(1))
      const back = decodeDeviceSecrets(there, encodeDeviceSecrets(here, secrets))
      assert.deepEqual(back.signing.publicKey, secrets.signing.publicKey)
      assert.deepEqual(back.agreement.publicKey, secrets.agreement.publicKey)
    }
  })

  it('are refused in any other length or version, with nothing of them in the error (attack 109)', () => {
    const bytes = encodeDeviceSecrets(suite, generateDevice(suite, seededRandom(2)))
    const code = (value: Uint8Array): unknown => {
      try {
        return decodeDeviceSecrets(suite, value)
      } catch (error) {
        assert.ok(error instanceof DeviceSecretsError)
        assert.deepEqual(Reflect.ownKeys(error).sort(), ['code', 'message', 'name', 'stack'])
        return error.code
      }
    }
    for (let length = 0; length < bytes.length; length++) assert.equal(code(bytes.subarray(0, length)), 'malformed')
    assert.equal(code(new Uint8Array([...bytes, 0])), 'malformed')
    assert.equal(code(new Uint8Array([0, ...bytes.subarray(1)])), 'malformed')
    assert.equal(code(new Uint8Array([2, ...bytes.subarray(1)])), 'newer-version')
  })
})
