/**
 * Vectors of the suite. Ed25519 verdicts and X25519 outcomes come from the readable twin's own arithmetic; the ML-KEM
 * and AEAD entries fix our conventions (seed order, where the tag goes) and are computed by noble, whose arithmetic the
 * public vectors check.
 */
import { fromHex, LABEL, noble, toHex } from '../../protocols/suite/index.ts'
import {
  BASE,
  craft,
  encoded,
  encodePoint,
  hkdf,
  hmac,
  labelled,
  NOTHING,
  ORDER,
  PRIME,
  sha512,
  times,
  torsion,
  verify,
  x25519,
  x25519Public,
} from '../../test/reference/suite.ts'

const SMALL = torsion()

const fill = (byte: string, length: number): string => byte.repeat(length)
const text = (value: string): string => Buffer.from(value).toString('hex')

function labels() {
  const cases: [string, string[]][] = [
    [LABEL.identityRoot, []],
    [LABEL.deviceList, ['00']],
    [LABEL.transcript, ['', 'ff', fill('ab', 300)]],
  ]
  return cases.map(([label, fields]) => ({ label, fields, bytes: labelled(label, fields) }))
}

function derivations() {
  const cases: [string, string, string, number][] = [
    ['', fill('0b', 22), '', 42],
    [fill('aa', 131), fill('0c', 32), labelled(LABEL.ratchetRoot, ['01']), 96],
    [fill('bb', 64), '', fill('cc', 10), 200],
  ]
  return cases.map(([salt, ikm, info, length]) => ({ salt, ikm, info, length, output: hkdf(salt, ikm, info, length) }))
}

function macs() {
  const cases: [string, string][] = [
    ['', ''],
    [fill('0b', 20), text('Hi There')],
    [fill('aa', 128), text('a key of one block')],
    [fill('aa', 131), text('a longer key')],
  ]
  return cases.map(([key, message]) => ({ key, message, tag: hmac(key, message) }))
}

function agreements() {
  const secret = fill('77', 32)
  const peer = x25519Public(fill('5d', 32))
  const cases = {
    'an ordinary key': peer,
    'the same with the high bit set': encoded(BigInt(`0x${Buffer.from(peer, 'hex').reverse().toString('hex')}`) + 2n ** 255n),
    'u = 2, on the twist': encoded(2n),
    'u = 0': encoded(0n),
    'u = 1': encoded(1n),
    'u = p - 1': encoded(PRIME - 1n),
    'u = p, which is 0': encoded(PRIME),
    'u = p + 9, which is the base point': encoded(PRIME + 9n),
  }
  return Object.entries(cases).map(([name, publicKey]) => {
    const outcome = x25519(secret, publicKey)
    return { name, secret, publicKey, ...(outcome.length === 64 ? { shared: outcome } : { refused: outcome }) }
  })
}

function signatures() {
  const message = text('dure')
  const [secret, nonce] = [123456789n, 987654321n]
  const good = craft(secret, nonce, message, { key: NOTHING, r: NOTHING })
  const s = BigInt(`0x${Buffer.from(good.signature.slice(64), 'hex').reverse().toString('hex')}`)
  const cases = {
    'an ordinary signature': good,
    'another message': { ...good, message: text('dura') },
    'S + L': { ...good, signature: good.signature.slice(0, 64) + encoded(s + ORDER) },
    'R of small order and S = k·a': craft(secret, 0n, message, { key: NOTHING, r: SMALL }),
    'R the identity, the equation holds': craft(secret, 0n, message, { key: NOTHING, r: NOTHING }),
    'A of small order': craft(0n, nonce, message, { key: SMALL, r: NOTHING }),
    'A the identity, the equation holds': craft(0n, nonce, message, { key: NOTHING, r: NOTHING }),
    'R of mixed order: holds only with the cofactor': craft(secret, nonce, message, { key: NOTHING, r: SMALL }),
    'A of mixed order: holds only with the cofactor': craftMixed(false),
    'A of mixed order, the small part vanishes': craftMixed(true),
    'R with y = p + 1': { ...good, signature: encoded(PRIME + 1n) + good.signature.slice(64) },
    'A with y = p': { ...good, publicKey: encoded(PRIME) },
    'A not on the curve': { ...good, publicKey: encoded(2n) },
    'a signature one byte short': { ...good, signature: good.signature.slice(0, -2) },
  }
  return Object.entries(cases).map(([name, value]) => ({ name, ...value, valid: verify(value.publicKey, value.message, value.signature) }))
}

/** A key with a small-order part, and a message whose challenge makes that part vanish, or not. */
function craftMixed(vanishes: boolean) {
  for (let i = 0; ; i++) {
    const made = craft(123456789n, 987654321n, text(`mixed ${i}`), { key: SMALL, r: NOTHING })
    if (verify(made.publicKey, made.message, made.signature) === vanishes) return made
  }
}

function kems() {
  return (['ml-kem-768', 'ml-kem-1024'] as const).map((kind) => {
    const [seed, coins] = [fill('d1', 32) + fill('2e', 32), fill('c3', 32)]
    const pair = noble.importSecret(kind, fromHex(seed))
    const { ciphertext, sharedSecret } = noble.encapsulate(kind, pair.publicKey, () => fromHex(coins))
    const wrong = new Uint8Array(ciphertext.length)
    return {
      kind,
      seed,
      coins,
      publicKeySha512: sha512(toHex(pair.publicKey)),
      ciphertextSha512: sha512(toHex(ciphertext)),
      sharedSecret: toHex(sharedSecret),
      sharedSecretOfZeroCiphertext: toHex(noble.decapsulate(pair.secretKey, wrong)),
    }
  })
}

function aead() {
  const [key, nonce, associated] = [fill('80', 32), fill('07', 12), text('associated')]
  return ['', text('hello'), fill('5a', 1000)].map((plaintext) => ({
    key,
    nonce,
    associated,
    plaintext,
    sealed: toHex(noble.seal(fromHex(key), fromHex(nonce), fromHex(plaintext), fromHex(associated))),
  }))
}

export function vectors() {
  return {
    labelled: labels(),
    hmac: macs(),
    hkdf: derivations(),
    x25519: agreements(),
    smallOrderPoints: Array.from({ length: 8 }, (_, i) => encodePoint(times(BigInt(i), SMALL))).sort(),
    ed25519BasePoint: encodePoint(BASE),
    ed25519: signatures(),
    mlKem: kems(),
    aead: aead(),
  }
}
