/** What happens in one turn of the event loop: reads show a change at once, and a crash takes it until the turn has ended. */
import type { Change } from '../../../../src/messenger/ports.ts'
import { createMemoryStore, type MemorySnapshot, type MemoryStore } from '../../../support/memory-store.ts'
import type { World } from '../../../support/world.ts'

/** A store whose commits are durable, and told of, when a long turn ends: together, as many that come in one turn of a busy process are. */
export function groupedByTurns({ clock }: World, from: MemorySnapshot): MemoryStore {
  const store = createMemoryStore({ from })
  let turn: Promise<void> | undefined
  const end = (): Promise<void> =>
    new Promise((resolve) =>
      clock.after(1, () => {
        turn = undefined
        resolve()
      }),
    )
  return {
    ...store,
    async commit(changes) {
      await store.commit(changes)
      await (turn ??= end())
    },
  }
}

/** Does something once, while the first change of this kind is being stored. */
export function inTheTurnOf(store: MemoryStore, is: (change: Change) => boolean, act: () => void): void {
  const { commit } = store
  store.commit = (changes) => {
    const stored = commit.call(store, changes)
    if (changes.some(is)) {
      store.commit = commit
      act()
    }
    return stored
  }
}
