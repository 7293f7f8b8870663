/** What entries say: fields in ascending order of their tags, each with its length. One meaning has one encoding (attack 57). */
import { concat, fromUtf8, Reader, u32 } from '../suite/index.ts'
import { MAX_FIELDS } from './limits.ts'

export interface Field {
  readonly tag: number
  readonly value: Uint8Array
}

/** How a field that is known must look. */
export interface FieldRule {
  /** bytes of its value */
  readonly least: number
  readonly most: number
  /** how often it may be there; 1 when absent */
  readonly times?: number
  readonly required?: true
  /** its bytes are UTF-8 */
  readonly text?: true
}

export type FieldRules = Readonly<Record<number, FieldRule>>

/** `non-canonical`: the same could be said in other bytes. `body`: it says nothing that may be said. `tag` is of the field it is about. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
  readonly code: 'non-canonical' | 'body'
  readonly tag: number | undefined

  constructor(code: FieldError['code'], tag?: number) {
    super(tag === undefined ? `fields refused: ${code}` : `field ${tag} refused: ${code}`)
    this.code = code
    this.tag = tag
  }
}

/** The same rules hold for what is written and what is read. @throws FieldError */
export function encodeFields(fields: readonly Field[], rules: FieldRules): Uint8Array {
  check(fields, rules)
  return concat(...fields.flatMap(({ tag, value }) => [new Uint8Array([tag]), u32(value.length), value]))
}

/** Fields without a rule are of a newer version: kept, whatever they say. @throws FieldError */
export function decodeFields(bytes: Uint8Array, rules: FieldRules): Field[] {
  const reader = new Reader(bytes, () => new FieldError('body'))
  const fields: Field[] = []
  while (!reader.done) {
    if (fields.length === MAX_FIELDS) throw new FieldError('body')
    fields.push({ tag: reader.u8(), value: reader.take(reader.u32()) })
  }
  check(fields, rules)
  return fields
}

/** The value of a field that is there once at the most. */
export const one = (fields: readonly Field[], tag: number): Uint8Array | undefined => fields.find((field) => field.tag === tag)?.value

/** The values of a field that may be there several times, in their order. */
export const all = (fields: readonly Field[], tag: number): Uint8Array[] => fields.filter((field) => field.tag === tag).map((field) => field.value)

function check(fields: readonly Field[], rules: FieldRules): void {
  if (fields.length > MAX_FIELDS) throw new FieldError('body')
  const seen = new Map<number, number>()
  let before = 0
  for (const { tag, value } of fields) {
    if (tag < before) throw new FieldError('non-canonical', tag)
    before = tag
    const rule = rules[tag]
    if (!rule) continue
    const times = (seen.get(tag) ?? 0) + 1
    seen.set(tag, times)
    if (times > (rule.times ?? 1)) throw new FieldError('body', tag)
    if (value.length < rule.least || value.length > rule.most) throw new FieldError('body', tag)
    if (rule.text) asText(value, tag)
  }
  for (const [tag, rule] of Object.entries(rules)) {
    if (rule.required && !seen.has(Number(tag))) throw new FieldError('body', Number(tag))
  }
}

/** @throws FieldError body: not UTF-8 */
export function asText(value: Uint8Array, tag: number): string {
  try {
    return fromUtf8(value)
  } catch {
    throw new FieldError('body', tag)
  }
}
