/** Text and bytes of IP addresses; only the canonical text of an address is read. */

const SMALL = /^(?:0|[1-9][0-9]{0,2})$/

/** 4 bytes, or undefined when the text is not a dotted quad without leading zeros. */
export function parseIp4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => SMALL.test(part) && Number(part) <= 255)) return undefined
  return Uint8Array.from(parts, Number)
}

export const formatIp4 = (bytes: Uint8Array): string => bytes.join('.')

/** 16 bytes, or undefined when the text is not the form `formatIp6` gives. */
export function parseIp6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [front = [], back = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - front.length - back.length
  if (missing < 0) return undefined
  const groups = [...front, ...Array<string>(missing).fill('0'), ...back]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined
  const bytes = Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >>> 8, parseInt(group, 16) & 0xff]))
  return formatIp6(bytes) === text ? bytes : undefined
}

/** RFC 5952 section 4, always hexadecimal: lower case, no leading zeros, the first longest run of two or more zero groups is `::`. */
export function formatIp6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number)).toString(16))
  let run = { start: 0, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > run.length) run = { start, length }
  }
  if (run.length === 1) return groups.join(':')
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`
}
