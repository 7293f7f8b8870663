/** What a command is authorised with: bound to the stream by its nonce, and to its place in it by the number in the frame. */
import { LABEL, labelled, type Suite } from '../suite/index.ts'
import { AUTHENTICATOR } from './limits.ts'

/** `signed` is the frame with zeros in place of its authenticator. */
export const authenticator = (suite: Suite, key: Uint8Array, nonce: Uint8Array, signed: Uint8Array): Uint8Array =>
  suite.hmac(key, labelled(LABEL.mailboxCommand, nonce, signed)).slice(0, AUTHENTICATOR)
