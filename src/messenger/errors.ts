export type MessengerErrorCode =
  | 'bad-input'
  | 'not-found'
  | 'ambiguous'
  | 'not-accepted'
  | 'invite-invalid'
  | 'invite-expired'
  | 'invite-used'
  | 'unreachable'
  | 'conflict'
  | 'too-large'
  | 'store-failed'

/** A request that cannot be carried out. `hint` tells the person what to do; neither field ever holds a secret. */
export class MessengerError extends Error {
  override readonly name = 'MessengerError'
  readonly code: MessengerErrorCode
  readonly hint: string | undefined

  constructor(code: MessengerErrorCode, message: string, hint?: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}
