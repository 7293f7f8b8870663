/** From one root key to the next, which the one before had announced. */
import { decodeFields, encodeFields, type Field, type FieldRules, one } from './fields.ts'
import { HASH } from './merkle.ts'
import { field } from './values.ts'

export interface Rotation {
  /** in force from this entry on, which it signs itself */
  readonly rootKey: Uint8Array
  /** `commitmentOf` the root key after it */
  readonly nextRoot: Uint8Array
}

const TAG = { rootKey: 1, nextRoot: 2 } as const

export const ROTATION_RULES: FieldRules = {
  [TAG.rootKey]: { least: HASH, most: HASH, required: true },
  [TAG.nextRoot]: { least: HASH, most: HASH, required: true },
}

/** @throws FieldError */
export const encodeRotation = (rotation: Rotation): Uint8Array => encodeFields(rotationFields(rotation), ROTATION_RULES)

/** @throws FieldError */
export const decodeRotation = (bytes: Uint8Array): Rotation => rotationOf(decodeFields(bytes, ROTATION_RULES))

export const rotationFields = ({ rootKey, nextRoot }: Rotation): Field[] => [field(TAG.rootKey, rootKey), field(TAG.nextRoot, nextRoot)]

export const rotationOf = (fields: readonly Field[]): Rotation => ({
  rootKey: one(fields, TAG.rootKey) as Uint8Array,
  nextRoot: one(fields, TAG.nextRoot) as Uint8Array,
})
