export type HandshakeErrorCode =
  | 'malformed'
  | 'newer-version'
  | 'signature'
  | 'expired'
  | 'device-list'
  | 'unlisted-device'
  | 'wrong-prekeys'
  | 'own-device'
  | 'key'

/**
 * A bundle or first message that must not be used. `code` is for our own side only: towards the peer every refusal
 * looks the same. Carries no key bytes.
 */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly code: HandshakeErrorCode

  constructor(code: HandshakeErrorCode, options?: ErrorOptions) {
    super(`handshake refused: ${code}`, options)
    this.code = code
  }
}

export const malformed = (): HandshakeError => new HandshakeError('malformed')
