/** The cloth behind somebody without a picture: the same patches for the same account, everywhere. */

/** How many --patch- colours there are. */
const COLOURS = 8

export interface Cloth {
  /** colours of its patches, 1 to 8, neighbours never the same */
  readonly colours: readonly [number, number, number]
  /** quarter turns */
  readonly turns: number
}

/** @param id hex or base32 */
export function clothOf(id: string): Cloth {
  let hash = 2_166_136_261
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0
  const first = hash % COLOURS
  const second = (first + 1 + ((hash >>> 4) % (COLOURS - 2))) % COLOURS
  const third = (second + 1 + ((hash >>> 9) % (COLOURS - 2))) % COLOURS
  return { colours: [first + 1, second + 1, third + 1], turns: (hash >>> 14) % 4 }
}

/** The first letter of a name as a person sees it: a grapheme. '' when there is none. */
export function initialOf(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim().slice(0, 64))
  return first?.segment.toLocaleUpperCase() ?? ''
}
