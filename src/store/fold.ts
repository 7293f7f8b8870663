/** Text as search compares it. */

/**
 * Compatibility-normalised and case-folded: full-width and half-width forms, composed and decomposed letters, and
 * upper and lower case of every script become one. JavaScript has no case folding, so it goes up and down again,
 * which also joins ß with SS; what that leaves apart (final sigma, the dotted capital I) is joined by hand.
 * Lone surrogates become U+FFFD as they do in the database, and so does NUL, which ends a string in C.
 */
export function fold(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll('ς', 'σ')
    .replaceAll('i\u0307', 'i')
    .replaceAll('\0', '\ufffd')
}
