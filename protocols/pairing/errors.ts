export type InviteErrorCode = 'not-dure' | 'too-long' | 'malformed' | 'newer-version' | 'unknown-kind' | 'other-kind' | 'expired'

/** A code or link that is not an invite to use. `kind` says what it is when it is one of ours of another kind. */
export class InviteError extends Error {
  override readonly name = 'InviteError'
  readonly code: InviteErrorCode
  readonly kind: string | undefined

  constructor(code: InviteErrorCode, kind?: string) {
    super(kind === undefined ? `invite refused: ${code}` : `invite refused: ${code} (${kind})`)
    this.code = code
    this.kind = kind
  }
}

export type PairingErrorCode = 'malformed' | 'newer-version' | 'wrong-bundle' | 'wrong-nonce' | 'wrong-device'

/** A frame or step of the pairing protocol that must not be followed. */
export class PairingError extends Error {
  override readonly name = 'PairingError'
  readonly code: PairingErrorCode

  constructor(code: PairingErrorCode) {
    super(`pairing refused: ${code}`)
    this.code = code
  }
}
