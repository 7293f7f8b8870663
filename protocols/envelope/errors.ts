export type EnvelopeErrorCode = 'too-large' | 'padding' | 'size' | 'newer-version' | 'kind' | 'malformed'

/**
 * An envelope that must not be used, or content that does not fit in one. `code` is for our own side only: towards the
 * peer every refusal looks the same. `limit` is in bytes, for `too-large`.
 */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
  readonly code: EnvelopeErrorCode
  readonly limit: number | undefined

  constructor(code: EnvelopeErrorCode, limit?: number) {
    super(limit === undefined ? `envelope refused: ${code}` : `envelope refused: ${code}, at most ${limit} bytes`)
    this.code = code
    this.limit = limit
  }
}
