/** Which of two names could be taken for the other. */
import { skeleton, withoutCase } from './skeleton.ts'

/**
 * The ways a name can look: as written, and in other capitals ("Вася" is "ВАСЯ", though в and В look like different Latin
 * letters). Two names can be mistaken for each other where they share one. Empty for a name that shows nothing.
 */
export function appearances(name: string): readonly string[] {
  return [...new Set([skeleton(name), skeleton(withoutCase(name))])].filter((look) => look !== '')
}

/** The first of the others that the name could be mistaken for; the very same name is one. */
export function lookalikeOf(name: string, others: Iterable<string>): string | undefined {
  const looks = appearances(name)
  for (const other of others) {
    if (appearances(other).some((look) => looks.includes(look))) return other
  }
  return undefined
}
