/** Longer names are cut by some systems, and by none well. */
const MAX_NAME = 60

/** A name somebody else chose, as the name of a file: letters, digits and hyphens of it (attack 94). */
export function fileName(name: string, extension: string): string {
  const plain = name.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '-').slice(0, MAX_NAME).toWellFormed().replace(/^-|-$/g, '')
  return `${plain === '' || plain === '\ufffd' ? 'dure' : plain}.${extension}`
}
