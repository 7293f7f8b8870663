export { BUCKETS, MAX_CONTENT, MAX_ENVELOPE, MAX_OVERHEAD } from './buckets.ts'
export {
  decodeEnvelope,
  encodeFirst,
  encodeOrdinary,
  type Envelope,
  firstOverhead,
  type FirstEnvelope,
  MAX_HANDSHAKE,
  ORDINARY_OVERHEAD,
  type OrdinaryEnvelope,
} from './envelope.ts'
export { EnvelopeError, type EnvelopeErrorCode } from './errors.ts'
export { pad, unpad } from './padding.ts'
