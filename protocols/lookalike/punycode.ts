/** Punycode, RFC 3492, one way: what stands behind `xn--`. */

const BASE = 36
const T_MIN = 1
const T_MAX = 26
const SKEW = 38
const DAMP = 700
const FIRST_BIAS = 72
const FIRST_CODE = 0x80
const LAST_CODE = 0x10_ffff

/** The text, or undefined for what is no Punycode. */
export function decodePunycode(encoded: string): string | undefined {
  const dash = encoded.lastIndexOf('-')
  const letters = Array.from(encoded.slice(0, Math.max(dash, 0)), (letter) => letter.charCodeAt(0))
  if (letters.some((code) => code >= FIRST_CODE)) return undefined
  let code = FIRST_CODE
  let bias = FIRST_BIAS
  let at = 0
  for (let next = dash + 1; next < encoded.length; ) {
    const before = at
    let weight = 1
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(encoded.charCodeAt(next++))
      // Also at the end of the text, where there is no digit; and no number this large can be meant.
      if (digit === undefined || digit * weight > LAST_CODE * (letters.length + 1)) return undefined
      at += digit * weight
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX)
      if (digit < threshold) break
      weight *= BASE - threshold
    }
    const count = letters.length + 1
    bias = adapted(at - before, count, before === 0)
    code += Math.floor(at / count)
    at %= count
    if (code > LAST_CODE || (code >= 0xd800 && code <= 0xdfff)) return undefined
    letters.splice(at++, 0, code)
  }
  return String.fromCodePoint(...letters)
}

function digitOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26
  const letter = (code | 0x20) - 0x61
  return letter >= 0 && letter < 26 ? letter : undefined
}

function adapted(delta: number, count: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? DAMP : 2))
  rest += Math.floor(rest / count)
  let k = 0
  for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - T_MIN))
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW))
}
