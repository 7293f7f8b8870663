/**
 * libp2p's datastore, in memory and bounded: strangers come under ever new keys, and what the library notes about them must not add up (attack 76).
 * Above the limit the row that was written longest ago goes.
 */
import type { Libp2pInit } from 'libp2p'
import { MAX_STORED_PEERS } from './limits.ts'

type Datastore = NonNullable<Libp2pInit['datastore']>
type Key = Parameters<Datastore['get']>[0]
type Query = Parameters<Datastore['query']>[0]
type Pair = ReturnType<Datastore['query']> extends AsyncIterable<infer P> | Iterable<infer P> ? P : never

class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
}

export function boundedDatastore(limit = MAX_STORED_PEERS): Datastore & { readonly size: number } {
  const rows = new Map<string, Pair>()

  const put = (key: Key, value: Uint8Array): Key => {
    rows.delete(key.toString())
    rows.set(key.toString(), { key, value })
    for (const oldest of rows.keys()) {
      if (rows.size <= limit) break
      rows.delete(oldest)
    }
    return key
  }
  const get = (key: Key): Uint8Array => {
    const row = rows.get(key.toString())
    if (!row) throw new NotFoundError(`nothing under ${key}`)
    return row.value
  }

  function* query({ prefix = '', filters = [], orders = [], offset = 0, limit: most = Infinity }: Query): Generator<Pair> {
    let found = [...rows.values()].filter(row => row.key.toString().startsWith(prefix) && filters.every(filter => filter(row)))
    for (const order of orders) found = found.toSorted(order)
    yield* found.slice(offset, offset + most)
  }

  return {
    get size() {
      return rows.size
    },
    put,
    get,
    has: key => rows.has(key.toString()),
    delete: key => void rows.delete(key.toString()),
    async *putMany(source) {
      for await (const { key, value } of source) yield put(key, value)
    },
    async *getMany(source) {
      for await (const key of source) yield { key, value: get(key) }
    },
    async *deleteMany(source) {
      for await (const key of source) {
        rows.delete(key.toString())
        yield key
      }
    },
    batch() {
      const steps: (() => void)[] = []
      return {
        put: (key, value) => void steps.push(() => put(key, value)),
        delete: key => void steps.push(() => rows.delete(key.toString())),
        commit() {
          for (const step of steps.splice(0)) step()
        },
      }
    },
    query,
    *queryKeys({ prefix = '', filters = [], orders = [], offset = 0, limit: most = Infinity }) {
      let found = [...rows.values()].map(({ key }) => key).filter(key => key.toString().startsWith(prefix) && filters.every(filter => filter(key)))
      for (const order of orders) found = found.toSorted(order)
      yield* found.slice(offset, offset + most)
    },
  }
}
