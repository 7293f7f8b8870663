/** A channel from its first entry on: written, judged, followed. Its state travels as the bytes of its stored form. */
import {
  adoptHead,
  adoptKept,
  type Author,
  channelIdOf,
  type Channel,
  channelText,
  checkPostingKey,
  createChannel,
  decodeChannel,
  decodeEntry,
  disputes,
  encodeChannel,
  encodeLog,
  EntryError,
  findTag,
  headBefore,
  headOf,
  heads,
  judge,
  judgePage,
  logIdOf,
  logOf,
  type Manifest,
  missing,
  openChannel,
  parseChannelText,
  providerKey,
  provePostingKey,
  rootKeyAt,
  supersede,
  topicOf,
  total,
  type VouchedHead,
  write,
} from '../../protocols/channel/index.ts'
import { noble } from '../../protocols/suite/index.ts'
import { type Answer, command, type Commands } from '../command.ts'
import { bytes, list, optional, record, text, type Values, whole } from '../fields.ts'
import { manifestShape } from './channel-bodies.ts'

const HASH = bytes(32)
const now = whole()

/** The channel, and each author log that has entries. */
export const state = record({ channel: bytes(), logs: list(bytes()) })
export const restored = (stored: ReturnType<typeof state>): Channel => decodeChannel(noble, stored.channel, stored.logs)
export const stored = (channel: Channel): Answer => ({
  channel: encodeChannel(channel),
  logs: [...channel.logs.values()].filter(({ size }) => size > 0).map(encodeLog),
})

const pair = (seed: Uint8Array) => noble.importSecret('ed25519', seed)

function written(asked: Values<{ state: typeof state; kind: ReturnType<typeof whole>; body: typeof HASH; now: typeof now }>, author: Author): Answer {
  const { channel, entry } = write(noble, restored(asked.state), author, { kind: asked.kind, body: asked.body }, asked.now)
  return { state: stored(channel), entry: entry.bytes, id: entry.id }
}

/** The tree a page is proven in: that of our own log, or the one a signed entry stands on. */
function vouched(channel: Channel, log: Uint8Array, newest: Uint8Array | undefined, at: number): VouchedHead {
  if (newest === undefined) {
    const own = logOf(channel, log)
    if (!own) throw new EntryError('log')
    return headOf(noble, own)
  }
  const verdict = judge(noble, channel, newest, at)
  if ('entry' in verdict) return headBefore(verdict.entry)
  throw new EntryError(verdict.verdict === 'reject' ? verdict.rule : verdict.reason)
}

export const channel: Commands = {
  create: command({ entropy: HASH, manifest: record(manifestShape), now }, ({ entropy, manifest, ...asked }) => {
    const made = createChannel(noble, entropy, manifest as Manifest, asked.now)
    return { state: stored(made.channel), genesis: made.genesis.bytes, id: made.channel.id }
  }),
  open: command({ genesis: bytes(), now }, (asked) => {
    const { channel: opened } = openChannel(noble, asked.genesis, asked.now)
    return { state: stored(opened), id: opened.id, manifest: opened.manifest }
  }),
  write: command({ state, key: HASH, certificate: HASH, kind: whole(255), body: bytes(), now }, (asked) => written(asked, { key: pair(asked.key), certificate: asked.certificate })),
  writeRoot: command({ state, entropy: HASH, generation: whole(100), kind: whole(255), body: bytes(), now }, (asked) =>
    written(asked, { root: rootKeyAt(noble, asked.entropy, asked.generation) }),
  ),
  judge: command({ state, entry: bytes(), now }, (asked) => {
    const verdict = judge(noble, restored(asked.state), asked.entry, asked.now)
    if (verdict.verdict === 'accept') return { verdict: 'accept', id: verdict.entry.id, state: stored(verdict.channel) }
    if (!('entry' in verdict)) return { ...verdict }
    return { verdict: verdict.verdict, id: verdict.entry.id, from: verdict.verdict === 'supersede' ? verdict.from : undefined }
  }),
  supersede: command({ state, before: list(bytes()), rotation: bytes(), now }, (asked) => ({
    state: stored(supersede(noble, restored(asked.state), asked.before, asked.rotation, asked.now).channel),
  })),
  adopt: command({ state, entry: bytes(), frontier: list(HASH), now }, (asked) => ({ state: stored(adoptHead(noble, restored(asked.state), asked, asked.now).channel) })),
  adoptKept: command({ state, entry: bytes(), frontier: list(HASH), entries: list(bytes()), left: list(HASH), right: list(HASH), now }, (asked) => {
    const { entries, left, right } = asked
    const adopted = adoptKept(noble, restored(asked.state), asked, { entries, proof: { left, right } }, asked.now)
    return { state: adopted ? stored(adopted.channel) : null }
  }),
  page: command({ state, log: HASH, from: whole(), entries: list(bytes()), left: list(HASH), right: list(HASH), newest: optional(bytes()), now }, (asked) => {
    const { log, from, entries, left, right } = asked
    const before = restored(asked.state)
    const judged = judgePage(noble, before, { log, from, entries, proof: { left, right }, head: vouched(before, log, asked.newest, asked.now) }, asked.now)
    return { ids: judged.entries.map(({ id }) => id), frontier: judged.before.nodes, stopped: judged.stopped ?? null, state: judged.channel && stored(judged.channel) }
  }),
  look: command({ state }, (asked) => {
    const held = restored(asked.state)
    return { id: held.id, manifest: held.manifest, total: total(held), heads: heads(noble, held), missing: missing(held), disputes: disputes(held), frozen: held.frozen ?? null }
  }),
  readEntry: command({ entry: bytes() }, ({ entry }) => {
    const { bytes: _, ...said } = decodeEntry(noble, entry)
    return said
  }),
  names: command({ channel: HASH, nonce: optional(bytes(16)) }, ({ channel: id, nonce }) => ({
    text: channelText(id),
    topic: topicOf(noble, id),
    provider: providerKey(noble, id),
    tag: nonce && findTag(noble, id, nonce),
  })),
  parseText: command({ text }, (asked) => ({ channel: parseChannelText(asked.text) ?? null })),
  ids: command({ genesis: bytes(), postingKey: HASH }, ({ genesis, postingKey }) => {
    const id = channelIdOf(noble, genesis)
    return { channel: id, log: logIdOf(noble, id, postingKey) }
  }),
  provePostingKey: command({ key: HASH, channel: HASH, account: HASH }, (asked) => ({ proof: provePostingKey(noble, pair(asked.key), asked.channel, asked.account) })),
  checkPostingKey: command({ key: HASH, proof: bytes(), channel: HASH, account: HASH }, (asked) => ({ valid: checkPostingKey(noble, asked.key, asked.proof, asked.channel, asked.account) })),
}
