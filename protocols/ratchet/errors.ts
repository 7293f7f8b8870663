export type RatchetErrorCode =
  /** not a ratchet message: too short */
  | 'malformed'
  /** no header key of this session opens it: another session's message, or altered on the way */
  | 'no-key'
  /** this very message was opened before */
  | 'duplicate'
  /** a second message under one number, or a second chain under one header key: the peer goes on from a state it had used before (attacks 20, 21) */
  | 'forked'
  /** its number is used, and by which message is no longer known; or its key was dropped for a limit. It may never have been opened. */
  | 'forgotten'
  /** the header skips more than MAX_SKIP numbers; `limit` */
  | 'skip-limit'
  /** the key commitment does not match: only a deviating peer makes this */
  | 'commitment'
  /** the body does not open although its header did: only a deviating peer makes this */
  | 'body'
  /** the peer announced a key that must not be used */
  | 'key'
  /** a responder has nobody to encrypt to before the first message came in */
  | 'no-peer'
  /** the chain has no numbers left; `limit` */
  | 'chain-limit'
  /** bytes that are not an encoded state */
  | 'state'

/**
 * A message or state that must not be used; the state it was tried on is as before. `code` is for our own side only:
 * towards the peer every refusal looks the same. Carries no key bytes.
 */
export class RatchetError extends Error {
  override readonly name = 'RatchetError'
  readonly code: RatchetErrorCode
  readonly limit: number | undefined

  constructor(code: RatchetErrorCode, limit?: number) {
    super(limit === undefined ? `ratchet: ${code}` : `ratchet: ${code}, at most ${limit}`)
    this.code = code
    this.limit = limit
  }
}
