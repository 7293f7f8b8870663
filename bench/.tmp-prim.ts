import { createCipheriv, createDecipheriv, createSecretKey, createHmac, hash as digest, timingSafeEqual, randomFillSync, generateKeyPairSync, encapsulate, decapsulate, diffieHellman, createPublicKey, createPrivateKey } from 'node:crypto'
import { noble, concat } from '../protocols/suite/index.ts'
import { openssl, secureRandom } from '../src/crypto/index.ts'
import { chacha20poly1305, chacha20, _poly1305_aead } from '@noble/ciphers/chacha.js'
import { poly1305 } from '@noble/ciphers/_poly1305.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { hmac } from '@noble/hashes/hmac.js'
function t(name: string, f: () => unknown, n = 400) {
  const xs: number[] = []
  for (let r = 0; r < 60; r++) { const s = performance.now(); for (let i = 0; i < n; i++) f(); xs.push((performance.now() - s) / n * 1000) }
  xs.sort((a, b) => a - b); console.log(name.padEnd(44), xs[5].toFixed(2), xs[30].toFixed(2))
}
const k = secureRandom(32), n12 = new Uint8Array(12), ad = secureRandom(32)
for (const L of [4, 100, 1024, 2312, 4096]) {
  const m = secureRandom(L)
  t(`openssl seal ${L}`, () => openssl.seal(k, n12, m, ad))
  const c = openssl.seal(k, n12, m, ad)
  t(`openssl open ${L}`, () => openssl.open(k, n12, c, ad))
  t(`noble seal ${L}`, () => noble.seal(k, n12, m, ad))
  t(`noble open ${L}`, () => noble.open(k, n12, c, ad))
  t(`hash digest ${L}`, () => digest('sha512', m, 'buffer'))
  t(`openssl hmac ${L}`, () => openssl.hmac(k, m))
  t(`noble sha512 ${L}`, () => sha512(m))
  t(`noble hmac ${L}`, () => noble.hmac(k, m))
  t(`noble poly1305 ${L}`, () => poly1305(m, k))
  t(`noble chacha20 ${L}`, () => chacha20(k, n12, m))
  t(`equal ${L}`, () => openssl.equal(m, c.subarray(0, L)))
}
t('noble sha512 64', () => sha512(secureRandom(64)))
t('digest hex 64', () => digest('sha512', k, 'hex'))
t('createSecretKey', () => createSecretKey(k))
t('random16', () => secureRandom(16))
const dh = generateKeyPairSync('x25519'), dh2 = generateKeyPairSync('x25519'), km = generateKeyPairSync('ml-kem-768')
t('gen x25519', () => generateKeyPairSync('x25519'), 20)
t('gen mlkem768', () => generateKeyPairSync('ml-kem-768'), 20)
t('gen mlkem768 + export', () => generateKeyPairSync('ml-kem-768').publicKey.export({ format: 'raw-public' }), 20)
t('dh', () => diffieHellman({ privateKey: dh.privateKey, publicKey: dh2.publicKey }), 20)
t('encaps', () => encapsulate(km.publicKey), 20)
const ct = encapsulate(km.publicKey).ciphertext
t('decaps', () => decapsulate(km.privateKey, ct), 20)
const raw = km.publicKey.export({ format: 'raw-public' })
t('import mlkem pub', () => createPublicKey({ key: raw, format: 'raw-public', asymmetricKeyType: 'ml-kem-768' }), 20)
const rawx = dh.publicKey.export({ format: 'raw-public' })
t('import x pub', () => createPublicKey({ key: rawx, format: 'raw-public', asymmetricKeyType: 'x25519' }), 20)
const seedx = dh.privateKey.export({ format: 'raw-private' }), seedk = km.privateKey.export({ format: 'raw-seed' })
t('import x priv', () => createPrivateKey({ key: seedx, format: 'raw-private', asymmetricKeyType: 'x25519' }), 20)
t('import mlkem seed', () => createPrivateKey({ key: seedk, format: 'raw-seed', asymmetricKeyType: 'ml-kem-768' }), 20)
t('export mlkem pub', () => km.publicKey.export({ format: 'raw-public' }), 20)
t('export mlkem seed', () => km.privateKey.export({ format: 'raw-seed' }), 20)
t('noble gen mlkem768', () => noble.generate('ml-kem-768', secureRandom), 5)
t('noble x25519', () => noble.generate('x25519', secureRandom), 5)
