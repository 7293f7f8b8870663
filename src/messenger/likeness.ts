/** Whether a contact's name could be taken for another contact's, or is made to be (attack 95). It is said, never refused. */
import { appearances, mixedScript } from '../../protocols/lookalike/index.ts'
import type { ContactRow } from './ports.ts'
import type { Likeness } from './views.ts'

interface Look {
  readonly appearances: readonly string[]
  readonly mixed: boolean
}

/** Rows are never changed but replaced, so each is looked at once. */
const looks = new WeakMap<ContactRow, Look>()

/**
 * Of one contact among all: by the name it has with us and by the one it gives itself. Nothing is said of somebody who was
 * verified, for there the person has looked; nor is anybody like one whom we do not know yet or want to hear of no more.
 */
export function likenessOf(row: ContactRow, all: readonly ContactRow[]): Likeness {
  if (row.verified || row.state === 'refused' || row.state === 'blocked') return {}
  const look = lookOf(row)
  const twin = all.find((other) => other.account !== row.account && isOurs(other) && meet(look, lookOf(other)))
  return { ...(twin && { lookalike: twin.name }), ...(look.mixed && { mixedScript: true }) }
}

const isOurs = (row: ContactRow): boolean => row.state === 'accepted' || row.state === 'asked'

const meet = (a: Look, b: Look): boolean => a.appearances.some((appearance) => b.appearances.includes(appearance))

function lookOf(row: ContactRow): Look {
  const known = looks.get(row)
  if (known) return known
  const look = { appearances: [...appearances(row.name), ...appearances(row.profileName)], mixed: mixedScript(row.name) }
  looks.set(row, look)
  return look
}
