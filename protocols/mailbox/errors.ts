const REASONS = {
  malformed: 'it breaks the table',
  'newer-version': 'it needs a newer version of Dure',
  replayed: 'its number is not above the last one',
  seal: 'it was not sealed for this queue',
  part: 'what was sealed in it breaks the table',
  'too-large': 'it is larger than its limit',
}

/**
 * Something of a mailbox that must not be used. For this side only: towards the other a frame is answered by its reply, or the
 * stream is reset without a word.
 */
export class MailboxError extends Error {
  override readonly name = 'MailboxError'
  readonly code: keyof typeof REASONS

  constructor(code: MailboxError['code']) {
    super(`mailbox: refused, ${REASONS[code]}`)
    this.code = code
  }
}

export const malformed = (): MailboxError => new MailboxError('malformed')
