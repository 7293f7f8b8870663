import { type KemKind, type KeyKind, LABEL, type Label, labelled, noble, SIZE } from '../../protocols/suite/index.ts'
import { command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { bytes, list, oneOf, whole } from '../fields.ts'

/** More than any request of a room draws. */
const MAX_DRAWN = 65_536

const keyKind = oneOf<KeyKind>('x25519', 'ed25519', 'ml-kem-768', 'ml-kem-1024')
const kemKind = oneOf<KemKind>('ml-kem-768', 'ml-kem-1024')
const nothing = new Uint8Array(0)

export const suite: Commands = {
  hash: command({ bytes: bytes() }, (asked) => ({ hash: noble.hash(asked.bytes) })),
  sha256: command({ bytes: bytes() }, (asked) => ({ hash: noble.sha256(asked.bytes) })),
  hmac: command({ key: bytes(), bytes: bytes() }, (asked) => ({ mac: noble.hmac(asked.key, asked.bytes) })),
  hkdf: command({ salt: bytes(), ikm: bytes(), info: bytes(), length: whole(SIZE.hkdfOutput) }, ({ salt, ikm, info, length }) => ({ bytes: noble.hkdf(salt, ikm, info, length) })),
  labelled: command({ label: oneOf<Label>(...Object.values(LABEL)), fields: list(bytes()) }, ({ label, fields }) => ({ bytes: labelled(label, ...fields) })),
  draw: command({ seed: bytes(), length: whole(MAX_DRAWN) }, ({ seed, length }) => ({ bytes: drawing(seed)(length) })),
  key: command({ kind: keyKind, secret: bytes() }, ({ kind, secret }) => ({ public: noble.importSecret(kind, secret).publicKey })),
  dh: command({ secret: bytes(), public: bytes() }, (asked) => ({ shared: noble.dh(noble.importSecret('x25519', asked.secret).secretKey, asked.public) })),
  sign: command({ secret: bytes(), bytes: bytes() }, (asked) => ({ signature: noble.sign(noble.importSecret('ed25519', asked.secret).secretKey, asked.bytes) })),
  verify: command({ public: bytes(), bytes: bytes(), signature: bytes() }, (asked) => ({ valid: noble.verify(asked.public, asked.bytes, asked.signature) })),
  encapsulate: command({ kind: kemKind, public: bytes(), seed: bytes() }, (asked) => {
    const { ciphertext, sharedSecret } = noble.encapsulate(asked.kind, asked.public, drawing(asked.seed))
    return { ciphertext, shared: sharedSecret }
  }),
  decapsulate: command({ kind: kemKind, secret: bytes(), ciphertext: bytes() }, ({ kind, secret, ciphertext }) => ({
    shared: noble.decapsulate(noble.importSecret(kind, secret).secretKey, ciphertext),
  })),
  seal: command({ key: bytes(SIZE.aead.key), nonce: bytes(SIZE.aead.nonce), plaintext: bytes(), associated: bytes() }, ({ key, nonce, plaintext, associated }) => ({
    sealed: noble.seal(key, nonce, plaintext, associated),
  })),
  open: command({ key: bytes(SIZE.aead.key), nonce: bytes(SIZE.aead.nonce), sealed: bytes(), associated: bytes() }, ({ key, nonce, sealed, associated }) => {
    const plaintext = noble.open(key, nonce, sealed, associated)
    return { opened: plaintext !== undefined, plaintext: plaintext ?? nothing }
  }),
}
