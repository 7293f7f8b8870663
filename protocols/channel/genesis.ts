/** The first entry of a channel: its root key, the commitment to the next one, its first manifest. Its hash is the channel's id. */
import { decodeFields, encodeFields, type FieldRules } from './fields.ts'
import { type Manifest, MANIFEST_RULES, manifestFields, manifestOf } from './manifest.ts'
import { type Rotation, ROTATION_RULES, rotationFields, rotationOf } from './rotation.ts'

/** A genesis announces root keys as a rotation does. */
export interface Genesis extends Rotation {
  readonly manifest: Manifest
}

const RULES: FieldRules = { ...ROTATION_RULES, ...MANIFEST_RULES }

/** @throws FieldError */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  const bytes = encodeFields([...rotationFields(genesis), ...manifestFields(genesis.manifest)], RULES)
  decodeGenesis(bytes)
  return bytes
}

/** @throws FieldError */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  const fields = decodeFields(bytes, RULES)
  return { ...rotationOf(fields), manifest: manifestOf(fields) }
}
