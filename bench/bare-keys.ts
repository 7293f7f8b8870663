/**
 * What node:crypto itself takes for the public-key operations of a ratchet step and of a session set-up, with nothing around them: no
 * hash, no seal, no state. No code on node:crypto that makes the same operations can be faster than this.
 */
import { createPublicKey, decapsulate, diffieHellman, encapsulate, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'

type Kem = 'ml-kem-768' | 'ml-kem-1024'

interface Pair {
  readonly secret: KeyObject
  readonly raw: Buffer
}

/** The switch is for the overloads of `generateKeyPairSync`. */
function generated(kind: 'x25519' | 'ed25519' | Kem): Pair {
  const make = () => {
    switch (kind) {
      case 'x25519':
        return generateKeyPairSync('x25519')
      case 'ed25519':
        return generateKeyPairSync('ed25519')
      case 'ml-kem-768':
        return generateKeyPairSync('ml-kem-768')
      default:
        return generateKeyPairSync('ml-kem-1024')
    }
  }
  const { publicKey, privateKey } = make()
  return { secret: privateKey, raw: publicKey.export({ format: 'raw-public' }) }
}

/** As in src/crypto/keys.ts: without the traces of the exceptions Node throws inside. */
function imported(kind: 'x25519' | 'ed25519' | Kem, raw: Buffer): KeyObject {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const key = createPublicKey({ key: raw, format: 'raw-public', asymmetricKeyType: kind })
  Error.stackTraceLimit = limit
  return key
}

const agree = (privateKey: KeyObject, publicKey: KeyObject): Buffer => diffieHellman({ privateKey, publicKey })

/** One message of a ping-pong: the writer's new keys, encapsulation and agreement; the reader's agreement and decapsulation. */
export function bareStep(): () => void {
  let [dh, kem] = [generated('x25519'), generated('ml-kem-768')]
  let dhPublic = imported('x25519', dh.raw)
  return () => {
    const [newDh, newKem] = [generated('x25519'), generated('ml-kem-768')]
    const { ciphertext } = encapsulate(imported('ml-kem-768', kem.raw))
    agree(newDh.secret, dhPublic)
    dhPublic = imported('x25519', newDh.raw)
    agree(dh.secret, dhPublic)
    decapsulate(kem.secret, ciphertext)
    dh = newDh
    kem = newKem
  }
}

/**
 * Both sides: three signatures verified (the bundle, two device lists), four agreements each, ML-KEM-1024, and the first step. Each public key is
 * imported once by the side that gets it.
 */
export function bareSetUp(): () => void {
  const signer = generated('ed25519')
  const message = Buffer.alloc(3_000)
  const signature = sign(null, message, signer.secret)
  const [prekey, pq] = [generated('x25519'), generated('ml-kem-1024')]
  const step = bareStep()
  return () => {
    for (let i = 0; i < 3; i++) verify(null, message, imported('ed25519', signer.raw), signature)
    const ephemeral = generated('x25519')
    for (let i = 0; i < 4; i++) agree(ephemeral.secret, imported('x25519', prekey.raw))
    const { ciphertext } = encapsulate(imported('ml-kem-1024', pq.raw))
    const ephemeralPublic = imported('x25519', ephemeral.raw)
    imported('x25519', prekey.raw)
    for (let i = 0; i < 4; i++) agree(prekey.secret, ephemeralPublic)
    decapsulate(pq.secret, ciphertext)
    step()
  }
}
