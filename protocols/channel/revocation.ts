/** The end of a log: its posting key is dead, and exactly the entries the brand names are kept. */
import { decodeFields, encodeFields, type FieldRules, one } from './fields.ts'
import { MAX_REASON } from './limits.ts'
import type { Head } from './entry.ts'
import { HASH } from './merkle.ts'
import { field, line, number, optional, unsigned } from './values.ts'

/** `size` entries are kept, those under that tree root. */
export interface Revocation extends Head {
  readonly reason: string
}

const TAG = { log: 1, size: 2, root: 3, reason: 4 } as const

const RULES: FieldRules = {
  [TAG.log]: { least: HASH, most: HASH, required: true },
  [TAG.size]: { least: 8, most: 8, required: true },
  [TAG.root]: { least: HASH, most: HASH, required: true },
  [TAG.reason]: { least: 1, most: MAX_REASON, text: true },
}

/** @throws FieldError */
export function encodeRevocation({ log, size, root, reason }: Revocation): Uint8Array {
  const fields = [field(TAG.log, log), unsigned(TAG.size, size, 8), field(TAG.root, root), ...optional(TAG.reason, reason)]
  const bytes = encodeFields(fields, RULES)
  decodeRevocation(bytes)
  return bytes
}

/** @throws FieldError */
export function decodeRevocation(bytes: Uint8Array): Revocation {
  const fields = decodeFields(bytes, RULES)
  const reason = one(fields, TAG.reason)
  return {
    log: one(fields, TAG.log) as Uint8Array,
    size: number(fields, TAG.size),
    root: one(fields, TAG.root) as Uint8Array,
    reason: reason ? line(reason, TAG.reason) : '',
  }
}
