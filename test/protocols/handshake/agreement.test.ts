import assert from 'node:assert/strict'
import { decodePrekeySecrets, encodePrekeySecrets, peekPrekeyIds } from '../../../protocols/handshake/index.ts'
import { type KeyPair, noble, type Suite } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { answer, LAST_RESORT, ONE_TIME, person, type Person, publish, type Published, shared, start } from './people.ts'

const PAIRING = new Uint8Array(16).fill(5)

const movedKey = <K extends 'x25519' | 'ed25519'>(from: Suite, to: Suite, pair: KeyPair<K>): KeyPair<K> =>
  to.importSecret(pair.kind, from.exportSecret(pair.secretKey))

const moved = (from: Suite, to: Suite, who: Person): Person => ({
  root: movedKey(from, to, who.root),
  device: { signing: movedKey(from, to, who.device.signing), agreement: movedKey(from, to, who.device.agreement) },
  deviceList: who.deviceList,
})

const movedPrekeys = (from: Suite, to: Suite, published: Published): Published => ({
  bundle: published.bundle,
  secrets: decodePrekeySecrets(to, encodePrekeySecrets(from, published.secrets)),
})

describe('the handshake', () => {
  const alice = person(openssl, 'alice')
  const bob = person(openssl, 'bob')

  for (const [kind, ids] of Object.entries({ 'one-time': ONE_TIME, 'last-resort': LAST_RESORT })) {
    for (const pairing of [undefined, PAIRING]) {
      it(`gives both sides the same secrets (${kind}, ${pairing ? 'with' : 'without'} a pairing secret)`, () => {
        const published = publish(openssl, bob, ids)
        const hers = start(openssl, alice, published.bundle, pairing)
        const his = answer(openssl, bob, published.secrets, hers.message, pairing)
        assert.deepEqual(shared(his.secret), shared(hers.secret))
        assert.equal(new Set(shared(hers.secret)).size, 4, 'four different secrets')
        assert.deepEqual(his.peer.device, alice.device.signing.publicKey)
        assert.deepEqual(his.peer.list.list.account, alice.root.publicKey)
        assert.deepEqual(hers.peer, { account: bob.root.publicKey, device: bob.device.signing.publicKey })
        assert.deepEqual(hers.secret.ratchet.peerDh, his.secret.ratchet.dh.publicKey)
        assert.deepEqual(hers.secret.ratchet.peerKem, his.secret.ratchet.kem.publicKey)
        assert.deepEqual(peekPrekeyIds(hers.message), ids)
      })
    }
  }

  for (const [initiator, responder] of [[noble, openssl], [openssl, noble]] as const) {
    it(`agrees between ${initiator.name} and ${responder.name}`, () => {
      const published = movedPrekeys(openssl, responder, publish(openssl, bob))
      const hers = start(initiator, moved(openssl, initiator, alice), published.bundle, PAIRING)
      const his = answer(responder, moved(openssl, responder, bob), published.secrets, hers.message, PAIRING)
      assert.deepEqual(shared(his.secret), shared(hers.secret))
    })
  }

  it('keeps the prekeys in the store without loss', () => {
    for (const ids of [ONE_TIME, LAST_RESORT]) {
      const { secrets } = publish(openssl, bob, ids)
      const stored = encodePrekeySecrets(openssl, secrets)
      assert.deepEqual(encodePrekeySecrets(openssl, decodePrekeySecrets(openssl, stored)), stored)
    }
  })

  it('refuses stored prekeys that are not those of their bundle', () => {
    const stored = encodePrekeySecrets(openssl, publish(openssl, bob).secrets)
    for (const at of [2, 34, 98, 130, 194]) {
      const changed = stored.slice()
      changed[at] = (changed[at] as number) ^ 8
      assert.throws(() => decodePrekeySecrets(openssl, changed), { name: 'HandshakeError', code: 'malformed' })
    }
  })

  it('gives another secret without the pairing secret, or with another', () => {
    const { bundle, secrets } = publish(openssl, bob)
    const hers = start(openssl, alice, bundle, PAIRING)
    for (const other of [undefined, new Uint8Array(16), new Uint8Array(16).fill(6)]) {
      assert.notEqual(shared(answer(openssl, bob, secrets, hers.message, other).secret)[0], shared(hers.secret)[0])
    }
    assert.throws(() => start(openssl, alice, bundle, new Uint8Array(15)), new RangeError('a pairing secret is 16 bytes'))
  })

  it('gives the same secret for the same message again, so that its receiver can tell a replay (attack 9)', () => {
    const { bundle, secrets } = publish(openssl, bob)
    const { message } = start(openssl, alice, bundle)
    assert.deepEqual(shared(answer(openssl, bob, secrets, message).secret), shared(answer(openssl, bob, secrets, message).secret))
  })

  it('refuses to talk to itself', () => {
    const { bundle, secrets } = publish(openssl, bob)
    assert.throws(() => start(openssl, bob, bundle), { code: 'own-device' })
    const { message } = start(openssl, alice, bundle)
    const reflected = message.slice()
    reflected.set(bob.device.signing.publicKey, 34)
    assert.throws(() => answer(openssl, bob, secrets, reflected), { code: 'own-device' })
  })
})
