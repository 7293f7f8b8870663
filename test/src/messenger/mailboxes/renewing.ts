/** Sessions that are gone, and what shows of it. */
import type { Person, World } from '../../../support/world.ts'

export const noticesOf = (person: Person, name: string): string[] => person.messenger.history(name, { limit: 500 }).flatMap(({ kind, text }) => (kind === 'notice' ? [text] : []))
export const renewals = (person: Person, name: string): number => noticesOf(person, name).filter((text) => text === 'session-renewed').length
const account = (person: Person): string => person.messenger.id().account
/** Prekeys that lie in the queue of a contact, the newest last. */
export const laidOut = (person: Person, contact: Person): number[] => person.store.prekeys(account(contact)).flatMap(({ id, laidOut }) => (laidOut ? [id] : []))

/** What a profile is left with when the contact's device knew no session of ours, and went before there was another. */
export async function loseSession(world: World, person: Person, { device }: Person): Promise<void> {
  const waiting = person.store.outbox(device).flatMap(({ seq: _, ...row }) => [{ put: 'outbox' as const, row: { ...row, envelope: undefined } }, { remove: 'handed' as const, id: row.id, device }])
  await person.store.commit([{ remove: 'session', device }, ...waiting])
  await world.restart(person)
}
