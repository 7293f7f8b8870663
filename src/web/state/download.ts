/** Hands a file to the browser to be saved. */

/** Longer names are cut by some systems, and by none well. */
const MAX_NAME = 60

export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  URL.revokeObjectURL(url)
}

/** A name somebody else chose, as the name of a file: letters, digits and hyphens of it (attack 94). */
export function fileName(name: string, extension: string): string {
  const plain = name.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '-').slice(0, MAX_NAME).toWellFormed().replace(/^-|-$/g, '')
  return `${plain === '' || plain === '\ufffd' ? 'dure' : plain}.${extension}`
}
