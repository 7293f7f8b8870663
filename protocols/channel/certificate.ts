/** Who may post: a posting key, what it may say, and its window of numbers and time. */
import { decodeFields, encodeFields, FieldError, type FieldRules, one } from './fields.ts'
import { MAX_NAME } from './limits.ts'
import { HASH } from './merkle.ts'
import { field, line, number, table, unsigned } from './values.ts'

export interface Certificate {
  /** Ed25519; its log is `logIdOf` it. Certified again, it goes on in the same log. */
  readonly key: Uint8Array
  /** who it is, to the followers */
  readonly name: string
  /** bits of `SCOPE`; others are of a newer version and mean nothing here */
  readonly scope: number
  readonly firstSeq: number
  /** the first number it may no longer use */
  readonly endSeq: number
  /** ms */
  readonly notBefore: number
  /** ms; no longer valid from then on */
  readonly notAfter: number
}

export const SCOPE = { text: 1, pictures: 2, events: 4, offers: 8, moderate: 16 } as const

const TAG = { key: 1, name: 2, scope: 3, firstSeq: 4, endSeq: 5, notBefore: 6, notAfter: 7 } as const
const NUMBER = { least: 8, most: 8, required: true } as const

const RULES: FieldRules = {
  [TAG.key]: { least: HASH, most: HASH, required: true },
  [TAG.name]: { least: 1, most: MAX_NAME, required: true, text: true },
  [TAG.scope]: { least: 2, most: 2, required: true },
  [TAG.firstSeq]: NUMBER,
  [TAG.endSeq]: NUMBER,
  [TAG.notBefore]: NUMBER,
  [TAG.notAfter]: NUMBER,
}

/** @throws FieldError */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  const bytes = encodeFields(
    [
      field(TAG.key, certificate.key),
      field(TAG.name, certificate.name),
      unsigned(TAG.scope, certificate.scope, 2),
      unsigned(TAG.firstSeq, certificate.firstSeq, 8),
      unsigned(TAG.endSeq, certificate.endSeq, 8),
      unsigned(TAG.notBefore, certificate.notBefore, 8),
      unsigned(TAG.notAfter, certificate.notAfter, 8),
    ],
    RULES,
  )
  decodeCertificate(bytes)
  return bytes
}

/** @throws FieldError */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const fields = decodeFields(bytes, RULES)
  const certificate = {
    key: one(fields, TAG.key) as Uint8Array,
    name: line(one(fields, TAG.name) as Uint8Array, TAG.name),
    scope: table(one(fields, TAG.scope) as Uint8Array, TAG.scope, (reader) => reader.u16()),
    firstSeq: number(fields, TAG.firstSeq),
    endSeq: number(fields, TAG.endSeq),
    notBefore: number(fields, TAG.notBefore),
    notAfter: number(fields, TAG.notAfter),
  }
  if (certificate.scope === 0) throw new FieldError('body', TAG.scope)
  if (certificate.endSeq <= certificate.firstSeq) throw new FieldError('body', TAG.endSeq)
  if (certificate.notAfter <= certificate.notBefore) throw new FieldError('body', TAG.notAfter)
  return certificate
}
