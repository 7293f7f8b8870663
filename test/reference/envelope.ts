/** The envelope room once more, from its README, in hex strings and without a thought for speed. */

const BUCKETS = [4096, 16384, 65536, 2 * 65536, 3 * 65536, 4 * 65536]

export function padded(content: string, overhead: number): string {
  const text = `${content}80`
  const bucket = BUCKETS.find((size) => size >= text.length / 2 + overhead) as number
  return text + '00'.repeat(bucket - overhead - text.length / 2)
}

export const unpadded = (text: string): string | undefined => /^((?:..)*?)80(?:00)*$/.exec(text)?.[1]

export const ordinary = (ratchet: string): string => `0102${ratchet}`

export const first = (handshake: string, ratchet: string): string =>
  `0101${(handshake.length / 2).toString(16).padStart(4, '0')}${handshake}${ratchet}`
