/** Names that are too long to be sent. */
import { utf8 } from '../suite/index.ts'
import { MAX_NAME_BYTES } from './limits.ts'

/** Extended grapheme clusters of Unicode (UAX #29), in no language's tailoring. */
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * As many whole graphemes from the start of a name as fit in `limit` UTF-8 bytes: what people see as one character is
 * never cut in half (attack 95). Empty when not even the first fits.
 */
export function shortenName(name: string, limit: number = MAX_NAME_BYTES): string {
  let size = 0
  let end = 0
  for (const { segment } of segmenter.segment(name)) {
    size += utf8(segment).length
    if (size > limit) break
    end += segment.length
  }
  return name.slice(0, end)
}
