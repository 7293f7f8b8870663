/** A relay's store in memory: steps become durable at the end of the turn, together, and fail together when told to. */
import type { Queue } from '../../protocols/mailbox/index.ts'
import { fromHex, toHex } from '../../protocols/suite/index.ts'
import { dueAt, type MailboxStore, type QueueChange } from '../../src/relay/mailbox/ports.ts'

export interface MemoryMailboxStore extends MailboxStore {
  /** The open steps, or the next ones, fail with this. */
  failNext(error: Error): void
  /** The same queues, as another process has them. */
  beside(): MemoryMailboxStore
}

interface State {
  readonly queues: Map<string, Queue>
  readonly bodies: Map<string, Uint8Array>
}

interface Handle {
  readonly rolledBack: (() => void)[]
  readonly changed: ((ids: readonly Uint8Array[]) => void)[]
}

interface Step {
  readonly by: Handle
  readonly change: QueueChange | undefined
  resolve(): void
  reject(error: Error): void
}

export function createMemoryMailboxStore(): MemoryMailboxStore {
  let state: State = { queues: new Map(), bodies: new Map() }
  let durable = copy(state)
  let group: Step[] | undefined
  let failure: Error | undefined
  const handles: Handle[] = []
  const place = (id: Uint8Array, seq: number): string => `${toHex(id)} ${seq}`
  const size = (): { queues: number; blocks: number } => ({ queues: state.queues.size, blocks: state.bodies.size })

  function flush(): void {
    const steps = group ?? []
    group = undefined
    if (!failure) {
      durable = copy(state)
      for (const { resolve } of steps) resolve()
      for (const handle of handles) {
        const ids = new Set(steps.flatMap(({ by, change }) => (change && by !== handle ? [toHex(change.id)] : [])))
        if (ids.size > 0) for (const listener of handle.changed) listener([...ids].map(fromHex))
      }
      return
    }
    const error = failure
    failure = undefined
    state = copy(durable)
    for (const { rolledBack } of handles) for (const listener of rolledBack) listener()
    for (const { reject } of steps) reject(error)
  }

  function apply({ id, queue, kept, dropped }: QueueChange): void {
    if (queue) state.queues.set(toHex(id), queue)
    else {
      state.queues.delete(toHex(id))
      for (const key of state.bodies.keys()) if (key.startsWith(toHex(id))) state.bodies.delete(key)
    }
    if (queue && kept) state.bodies.set(place(id, kept.seq), kept.body)
    for (const seq of dropped) state.bodies.delete(place(id, seq))
  }

  function open(): MemoryMailboxStore {
    const handle: Handle = { rolledBack: [], changed: [] }
    handles.push(handle)
    return {
      async step(by, value, act) {
        const { change, result } = act([...state.queues.values()].find((queue) => toHex(queue[by]) === toHex(value)), size())
        if (!change && !group) return result
        if (change) apply(change)
        if (!group) {
          group = []
          setImmediate(flush)
        }
        const steps = group
        await new Promise<void>((resolve, reject) => steps.push({ by: handle, change, resolve, reject }))
        return result
      },
      body: async (id, seq) => state.bodies.get(place(id, seq)),
      due: async (now, most) =>
        [...state.queues.values()].filter((queue) => dueAt(queue) <= now).toSorted((a, b) => dueAt(a) - dueAt(b)).slice(0, most).map(({ recipient }) => recipient),
      size,
      onRollback: (listener) => void handle.rolledBack.push(listener),
      onChanged: (listener) => void handle.changed.push(listener),
      close: async () => void handles.splice(handles.indexOf(handle), 1),
      failNext(error) {
        failure = error
      },
      beside: open,
    }
  }

  return open()
}

const copy = ({ queues, bodies }: State): State => ({ queues: new Map(queues), bodies: new Map(bodies) })
