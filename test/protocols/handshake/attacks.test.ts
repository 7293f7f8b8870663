import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeBundle, signBundle } from '../../../protocols/handshake/bundle.ts'
import { encodePrekeySecrets, HandshakeError, respond, verifyBundle } from '../../../protocols/handshake/index.ts'
import { decodeMessage, encodeMessage } from '../../../protocols/handshake/message.ts'
import { deriveSecret } from '../../../protocols/handshake/schedule.ts'
import type { KeyPair } from '../../../protocols/suite/index.ts'
import { openssl as suite } from '../../../src/crypto/index.ts'
import { answer, LAST_RESORT, listNaming, NOW, person, publish, shared, start, stream } from './people.ts'

/** The secret root, or the code of the refusal. Anything else thrown is a bug. */
function outcome(run: () => { secret: { root: Uint8Array } }): string {
  try {
    return Buffer.from(run().secret.root).toString('hex')
  } catch (error) {
    if (error instanceof HandshakeError) return error.code
    throw error
  }
}

describe('the handshake under attack', () => {
  const alice = person(suite, 'alice')
  const bob = person(suite, 'bob')
  const mallory = person(suite, 'mallory')
  const { bundle, secrets } = publish(suite, bob)
  const hers = start(suite, alice, bundle)
  const root = Buffer.from(hers.secret.root).toString('hex')

  it('turns every changed byte of the message into an error or another secret, and changes nothing (attacks 10, 14)', () => {
    const prekeysBefore = encodePrekeySecrets(suite, secrets)
    for (let at = 0; at < hers.message.length; at++) {
      const changed = hers.message.slice()
      changed[at] = (changed[at] as number) ^ (1 << at % 8)
      const given = changed.slice()
      assert.notEqual(outcome(() => answer(suite, bob, secrets, given)), root, `byte ${at}`)
      assert.deepEqual(given, changed)
    }
    assert.deepEqual(encodePrekeySecrets(suite, secrets), prekeysBefore)
    assert.equal(outcome(() => answer(suite, bob, secrets, hers.message)), root, 'the prekeys still answer the real message')
  })

  it('refuses every changed byte of a bundle (attack 5)', () => {
    for (let at = 0; at < bundle.length; at++) {
      const changed = bundle.slice()
      changed[at] = (changed[at] as number) ^ (1 << at % 8)
      assert.throws(() => verifyBundle(suite, changed, NOW), HandshakeError, `byte ${at}`)
    }
  })

  it('refuses prekeys exchanged between their places, kinds and ids (attack 5)', () => {
    const real = decodeBundle(bundle)
    const other = decodeBundle(publish(suite, mallory).bundle)
    const oneTime = real.oneTimePrekey as { id: number; key: Uint8Array }
    const swaps = {
      'signed prekey <-> one-time prekey': { signedPrekey: oneTime, oneTimePrekey: real.signedPrekey },
      'signed prekey <-> ratchet key': { signedPrekey: { ...real.signedPrekey, key: real.ratchet.dh }, ratchet: { ...real.ratchet, dh: real.signedPrekey.key } },
      'ids of signed and KEM prekey': { signedPrekey: { ...real.signedPrekey, id: real.pqPrekey.id }, pqPrekey: { ...real.pqPrekey, id: real.signedPrekey.id } },
      'ids of one-time prekey and ratchet': { oneTimePrekey: { ...oneTime, id: real.ratchet.id }, ratchet: { ...real.ratchet, id: oneTime.id } },
      'signed prekey of another device': { signedPrekey: other.signedPrekey },
      'KEM prekey of another device': { pqPrekey: other.pqPrekey },
      'one-time prekey of another device': { oneTimePrekey: other.oneTimePrekey as { id: number; key: Uint8Array } },
      'ratchet keys of another device': { ratchet: other.ratchet },
      'device list of another account': { deviceList: other.deviceList },
      'device of another account': { device: other.device },
    }
    for (const [name, swap] of Object.entries(swaps)) {
      const swapped = signBundle(suite, mallory.device.signing.secretKey, { ...real, ...swap })
      swapped.set(bundle.subarray(-64), swapped.length - 64) // the real signature
      for (const forged of [swapped, signBundle(suite, mallory.device.signing.secretKey, { ...real, ...swap })]) {
        assert.throws(() => verifyBundle(suite, forged, NOW), (error: HandshakeError) => ['signature', 'unlisted-device'].includes(error.code), name)
      }
    }
    const { oneTimePrekey: _, ...without } = real
    const stripped = signBundle(suite, mallory.device.signing.secretKey, { ...without, pqPrekey: { ...real.pqPrekey, kind: 'last-resort' } })
    assert.throws(() => verifyBundle(suite, stripped, NOW), { code: 'signature' })
  })

  it('refuses a message that names other prekeys, whatever kind or id (attack 5)', () => {
    const message = decodeMessage(hers.message)
    const { oneTimePrekey: _, ...withoutOneTime } = message.ids
    const variants = [
      { ...message, ids: { ...message.ids, signedPrekey: 8 } },
      { ...message, ids: { ...message.ids, pqPrekey: 7 } },
      { ...message, ids: { ...message.ids, ratchet: 7 } },
      { ...message, ids: { ...message.ids, oneTimePrekey: 7 } },
      { ...message, kind: 'last-resort' as const, ids: withoutOneTime },
      { ...message, bundleHash: new Uint8Array(32) },
    ]
    for (const variant of variants) assert.equal(outcome(() => answer(suite, bob, secrets, encodeMessage(variant))), 'wrong-prekeys')
  })

  it('refuses a bundle that lost its signature, its device list or any other part (attack 6)', () => {
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), fc.integer({ min: 1, max: bundle.length }), (from, length) => {
        const cut = Buffer.concat([bundle.subarray(0, from), bundle.subarray(from + length)])
        assert.throws(() => verifyBundle(suite, new Uint8Array(cut), NOW), HandshakeError)
      }),
      { numRuns: 300 },
    )
    const unsigned = bundle.slice()
    unsigned.fill(0, -64)
    assert.throws(() => verifyBundle(suite, unsigned, NOW), { code: 'signature' })
  })

  it('refuses an expired bundle and expired device lists, by the clock it is given (attack 6)', () => {
    const { notAfter } = decodeBundle(bundle)
    assert.doesNotThrow(() => verifyBundle(suite, bundle, notAfter - 1))
    assert.throws(() => verifyBundle(suite, bundle, notAfter), { code: 'expired' })
    const tenYears = 10 * 365 * 24 * 3600 * 1000
    assert.throws(() => verifyBundle(suite, bundle, NOW + tenYears), { code: 'device-list' })
    const late = { device: bob.device, prekeys: secrets, message: hers.message, now: NOW + tenYears }
    assert.throws(() => respond(suite, late), { code: 'device-list' })
  })

  it('does not let a thief of the responder’s long-term keys pose as somebody else (attack 7)', () => {
    // everything of Bob but the signed prekey is known; Alice's agreement key is not
    const posing = { deviceList: alice.deviceList, device: { signing: alice.device.signing, agreement: mallory.device.agreement } }
    const forged = start(suite, posing, bundle)
    const his = answer(suite, bob, secrets, forged.message)
    assert.deepEqual(his.peer.device, alice.device.signing.publicKey, 'it claims to be Alice')
    assert.notEqual(shared(his.secret)[0], shared(forged.secret)[0])

    const message = decodeMessage(forged.message)
    const ika = alice.device.agreement.publicKey
    const known: KeyPair<'x25519'>[] = [bob.device.agreement, secrets.ratchetDh, secrets.oneTimePrekey as KeyPair<'x25519'>, mallory.device.agreement]
    const rest = [bob.device.agreement, secrets.signedPrekey, secrets.oneTimePrekey as KeyPair<'x25519'>].map((key) => suite.dh(key.secretKey, message.ephemeral))
    const kem = suite.decapsulate(secrets.pqPrekey.secretKey, message.ciphertext)
    for (const key of known) {
      const guess = deriveSecret(suite, forged.message, { dh: [suite.dh(key.secretKey, ika), ...rest], kem, pairing: undefined })
      assert.notEqual(shared(guess)[0], shared(his.secret)[0])
    }
  })

  it('has the limit its README states: a thief of a signed prekey still in use can pose as anyone to its owner, so streams authenticate devices too (attack 7)', () => {
    const ephemeral = suite.generate('x25519', stream('thief'))
    const message = encodeMessage({ ...decodeMessage(hers.message), ephemeral: ephemeral.publicKey })
    const target = decodeBundle(bundle)
    const dh = [
      suite.dh(secrets.signedPrekey.secretKey, alice.device.agreement.publicKey),
      ...[bob.device.agreement.publicKey, target.signedPrekey.key, target.oneTimePrekey?.key as Uint8Array].map((key) => suite.dh(ephemeral.secretKey, key)),
    ]
    const kem = suite.decapsulate(secrets.pqPrekey.secretKey, decodeMessage(message).ciphertext)
    const thief = deriveSecret(suite, message, { dh, kem, pairing: undefined })
    assert.deepEqual(shared(answer(suite, bob, secrets, message).secret), shared(thief))
  })

  it('gives two talkers different secrets when somebody between them relays under another name (attack 8)', () => {
    // Mallory claims Alice's agreement key as her own device's and passes Alice's message on
    const claimed = listNaming(suite, mallory, mallory.device.signing.publicKey, alice.device.agreement.publicKey)
    const relayed = encodeMessage({ ...decodeMessage(hers.message), device: mallory.device.signing.publicKey, deviceList: claimed })
    const his = answer(suite, bob, secrets, relayed)
    assert.notDeepEqual(shared(his.secret), shared(hers.secret))
    assert.notDeepEqual(his.secret.transcript, hers.secret.transcript)

    // Mallory publishes Bob's keys as hers, so that Alice believes she talks to Mallory
    const claim = listNaming(suite, mallory, mallory.device.signing.publicKey, bob.device.agreement.publicKey)
    const posing = signBundle(suite, mallory.device.signing.secretKey, { ...decodeBundle(bundle), device: mallory.device.signing.publicKey, deviceList: claim })
    const toMallory = start(suite, alice, posing)
    assert.equal(outcome(() => answer(suite, bob, secrets, toMallory.message)), 'wrong-prekeys')
    const passedOn = encodeMessage({ ...decodeMessage(toMallory.message), bundleHash: decodeMessage(hers.message).bundleHash })
    assert.notDeepEqual(shared(answer(suite, bob, secrets, passedOn).secret), shared(toMallory.secret))
  })

  it('marks a last-resort start in what both sides bind, and never takes it for a one-time one (attack 11)', () => {
    const lastResort = publish(suite, bob, LAST_RESORT)
    const started = start(suite, alice, lastResort.bundle)
    assert.equal(started.message[1], 0x22)
    assert.equal(outcome(() => answer(suite, bob, secrets, started.message)), 'wrong-prekeys')
    assert.equal(outcome(() => answer(suite, bob, lastResort.secrets, hers.message)), 'wrong-prekeys')
  })

  it('has no version, suite or field to negotiate: any cut or foreign head is refused (attack 12)', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (version, form) => {
        fc.pre(version !== 1 || form !== 0x21)
        const changed = hers.message.slice()
        changed.set([version, form])
        const code = outcome(() => answer(suite, bob, secrets, changed))
        assert.equal(code, version > 1 ? 'newer-version' : 'malformed')
      }),
    )
    fc.assert(
      fc.property(fc.nat(hers.message.length - 1), fc.integer({ min: 1, max: 1600 }), (from, length) => {
        const cut = Buffer.concat([hers.message.subarray(0, from), hers.message.subarray(from + length)])
        const code = outcome(() => answer(suite, bob, secrets, new Uint8Array(cut)))
        assert.ok(['malformed', 'newer-version'].includes(code), code)
      }),
      { numRuns: 300 },
    )
  })

  it('takes none of its byte tables for another (attack 24)', () => {
    const tables = { bundle, message: hers.message, secrets: encodePrekeySecrets(suite, secrets), list: alice.deviceList, empty: new Uint8Array() }
    for (const [name, bytes] of Object.entries(tables)) {
      if (name !== 'bundle') assert.throws(() => verifyBundle(suite, bytes, NOW), { code: 'malformed' }, name)
      if (name !== 'message') assert.throws(() => decodeMessage(bytes), { code: 'malformed' }, name)
    }
  })
})
