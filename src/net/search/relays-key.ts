/** Under which relays are found: the digest of a label, the same for everybody. */
import { createHash } from 'node:crypto'
import { LABEL } from '../../../protocols/suite/index.ts'

export const RELAYS_KEY: Uint8Array = createHash('sha256').update(LABEL.relayProvider).digest()
