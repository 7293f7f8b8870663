/** A rotation that heals a root log with two entries of one number: it takes the place of both (attack 58). */
import { type Author, type Channel, type Entry, EntryError, judge, openChannel, supersede, write, type Written } from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import type { ChannelContext } from './context.ts'

/** An entry of ours. `superseded`: the root log is another from its number on. */
export type Signed = Written & { readonly superseded: boolean }

/** @throws WriteError, EntryError */
export function rotateAt({ suite, store, clock }: ChannelContext, state: Channel, author: Author, draft: Pick<Entry, 'kind' | 'body'>, seq: number): Signed {
  const id = toHex(state.id)
  const now = clock.now()
  const before = store.entries(id, id, 0, seq).map(({ bytes }) => bytes)
  const [genesis, ...rest] = before
  if (!genesis || before.length !== seq) throw new EntryError('sequence')
  let until = openChannel(suite, genesis, now).channel
  for (const bytes of rest) {
    const verdict = judge(suite, until, bytes, now)
    if (verdict.verdict !== 'accept') throw new EntryError('sequence')
    until = verdict.channel
  }
  const { bytes } = write(suite, until, author, draft, now).entry
  return { ...supersede(suite, state, before, bytes, now), superseded: true }
}
