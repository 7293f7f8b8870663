/** A whole channel as JSON lines that anybody can read and check without us, described in export.md beside this file. */
import { base64 } from '@scure/base'
import {
  channelText, decodeCertificate, decodeEdit, decodeEntry, decodeGenesis, decodeManifest, decodePost, decodeRevocation, decodeRotation, decodeWithdrawal,
  type Entry, headOf, KIND, type MediaRef,
} from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { MessengerError } from '../errors.ts'
import type { ChannelContext } from './context.ts'
import { certificatesOf } from './keys.ts'
import type { Pictures } from './pictures.ts'
import type { EntryRow, LogId } from './ports.ts'
import type { Opened } from './shelf.ts'

export const EXPORT_VERSION = 1
/** Entries read at a time: memory stays flat however long the channel is. */
const READ_AT_ONCE = 256

/** @throws MessengerError 'bad-input' when not all of it is held, before the first line */
export function exportChannel(context: ChannelContext, known: Opened, pictures: Pictures): IterableIterator<string> {
  const { row, state, floors } = known
  const [gap] = [...floors].filter(([log, floor]) => floor > 0 && state.logs.has(log))
  if (gap) throw new MessengerError('bad-input', `the oldest entries of ${row.name} are not here`, `dure channel verify "${row.name}" --all fetches them`)
  return lines(context, known, pictures)
}

function* lines(context: ChannelContext, { row, state }: Opened, pictures: Pictures): IterableIterator<string> {
  const { suite, store, clock } = context
  const authors = [...state.logs.values()].filter(({ size }) => size > 0)
  const nameOf = (log: LogId): string | undefined => (log === row.id ? undefined : certificatesOf(state, log).at(-1)?.name)
  const heads = [state.root, ...authors].map((log) => {
    const { size, root } = headOf(suite, log)
    return { log: toHex(log.log), author: nameOf(toHex(log.log)), size, root: toHex(root) }
  })
  yield JSON.stringify({ type: 'dure-channel', version: EXPORT_VERSION, channel: channelText(state.id), name: state.manifest.name, exportedAt: clock.now(), heads })

  const named = new Map<string, MediaRef>()
  for (const { log, size } of heads) {
    // Up to the head of the first line, whatever comes while somebody reads.
    for (let seq = 0; seq < size; ) {
      const rows = store.entries(row.id, log, seq, Math.min(READ_AT_ONCE, size - seq))
      if (rows.length === 0) throw new MessengerError('store-failed', `entry ${seq + 1} of a log that should be whole is not stored`)
      for (const each of rows) {
        const entry = decodeEntry(suite, each.bytes)
        const { kind, says, media } = described(entry)
        for (const ref of media) named.set(toHex(ref.hash), ref)
        const author = state.certificates.get(toHex(entry.certificate))?.name
        yield JSON.stringify({ type: 'entry', ...entryFields(each), kind, author, says }, readable)
      }
      seq += rows.length
    }
  }
  for (const [hash, ref] of named) {
    if (!pictures.held(ref)) continue
    for (let index = 0, chunk = store.mediaChunk(hash, index); chunk; chunk = store.mediaChunk(hash, ++index)) {
      yield JSON.stringify({ type: 'chunk', hash, size: ref.size, index, bytes: base64.encode(chunk) })
    }
  }
  for (const bytes of store.evidence(row.id)) yield JSON.stringify({ type: 'evidence', bytes: base64.encode(bytes) })
}

const entryFields = ({ log, seq, id, time, bytes }: EntryRow): object => ({ log, seq, id, at: time, bytes: base64.encode(bytes) })

/** Keys, hashes and ids as hex. */
const readable = (_: string, value: unknown): unknown => (value instanceof Uint8Array ? toHex(value) : value)

export interface Described {
  readonly kind: string | number
  readonly says: unknown
  /** pictures it names */
  readonly media: readonly MediaRef[]
}

/** What a verified entry says. */
export function described({ kind, body }: Pick<Entry, 'kind' | 'body'>): Described {
  const logo = (ref: MediaRef | undefined): MediaRef[] => (ref ? [ref] : [])
  switch (kind) {
    case KIND.genesis: {
      const says = decodeGenesis(body)
      return { kind: 'genesis', says, media: logo(says.manifest.logo) }
    }
    case KIND.manifest: {
      const says = decodeManifest(body)
      return { kind: 'manifest', says, media: logo(says.logo) }
    }
    case KIND.certificate: return { kind: 'certificate', says: decodeCertificate(body), media: [] }
    case KIND.revocation: return { kind: 'revocation', says: decodeRevocation(body), media: [] }
    case KIND.rotation: return { kind: 'rotation', says: decodeRotation(body), media: [] }
    case KIND.post: {
      const says = decodePost(body)
      return { kind: 'post', says, media: says.media }
    }
    case KIND.edit: {
      const says = decodeEdit(body)
      return { kind: 'edit', says, media: says.post.media }
    }
    case KIND.withdrawal: return { kind: 'withdrawal', says: decodeWithdrawal(body), media: [] }
    default: return { kind, says: undefined, media: [] }
  }
}
