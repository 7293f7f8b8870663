import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import {
  CHUNK,
  decodeFindReply,
  decodeFindRequest,
  decodeSyncFrame,
  decodeSyncRequest,
  encodeFindReply,
  encodeFindRequest,
  encodeSyncFrame,
  encodeSyncRequest,
  limits,
  MAX_EVIDENCE_PART,
  MAX_FIND,
  MAX_PAGE,
  MAX_SYNC_FRAME,
  MAX_SYNC_REQUEST,
  SyncError,
  type SyncFrame,
  type SyncRequest,
} from '../../../protocols/channel/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/channel-sync.ts'
import type { Peer } from '../../reference/channel-sync.ts'

const text = readFileSync(path.join(import.meta.dirname, '../../../protocols/channel/vectors-sync.json'), 'utf8')
interface Bad {
  readonly name: string
  readonly bytes: string
}
const file = JSON.parse(text) as {
  channel: string
  log: string
  requests: { type: SyncRequest['type']; bytes: string; from: number; count: number; size: number; first: number }[]
  refusedRequests: Bad[]
  frames: ({ type: SyncFrame['type']; bytes: string; left: string[]; right: string[]; frontier: string[]; proof: string[]; from: number; to: number; index: number } & {
    last: boolean; peer: Peer; code: 'unknown' | 'missing' | 'busy'; log: string; entry: string; chunk: string; part: string
  })[]
  refusedFrames: Bad[]
  find: { nonce: string; tags: string[]; request: string; known: boolean[]; reply: string }
  refusedFinds: Bad[]
  refusedFindReplies: (Bad & { count: number })[]
}

function requestOf({ type, from, count, size, first }: (typeof file.requests)[number]): SyncRequest {
  const channel = fromHex(file.channel)
  switch (type) {
    case 'page':
      return { type, channel, log: fromHex(file.log), from, count, size }
    case 'media':
      return { type, hash: fromHex(file.log), size, first, count }
    default:
      return { type, channel }
  }
}

function frameOf(vector: (typeof file.frames)[number]): SyncFrame {
  const { type } = vector
  switch (type) {
    case 'head':
      return { type, log: fromHex(vector.log), frontier: vector.frontier.map(fromHex), entry: fromHex(vector.entry) }
    case 'proof':
      return { type, from: vector.from, to: vector.to, proof: { left: vector.left.map(fromHex), right: vector.right.map(fromHex) } }
    case 'entry':
      return { type, entry: fromHex(vector.entry) }
    case 'chunk':
      return { type, index: vector.index, proof: vector.proof.map(fromHex), chunk: fromHex(vector.chunk) }
    case 'evidence':
      return { type, last: vector.last, part: fromHex(vector.part) }
    case 'peer':
      return { type, peer: { key: fromHex(vector.peer.key), addresses: vector.peer.addresses.map((address) => address.text) } }
    case 'refused':
      return { type, code: vector.code }
    case 'end':
      return { type }
  }
}

describe('the vectors of the sync protocol', () => {
  it('are what their generator makes', () => assert.equal(`${JSON.stringify(vectors(), null, 2)}\n`, text))

  it('are the requests the room writes and reads', () => {
    for (const vector of file.requests) {
      assert.equal(toHex(encodeSyncRequest(requestOf(vector))), vector.bytes)
      assert.deepEqual(decodeSyncRequest(fromHex(vector.bytes)), requestOf(vector))
    }
  })

  it('are the frames the room writes and reads', () => {
    for (const vector of file.frames) {
      assert.equal(toHex(encodeSyncFrame(frameOf(vector))), vector.bytes)
      assert.deepEqual(decodeSyncFrame(fromHex(vector.bytes)), frameOf(vector))
    }
  })

  it('are the question for channels and its answer', () => {
    const { nonce, tags, request, known, reply } = file.find
    const asked = { nonce: fromHex(nonce), tags: tags.map(fromHex) }
    assert.equal(toHex(encodeFindRequest(asked)), request)
    assert.deepEqual(decodeFindRequest(fromHex(request)), asked)
    assert.equal(toHex(encodeFindReply(known)), reply)
    assert.deepEqual(decodeFindReply(fromHex(reply), known.length), known)
  })

  for (const { name, bytes } of file.refusedRequests) it(`refuse a request: ${name}`, () => assert.throws(() => decodeSyncRequest(fromHex(bytes)), SyncError))
  for (const { name, bytes } of file.refusedFrames) it(`refuse a frame: ${name}`, () => assert.throws(() => decodeSyncFrame(fromHex(bytes)), SyncError))
  for (const { name, bytes } of file.refusedFinds) it(`refuse a question: ${name}`, () => assert.throws(() => decodeFindRequest(fromHex(bytes)), SyncError))
  for (const { name, count, bytes } of file.refusedFindReplies) it(`refuse an answer: ${name}`, () => assert.throws(() => decodeFindReply(fromHex(bytes), count), SyncError))
})

const bytes = (min: number, max = min) => fc.uint8Array({ minLength: min, maxLength: max, size: 'max' })
const hash = bytes(32)
const part = fc.tuple(fc.integer({ min: 0, max: 2 ** 53 - 300 }), fc.integer({ min: 1, max: MAX_PAGE }))
const requests: fc.Arbitrary<SyncRequest> = fc.oneof(
  fc.tuple(fc.constantFrom('heads' as const, 'evidence' as const, 'peers' as const), hash).map(([type, channel]) => ({ type, channel })),
  fc.tuple(hash, hash, part, fc.nat(40)).map(([channel, log, [from, count], more]) => ({ type: 'page' as const, channel, log, from, count, size: from + count + more })),
  fc.tuple(hash, fc.integer({ min: 1, max: limits.MAX_MEDIA }), fc.nat(), fc.nat()).map(([hash, size, a, b]) => {
    const chunks = Math.ceil(size / CHUNK)
    return { type: 'media' as const, hash, size, first: a % chunks, count: 1 + (b % (chunks - (a % chunks))) }
  }),
)
const frames: fc.Arbitrary<SyncFrame> = fc.oneof(
  fc.tuple(hash, fc.array(hash, { maxLength: 53, size: 'max' }), bytes(1, 400)).map(([log, frontier, entry]) => ({ type: 'head' as const, log, frontier, entry })),
  fc.tuple(part, fc.array(hash, { maxLength: 53, size: 'max' }), fc.array(hash, { maxLength: 106, size: 'max' })).map(([[from, count], left, right]) => ({ type: 'proof' as const, from, to: from + count, proof: { left, right } })),
  bytes(1, 400).map((entry) => ({ type: 'entry' as const, entry })),
  fc.tuple(fc.nat(511), fc.array(hash, { maxLength: 9 }), bytes(1, 400)).map(([index, proof, chunk]) => ({ type: 'chunk' as const, index, proof, chunk })),
  fc.tuple(fc.boolean(), bytes(1, 400)).map(([last, part]) => ({ type: 'evidence' as const, last, part })),
  fc.tuple(hash, fc.array(fc.tuple(fc.ipV4(), fc.nat(65_535)), { maxLength: 4 })).map(([key, hosts]) => ({ type: 'peer' as const, peer: { key, addresses: hosts.map(([ip, port]) => `/ip4/${ip}/tcp/${port}`) } })),
  fc.constantFrom('unknown' as const, 'missing' as const, 'busy' as const).map((code) => ({ type: 'refused' as const, code })),
  fc.constant({ type: 'end' as const }),
)

/** Decodes, or refuses in the one way it may; what is decoded has these very bytes. */
function decodes<T>(input: Uint8Array, decode: (input: Uint8Array) => T, encode: (value: T) => Uint8Array): T | undefined {
  let value: T
  try {
    value = decode(input)
  } catch (error) {
    assert.ok(error instanceof SyncError, String(error))
    return undefined
  }
  assert.deepEqual(encode(value), input)
  return value
}

describe('the frames of the sync protocol', () => {
  it('are read as they were written, and nothing cut or longer is', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const written = encodeSyncRequest(request)
        assert.ok(written.length <= MAX_SYNC_REQUEST)
        assert.deepEqual(decodeSyncRequest(written), request)
        for (let length = 0; length < written.length; length++) assert.throws(() => decodeSyncRequest(written.subarray(0, length)), SyncError)
        assert.throws(() => decodeSyncRequest(new Uint8Array([...written, 0])), SyncError)
      }),
    )
    fc.assert(fc.property(frames, (frame) => assert.deepEqual(decodeSyncFrame(encodeSyncFrame(frame)), frame)))
  })

  it('have one encoding each: other bytes are refused, or are another frame (attack 57)', () => {
    fc.assert(
      fc.property(frames.map(encodeSyncFrame), fc.nat(), fc.nat(255), fc.constantFrom('change', 'insert', 'remove'), (written, place, byte, how) => {
        const at = place % written.length
        const other = [...written]
        if (how === 'change') other[at] = byte
        else other.splice(at, how === 'remove' ? 1 : 0, ...(how === 'insert' ? [byte] : []))
        decodes(new Uint8Array(other), decodeSyncFrame, encodeSyncFrame)
      }),
      { numRuns: 500 },
    )
  })

  it('are refused as garbage and never otherwise, whatever comes', () => {
    fc.assert(
      fc.property(fc.nat(10), bytes(0, 200), (type, rest) => {
        const input = new Uint8Array([type, ...rest])
        decodes(input, decodeSyncFrame, encodeSyncFrame)
        decodes(input, decodeSyncRequest, encodeSyncRequest)
        decodes(rest, decodeFindRequest, encodeFindRequest)
        for (const count of [1, 8, 9, 64]) decodes(rest, (reply) => decodeFindReply(reply, count), encodeFindReply)
      }),
      { numRuns: 500 },
    )
  })

  it('are not written when they would not be read', () => {
    const channel = new Uint8Array(32)
    const wrong: SyncRequest[] = [
      { type: 'heads', channel: new Uint8Array(31) },
      { type: 'page', channel, log: channel, from: 0, count: MAX_PAGE + 1, size: 1_000 },
      { type: 'page', channel, log: channel, from: -1, count: 1, size: 1_000 },
      { type: 'page', channel, log: channel, from: 0, count: 1.5, size: 1_000 },
      { type: 'page', channel, log: channel, from: 0, count: 1, size: 2 ** 53 },
      { type: 'media', hash: channel, size: limits.MAX_MEDIA + 1, first: 0, count: 1 },
      { type: 'media', hash: channel, size: 1, first: 0, count: 2 },
    ]
    for (const request of wrong) assert.throws(() => encodeSyncRequest(request), SyncError)
    const frames: SyncFrame[] = [
      { type: 'entry', entry: new Uint8Array(limits.MAX_ENTRY + 1) },
      { type: 'entry', entry: new Uint8Array() },
      { type: 'evidence', last: true, part: new Uint8Array(MAX_EVIDENCE_PART + 1) },
      { type: 'chunk', index: -1, proof: [], chunk: channel },
      { type: 'proof', from: 0, to: 2 ** 53, proof: { left: [], right: [] } },
      { type: 'peer', peer: { key: new Uint8Array(31), addresses: [] } },
      { type: 'head', log: channel, frontier: Array.from({ length: 54 }, () => channel), entry: channel },
      { type: 'proof', from: 0, to: 1, proof: { left: [], right: Array.from({ length: 107 }, () => channel) } },
    ]
    for (const frame of frames) assert.throws(() => encodeSyncFrame(frame), { name: 'SyncError', code: 'malformed', message: 'a frame of the sync protocol is malformed' })
    assert.throws(() => encodeFindRequest({ nonce: new Uint8Array(15), tags: [new Uint8Array(16)] }), SyncError)
    assert.throws(() => encodeFindRequest({ nonce: new Uint8Array(16), tags: [] }), SyncError)
    assert.throws(() => encodeFindRequest({ nonce: new Uint8Array(16), tags: Array.from({ length: MAX_FIND + 1 }, () => new Uint8Array(16)) }), SyncError)
  })

  it('fit the frame of the transport, however large what they carry', () => {
    const node = new Uint8Array(32)
    const longest: SyncFrame[] = [
      { type: 'head', log: node, frontier: Array.from({ length: 53 }, () => node), entry: new Uint8Array(limits.MAX_ENTRY) },
      { type: 'proof', from: 0, to: 256, proof: { left: Array.from({ length: 53 }, () => node), right: Array.from({ length: 106 }, () => node) } },
      { type: 'chunk', index: 0, proof: Array.from({ length: 9 }, () => node), chunk: new Uint8Array(CHUNK) },
      { type: 'evidence', last: true, part: new Uint8Array(MAX_EVIDENCE_PART) },
    ]
    for (const frame of longest) {
      assert.ok(encodeSyncFrame(frame).length <= MAX_SYNC_FRAME)
      assert.deepEqual(decodeSyncFrame(encodeSyncFrame(frame)), frame)
    }
    assert.throws(() => decodeSyncFrame(new Uint8Array(MAX_SYNC_FRAME + 1).fill(3)), SyncError)
    assert.throws(() => decodeSyncRequest(new Uint8Array(MAX_SYNC_REQUEST + 1).fill(1)), SyncError)
  })

  it('answer up to 64 questions in bits', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: MAX_FIND, size: 'max' }), (known) => {
        assert.deepEqual(decodeFindReply(encodeFindReply(known), known.length), known)
      }),
    )
  })
})
