/** A relay's store in memory: commits become durable at the end of the turn, together, and fail together when told to. */
import type { Queue } from '../../protocols/mailbox/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import { dueAt, type MailboxStore } from '../../src/relay/mailbox/ports.ts'

export interface MemoryMailboxStore extends MailboxStore {
  /** The open commit, or the next one, fails with this. */
  failNext(error: Error): void
}

interface State {
  readonly queues: Map<string, Queue>
  readonly bodies: Map<string, Uint8Array>
}

export function createMemoryMailboxStore(): MemoryMailboxStore {
  let state: State = { queues: new Map(), bodies: new Map() }
  let durable = copy(state)
  let group: { resolve(): void; reject(error: Error): void }[] | undefined
  let failure: Error | undefined
  const listeners: (() => void)[] = []
  const place = (id: Uint8Array, seq: number): string => `${toHex(id)} ${seq}`

  function flush(): void {
    const calls = group ?? []
    group = undefined
    if (!failure) {
      durable = copy(state)
      for (const { resolve } of calls) resolve()
      return
    }
    const error = failure
    failure = undefined
    state = copy(durable)
    for (const listener of listeners) listener()
    for (const { reject } of calls) reject(error)
  }

  return {
    find: (by, value) => [...state.queues.values()].find((queue) => toHex(queue[by]) === toHex(value)),
    body: (id, seq) => state.bodies.get(place(id, seq)),
    due: (now, most) => [...state.queues.values()].filter((queue) => dueAt(queue) <= now).toSorted((a, b) => dueAt(a) - dueAt(b)).slice(0, most),
    size: () => ({ queues: state.queues.size, blocks: state.bodies.size }),
    commit(change) {
      if (!change && !group) return Promise.resolve()
      if (change) {
        const { id, queue, kept, dropped } = change
        if (queue) state.queues.set(toHex(id), queue)
        else {
          state.queues.delete(toHex(id))
          for (const key of state.bodies.keys()) if (key.startsWith(toHex(id))) state.bodies.delete(key)
        }
        if (queue && kept) state.bodies.set(place(id, kept.seq), kept.body)
        for (const seq of dropped) state.bodies.delete(place(id, seq))
      }
      if (!group) {
        group = []
        setImmediate(flush)
      }
      const calls = group
      return new Promise((resolve, reject) => calls.push({ resolve, reject }))
    },
    onRollback: (listener) => void listeners.push(listener),
    close: () => undefined,
    failNext(error) {
      failure = error
    },
  }
}

const copy = ({ queues, bodies }: State): State => ({ queues: new Map(queues), bodies: new Map(bodies) })
