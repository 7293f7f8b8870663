export { concat, fromHex, fromUtf8, labelled, labelledParts, toHex, u32, u64, utf8 } from './bytes.ts'
export { LABEL, type Label } from './labels.ts'
export { noble } from './noble.ts'
export { isAcceptableSignature, isCanonicalU } from './strict.ts'
export { Reader } from './reader.ts'
export {
  type Encapsulation,
  type KemKind,
  KeyError,
  type KeyKind,
  type KeyPair,
  type Random,
  type SecretKey,
  SIZE,
  type Suite,
} from './suite.ts'
