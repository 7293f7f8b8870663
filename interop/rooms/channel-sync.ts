/** Frames of sync and find. */
import {
  decodeFindReply,
  decodeFindRequest,
  decodeSyncFrame,
  decodeSyncRequest,
  encodeFindReply,
  encodeFindRequest,
  encodeSyncFrame,
  encodeSyncRequest,
  MAX_FIND,
  parseWellKnown,
  type SyncFrame,
  type SyncRequest,
  wellKnownText,
} from '../../protocols/channel/index.ts'
import { command, type Commands } from '../command.ts'
import { bytes, flag, list, oneOf, record, type Shape, text, variant, whole } from '../fields.ts'

const HASH = bytes(32)
const hashes = list(HASH)

const REQUESTS: Readonly<Record<SyncRequest['type'], Shape>> = {
  heads: { channel: HASH },
  page: { channel: HASH, log: HASH, from: whole(), count: whole(), size: whole() },
  media: { hash: HASH, size: whole(), first: whole(), count: whole() },
  evidence: { channel: HASH },
  peers: { channel: HASH },
}
const FRAMES: Readonly<Record<SyncFrame['type'], Shape>> = {
  head: { log: HASH, frontier: hashes, entry: bytes() },
  proof: { from: whole(), to: whole(), proof: record({ left: hashes, right: hashes }) },
  entry: { entry: bytes() },
  chunk: { index: whole(), proof: hashes, chunk: bytes() },
  evidence: { last: flag, part: bytes() },
  peer: { peer: record({ key: HASH, addresses: list(text) }) },
  refused: { code: oneOf('unknown', 'missing', 'busy') },
  end: {},
}

export const channelSync: Commands = {
  syncRequest: command({ request: variant('type', REQUESTS) }, (asked) => ({ frame: encodeSyncRequest(asked.request as unknown as SyncRequest) })),
  readSyncRequest: command({ frame: bytes() }, ({ frame }) => ({ request: decodeSyncRequest(frame) })),
  syncFrame: command({ frame: variant('type', FRAMES) }, (asked) => ({ frame: encodeSyncFrame(asked.frame as unknown as SyncFrame) })),
  readSyncFrame: command({ frame: bytes() }, ({ frame }) => ({ frame: decodeSyncFrame(frame) })),
  find: command({ nonce: bytes(), tags: list(bytes()) }, (asked) => ({ frame: encodeFindRequest(asked) })),
  readFind: command({ frame: bytes() }, ({ frame }) => ({ ...decodeFindRequest(frame) })),
  found: command({ known: list(flag, MAX_FIND) }, ({ known }) => ({ frame: encodeFindReply(known) })),
  readFound: command({ frame: bytes(), count: whole(MAX_FIND) }, ({ frame, count }) => ({ known: decodeFindReply(frame, count) })),
  wellKnown: command({ channels: list(HASH) }, ({ channels }) => ({ text: wellKnownText(channels) })),
  parseWellKnown: command({ text }, (asked) => ({ channels: parseWellKnown(asked.text) })),
}
