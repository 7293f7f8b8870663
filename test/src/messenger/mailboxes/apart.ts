/** Two people who are never online together. */
import type { Person, World } from '../../../support/world.ts'

/** Contacts who use the same nodes and are both offline. */
export async function apart(world: World, names: readonly string[] = ['M']): Promise<{ ann: Person & { phrase: string }; bob: Person & { phrase: string } }> {
  const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
  await world.pair(ann, bob)
  for (const name of names) for (const person of [ann, bob]) await world.use(person, world.mailboxes.node(name))
  await world.settle(10_000)
  for (const person of [ann, bob]) world.offline(person)
  await world.settle(1_000)
  return { ann, bob }
}

/** Longer than the longest pause between two tries. */
export const LONG = 460_000

/** One is online for a while: fetches, does something, and it leaves. */
export async function alone(world: World, person: Person, run?: () => unknown): Promise<void> {
  world.online(person)
  await world.settle(LONG, 4_000)
  await run?.()
  await world.settle(20_000)
  world.offline(person)
  await world.settle(1_000)
}

