export type ContentErrorCode = 'malformed' | 'too-large'

/**
 * A content that must not be sent or shown. `what` names the field of it that is wrong; `limit` is the limit it is over,
 * in the unit of that field, for `too-large`. Carries nothing of what was said.
 */
export class ContentError extends Error {
  override readonly name = 'ContentError'
  readonly code: ContentErrorCode
  readonly what: string
  readonly limit: number | undefined

  constructor(code: ContentErrorCode, what: string, limit?: number) {
    super(limit === undefined ? `content refused: ${what} is malformed` : `content refused: ${what} is over ${limit}`)
    this.code = code
    this.what = what
    this.limit = limit
  }
}

export const malformed = (what: string): ContentError => new ContentError('malformed', what)
