export type QrErrorCode =
  /** not a PNG, JPEG or WebP, or a damaged one */
  | 'not-a-picture'
  /** the file, or the picture in it, is over the limits */
  | 'too-large'
  | 'no-code'
  | 'several-codes'
  /** the search was given up */
  | 'too-slow'
  /** no code holds so much text */
  | 'too-long'

const WORDS: Record<QrErrorCode, readonly [message: string, hint: string]> = {
  'not-a-picture': ['this is not a picture that can be read', 'give a PNG, JPEG or WebP file'],
  'too-large': ['the picture is too large', 'crop it to the code, or make it smaller'],
  'no-code': ['there is no readable QR code in the picture', 'take it again: the whole code, in focus, evenly lit'],
  'several-codes': ['there are several QR codes in the picture', 'crop it to the one you mean'],
  'too-slow': ['the search for a QR code in the picture took too long', 'crop it to the code, or make it smaller'],
  'too-long': ['the text is too long for a QR code', 'use the text itself instead'],
}

/** `hint` tells the person what to do. Neither text holds anything of what was read. */
export class QrError extends Error {
  override readonly name = 'QrError'
  readonly code: QrErrorCode
  readonly hint: string

  constructor(code: QrErrorCode, options?: ErrorOptions) {
    const [message, hint] = WORDS[code]
    super(message, options)
    this.code = code
    this.hint = hint
  }
}
