/** What leaves the machine for a database: sealed for its place, and found by names that only who has the key can compute. */
import { LABEL, labelled, type Random, SIZE, type Suite, utf8 } from '../../../protocols/suite/index.ts'

const SALT = 32
const KEY = 32
/** Of a keyed hash: too many to meet by chance. */
const NAME = 16
const NOTHING = new Uint8Array(0)

export interface Sealing {
  /** What stands for an id or a key in an index. */
  name(what: string, value: Uint8Array): Buffer
  /** @param place where it lies: opened anywhere else it is nothing */
  seal(place: readonly (string | Uint8Array)[], plaintext: Uint8Array): Buffer
  /** undefined: it was not sealed under this key for this place */
  open(place: readonly (string | Uint8Array)[], sealed: Uint8Array): Uint8Array | undefined
}

export function createSealing(suite: Suite, random: Random, seed: Uint8Array): Sealing {
  const keys = suite.hkdf(NOTHING, seed, labelled(LABEL.relaySharedStore), 2 * KEY)
  const [names, root] = [keys.slice(0, KEY), keys.slice(KEY)]
  const associated = (place: readonly (string | Uint8Array)[]): Uint8Array =>
    labelled(LABEL.relaySealed, ...place.map((each) => (typeof each === 'string' ? utf8(each) : each)))
  // A key for each sealing: a busy relay seals more than random nonces under one key are good for.
  const once = (salt: Uint8Array): { key: Uint8Array; nonce: Uint8Array } => {
    const bytes = suite.hkdf(salt, root, labelled(LABEL.relaySealed), KEY + SIZE.aead.nonce)
    return { key: bytes.slice(0, KEY), nonce: bytes.slice(KEY) }
  }
  return {
    name: (what, value) => Buffer.from(suite.hmac(names, labelled(LABEL.relayName, utf8(what), value)).subarray(0, NAME)),
    seal(place, plaintext) {
      const salt = random(SALT)
      const { key, nonce } = once(salt)
      return Buffer.concat([salt, suite.seal(key, nonce, plaintext, associated(place))])
    },
    open(place, sealed) {
      const { key, nonce } = once(Uint8Array.from(sealed.subarray(0, SALT)))
      return suite.open(key, nonce, Uint8Array.from(sealed.subarray(SALT)), associated(place))
    },
  }
}
