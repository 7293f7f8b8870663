import { decodeRatchet, decrypt, encodeRatchet, encrypt, startInitiator, startResponder } from '../../protocols/ratchet/index.ts'
import { noble, SIZE } from '../../protocols/suite/index.ts'
import { command, type Commands } from '../command.ts'
import { drawing } from '../draw.ts'
import { bytes, whole } from '../fields.ts'

const start = { root: bytes(32), headerInitiator: bytes(32), headerResponder: bytes(32) }

export const ratchet: Commands = {
  initiator: command({ ...start, peerDh: bytes(SIZE.x25519.publicKey), peerKem: bytes(SIZE['ml-kem-768'].publicKey) }, (asked) => ({
    state: encodeRatchet(noble, startInitiator(asked)),
  })),
  responder: command({ ...start, dh: bytes(), kem: bytes() }, ({ dh, kem, ...shared }) => ({
    state: encodeRatchet(noble, startResponder({ ...shared, dh: noble.importSecret('x25519', dh), kem: noble.importSecret('ml-kem-768', kem) })),
  })),
  encrypt: command({ seed: bytes(), state: bytes(), plaintext: bytes(), associated: bytes() }, (asked) => {
    const { state, message } = encrypt(noble, drawing(asked.seed), decodeRatchet(noble, asked.state), asked.plaintext, asked.associated)
    return { state: encodeRatchet(noble, state), message }
  }),
  decrypt: command({ state: bytes(), message: bytes(), associated: bytes(), now: whole() }, (asked) => {
    const { state, plaintext } = decrypt(noble, decodeRatchet(noble, asked.state), asked.message, asked.associated, asked.now)
    return { state: encodeRatchet(noble, state), plaintext }
  }),
}
