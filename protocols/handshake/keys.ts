import { KeyError } from '../suite/index.ts'
import { HandshakeError } from './errors.ts'

/** Runs key agreement; a key the suite refuses, whatever is wrong with it, is one and the same refusal (attacks 1, 2, 4). */
export function refusingKeys<T>(agree: () => T): T {
  try {
    return agree()
  } catch (cause) {
    if (cause instanceof KeyError) throw new HandshakeError('key', { cause })
    throw cause
  }
}
