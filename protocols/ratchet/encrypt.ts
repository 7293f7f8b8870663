import { type Random, SIZE, type Suite } from '../suite/index.ts'
import { RatchetError } from './errors.ts'
import { assemble, sealAnnouncement } from './header.ts'
import { MAX_CHAIN } from './limits.ts'
import { advance, drawSalt, headerKeys, messageKeys, nameOf, SALT, step } from './schedule.ts'
import type { OurTurn, RatchetState, SendingChain, TheirTurn } from './state.ts'

/** The nonce of a body: its key is used once. */
export const ZERO_NONCE = new Uint8Array(SIZE.aead.nonce)

/**
 * Seals one message. The caller stores the returned state before the message leaves.
 * @param associated what both sides must agree on; authenticated, not sent
 * @throws RatchetError no-peer | chain-limit
 */
export function encrypt(
  suite: Suite,
  random: Random,
  state: RatchetState,
  plaintext: Uint8Array,
  associated: Uint8Array,
): { state: RatchetState; message: Uint8Array } {
  const ready = state.turn.kind === 'ours' ? answer(suite, random, state, state.turn) : { state, turn: state.turn }
  const sending = ready.turn.sending
  if (!sending) throw new RatchetError('no-peer')
  if (sending.n > MAX_CHAIN) throw new RatchetError('chain-limit', MAX_CHAIN)

  const { chainKey, messageKey } = advance(suite, sending.chainKey)
  const salt = drawSalt(suite, messageKey, random(SALT), plaintext, associated)
  const { key, commitment } = messageKeys(suite, messageKey, salt)
  const body = suite.seal(key, ZERO_NONCE, plaintext, associated)
  const message = assemble(suite, sending, { salt, commitment, body })
  return { state: { ...ready.state, turn: { ...ready.turn, sending: { ...sending, chainKey, n: sending.n + 1 } } }, message }
}

/** Our half of a ratchet step: new keys of our own, mixed with what the peer announced. */
function answer(suite: Suite, random: Random, state: RatchetState, { peer, previous }: OurTurn): { state: RatchetState; turn: TheirTurn } {
  const dh = suite.generate('x25519', random)
  const kem = suite.generate('ml-kem-768', random)
  const { ciphertext, sharedSecret } = suite.encapsulate('ml-kem-768', peer.kem, random)
  const { sealKey, numberKey } = headerKeys(suite, state.nextHeaderSend)
  const sealed = sealAnnouncement(suite, sealKey, { dh: dh.publicKey, ek: kem.publicKey, ct: ciphertext, pn: previous })
  const { root, chainKey, nextHeader } = step(suite, state.root, suite.dh(dh.secretKey, peer.dh), sharedSecret, nameOf(suite, sealed))
  const sending: SendingChain = { numberKey, chainKey, n: 0, sealed }
  const turn: TheirTurn = { kind: 'theirs', dh: dh.secretKey, kem: kem.secretKey, sending }
  return { state: { ...state, root, nextHeaderSend: nextHeader, turn }, turn }
}
