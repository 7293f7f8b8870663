/** Vectors of the names of channels and of the sync protocol, made by the readable twin. */
import { frame, type Peer, provider, request, tag, text, topic } from '../../test/reference/channel-sync.ts'

const fill = (byte: string, length: number): string => byte.repeat(length)
const CHANNEL = fill('c1', 32)
const LOG = fill('a2', 32)
const NONCE = fill('5e', 16)
const node = (byte: number): string => fill(byte.toString(16).padStart(2, '0'), 32)
const ENTRY = Buffer.from('stands for an entry').toString('hex')
const CHUNK = 32_768
const MAX_MEDIA = 10 * 1024 * 1024

const PEER: Peer = {
  key: fill('07', 32),
  addresses: [
    { text: '/ip4/192.0.2.7/tcp/4001', coded: '01c0000207070fa1' },
    { text: '/ip6/2001:db8::1/udp/443/quic-v1', coded: '0220010db80000000000000000000000010801bb0c' },
  ],
}
const page = (from: number, count: number, size: number) => ({ from, count, size, bytes: request.page(CHANNEL, LOG, from, count, size) })
const media = (size: number, first: number, count: number) => ({ size, first, count, bytes: request.media(LOG, size, first, count) })

const names = ['00', 'c1', 'ff'].map((byte) => {
  const channel = fill(byte, 32)
  return { channel, text: text(channel), topic: topic(channel), providerKey: provider(channel), nonce: NONCE, tag: tag(channel, NONCE) }
})

export function vectors(): unknown {
  return {
    names,
    notNames: [
      { name: 'upper case', text: text(CHANNEL).toUpperCase() },
      { name: 'a character short', text: text(CHANNEL).slice(1) },
      { name: 'a character more', text: `${text(CHANNEL)}a` },
      { name: 'a bit behind the end', text: `${text(fill('00', 32)).slice(0, -1)}b` },
      { name: 'another alphabet', text: text(CHANNEL).replace(/^./, '0') },
    ],
    channel: CHANNEL,
    log: LOG,
    entry: ENTRY,
    requests: [
      { type: 'heads', bytes: request.heads(CHANNEL) },
      { type: 'page', ...page(0, 1, 1) },
      { type: 'page', ...page(999_744, 256, 1_000_000) },
      { type: 'page', ...page(2 ** 53 - 2, 1, 2 ** 53 - 1) },
      { type: 'media', hash: LOG, ...media(1, 0, 1) },
      { type: 'media', hash: LOG, ...media(MAX_MEDIA, 300, 20) },
      { type: 'evidence', bytes: request.evidence(CHANNEL) },
      { type: 'peers', bytes: request.peers(CHANNEL) },
    ],
    refusedRequests: [
      { name: 'nothing', bytes: '' },
      { name: 'type 0', bytes: `00${CHANNEL}` },
      { name: 'type 6', bytes: `06${CHANNEL}` },
      { name: 'a channel of 31 bytes', bytes: request.heads(CHANNEL).slice(2) },
      { name: 'a byte after the end', bytes: `${request.heads(CHANNEL)}00` },
      { name: 'a page of no entries', bytes: page(0, 0, 1).bytes },
      { name: 'a page of 257 entries', bytes: page(0, 257, 1_000).bytes },
      { name: 'a page of no tree', bytes: page(0, 1, 0).bytes },
      { name: 'a page behind the end', bytes: page(9, 2, 10).bytes },
      { name: 'a page of a tree above 2^53', bytes: request.page(CHANNEL, LOG, 0, 1, 1).slice(0, -16) + fill('ff', 8) },
      { name: 'a page from above 2^53', bytes: `02${CHANNEL}${LOG}${fill('ff', 8)}00010000000000000001` },
      { name: 'chunks of an empty file', bytes: media(0, 0, 1).bytes },
      { name: 'chunks of a file above 10 MiB', bytes: media(MAX_MEDIA + 1, 0, 1).bytes },
      { name: 'no chunks', bytes: media(CHUNK, 0, 0).bytes },
      { name: 'chunks behind the end', bytes: media(CHUNK, 0, 2).bytes },
      { name: 'a chunk whose number is above all', bytes: media(CHUNK, 0xffff_ffff, 1).bytes },
    ],
    frames: [
      { type: 'head', log: LOG, frontier: [node(1), node(2)], entry: ENTRY, bytes: frame.head(LOG, [node(1), node(2)], ENTRY) },
      { type: 'head', log: CHANNEL, frontier: [], entry: ENTRY, bytes: frame.head(CHANNEL, [], ENTRY) },
      { type: 'proof', from: 300, to: 556, left: [node(1)], right: [node(2), node(3)], bytes: frame.proof(300, 556, [node(1)], [node(2), node(3)]) },
      { type: 'proof', from: 0, to: 1, left: [], right: [], bytes: frame.proof(0, 1, [], []) },
      { type: 'entry', entry: ENTRY, bytes: frame.entry(ENTRY) },
      { type: 'chunk', index: 319, proof: [node(4)], chunk: 'abcdef', bytes: frame.chunk(319, [node(4)], 'abcdef') },
      { type: 'evidence', last: false, part: 'aa', bytes: frame.evidence(false, 'aa') },
      { type: 'evidence', last: true, part: 'bb', bytes: frame.evidence(true, 'bb') },
      { type: 'peer', peer: PEER, bytes: frame.peer(PEER) },
      { type: 'peer', peer: { key: PEER.key, addresses: [] }, bytes: frame.peer({ key: PEER.key, addresses: [] }) },
      { type: 'refused', code: 'unknown', bytes: frame.refused(1) },
      { type: 'refused', code: 'missing', bytes: frame.refused(2) },
      { type: 'refused', code: 'busy', bytes: frame.refused(3) },
      { type: 'end', bytes: frame.end() },
    ],
    refusedFrames: [
      { name: 'nothing', bytes: '' },
      { name: 'type 0', bytes: '00' },
      { name: 'type 9', bytes: '09' },
      { name: 'a byte after the end', bytes: `${frame.end()}00` },
      { name: 'a head without an entry', bytes: frame.head(LOG, [node(1)], '') },
      { name: 'a head whose frontier has 54 hashes', bytes: frame.head(LOG, Array.from({ length: 54 }, (_, i) => node(i)), ENTRY) },
      { name: 'a head that is cut inside its frontier', bytes: frame.head(LOG, [node(1), node(2)], '').slice(0, -2) },
      { name: 'a proof of no entries', bytes: frame.proof(5, 5, [node(1), node(2)], []) },
      { name: 'a proof of 257 entries', bytes: frame.proof(0, 257, [], []) },
      { name: 'a proof that goes backwards', bytes: frame.proof(6, 5, [], []) },
      { name: 'a proof with a byte too many', bytes: `${frame.proof(0, 1, [], [])}00` },
      { name: 'a proof with half a hash', bytes: frame.proof(0, 1, [], [node(1)]).slice(0, -32) },
      { name: 'a proof with 107 hashes on its right', bytes: frame.proof(0, 1, [], Array.from({ length: 107 }, (_, i) => node(i))) },
      { name: 'an empty entry', bytes: frame.entry('') },
      { name: 'an entry above 64 KiB', bytes: frame.entry(fill('00', 65_537)) },
      { name: 'an empty chunk', bytes: frame.chunk(0, [], '') },
      { name: 'a chunk above 32 KiB', bytes: frame.chunk(0, [], fill('00', CHUNK + 1)) },
      { name: 'chunk 512', bytes: frame.chunk(512, [], 'ab') },
      { name: 'a chunk with ten hashes', bytes: frame.chunk(0, Array.from({ length: 10 }, (_, i) => node(i)), 'ab') },
      { name: 'evidence that is neither last nor not', bytes: '0502aa' },
      { name: 'empty evidence', bytes: '0501' },
      { name: 'a peer with five addresses', bytes: frame.peer({ ...PEER, addresses: Array.from({ length: 5 }, () => PEER.addresses[0] as Peer['addresses'][0]) }) },
      { name: 'a peer with half an address', bytes: frame.peer(PEER).slice(0, -2) },
      { name: 'a peer with an address that has a shorter coding', bytes: frame.peer({ ...PEER, addresses: [{ text: '', coded: `00${Buffer.from('/tcp/1').toString('hex')}` }] }) },
      { name: 'a peer whose address names it again', bytes: frame.peer({ ...PEER, addresses: [{ text: '', coded: `01c0000207070fa10e${PEER.key}` }] }) },
      { name: 'refusal 0', bytes: frame.refused(0) },
      { name: 'refusal 4', bytes: frame.refused(4) },
    ],
    find: {
      nonce: NONCE,
      tags: names.map((each) => each.tag),
      request: NONCE + names.map((each) => each.tag).join(''),
      known: [true, false, true],
      reply: 'a0',
    },
    refusedFinds: [
      { name: 'nothing', bytes: '' },
      { name: 'no tag', bytes: NONCE },
      { name: 'half a tag', bytes: NONCE + fill('00', 8) },
      { name: '65 tags', bytes: NONCE + fill('00', 16 * 65) },
    ],
    refusedFindReplies: [
      { name: 'nothing', count: 3, bytes: '' },
      { name: 'a byte too many', count: 3, bytes: 'a000' },
      { name: 'a bit behind the last', count: 3, bytes: 'b0' },
    ],
  }
}
