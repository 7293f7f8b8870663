export type SessionErrorCode =
  /** no session opens it and it starts none */
  | 'no-session'
  /** not an envelope */
  | 'malformed'
  /** this very envelope was opened before: already stored */
  | 'duplicate'
  /** the peer goes on from a state it had used before: a clone, or a device put back. Nobody can open what it says here: it is to say it anew. */
  | 'forked'
  /** too old to be told from a repeat: it may never have been opened, and is to be said anew */
  | 'forgotten'
  /** altered, or for a session that is gone, or badly padded: told apart by nobody */
  | 'decrypt'
  /** the handshake refused it: `cause` */
  | 'handshake'
  /** the first message is from another device or account than the one it came from */
  | 'other-peer'
  /** bytes that are not an encoded record */
  | 'record'

/**
 * An envelope or record that must not be used; the record it was tried on is as before. `code` is for our own side only:
 * towards the peer every refusal looks the same.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError'
  readonly code: SessionErrorCode

  constructor(code: SessionErrorCode, options?: ErrorOptions) {
    super(`session: ${code}`, options)
    this.code = code
  }
}
