/** The store, in the place of src/store for the composition of a node under test. */
import { openStore as open } from '../../src/store/index.ts'
import type { OpenedStore } from '../../src/store/index.ts'
import { durable, meet } from './recorder.ts'

export * from '../../src/store/index.ts'

export async function openStore(options: Parameters<typeof open>[0]): Promise<OpenedStore> {
  const store = await open(options)
  // What was stored when it could no longer be written down.
  for (const { envelope } of store.outbox()) if (envelope) durable(envelope)
  return {
    ...store,
    async commit(changes) {
      meet('asked')
      const stored = store.commit(changes)
      meet('written')
      await stored
      meet('stored')
      for (const change of changes) if ('put' in change && change.put === 'outbox' && change.row.envelope) durable(change.row.envelope)
    },
  }
}
