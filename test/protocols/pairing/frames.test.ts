import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  MAX_PAIRING_ENVELOPE,
  MAX_PAIRING_FRAME,
  PairingError,
  type Reply,
  type Request,
} from '../../../protocols/pairing/index.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const some = fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' })

const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(fields, { noNullPrototype: true })

const requests: fc.Arbitrary<Request> = fc.oneof(
  record({ type: fc.constant('fetchBundle' as const), inviteId: bytes(16) }),
  record({ type: fc.constant('fetchContactBundle' as const), deviceList: some }),
  record({ type: fc.constant('hello' as const), inviteId: bytes(16), envelope: some }),
  record({ type: fc.constant('left' as const), device: bytes(32), inviteId: bytes(16), envelope: some }),
)
const replies: fc.Arbitrary<Reply> = fc.oneof(
  record({ type: fc.constant('bundle' as const), commitment: bytes(32), bundle: some }),
  record({ type: fc.constant('contactBundle' as const), bundle: some }),
  record({ type: fc.constant('pending' as const), nonce: bytes(32), envelope: some }),
  record({ type: fc.constant('refused' as const), code: fc.constantFrom('unknown', 'expired', 'used', 'refused') }),
)

describe('the frames of pairing', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(requests, (request) => assert.deepEqual(decodeRequest(encodeRequest(request)), request)))
    fc.assert(fc.property(replies, (reply) => assert.deepEqual(decodeReply(encodeReply(reply)), reply)))
  })

  it('are never taken for one another: no request is a reply (attack 24)', () => {
    fc.assert(fc.property(requests, (request) => assert.throws(() => decodeReply(encodeRequest(request)), { code: 'malformed' })))
    fc.assert(fc.property(replies, (reply) => assert.throws(() => decodeRequest(encodeReply(reply)), { code: 'malformed' })))
  })

  it('refuse noise with one kind of error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), fc.nat(8), (noise, type) => {
        const framed = new Uint8Array([1, type > 4 ? 0x80 + type - 4 : type, ...noise])
        for (const input of [noise, framed]) {
          for (const [decode, encode] of [[decodeRequest, encodeRequest], [decodeReply, encodeReply]] as const) {
            try {
              assert.deepEqual(encode(decode(input) as never), input, 'what is read is written the same')
            } catch (error) {
              assert.ok(error instanceof PairingError, String(error))
            }
          }
        }
      }),
    )
  })

  it('end where their table ends', () => {
    const fetch = encodeRequest({ type: 'fetchBundle', inviteId: new Uint8Array(16) })
    const refused = encodeReply({ type: 'refused', code: 'used' })
    assert.throws(() => decodeRequest(new Uint8Array([...fetch, 0])), { code: 'malformed' })
    assert.throws(() => decodeReply(new Uint8Array([...refused, 0])), { code: 'malformed' })
    for (const cut of [fetch, encodeRequest({ type: 'fetchContactBundle', deviceList: fetch })]) {
      assert.throws(() => decodeRequest(cut.slice(0, 2)), { code: 'malformed' })
    }
  })

  it('say so when the other side is newer', () => {
    assert.throws(() => decodeRequest(new Uint8Array([2, 1])), { code: 'newer-version' })
    assert.throws(() => decodeReply(new Uint8Array([2])), { code: 'newer-version' })
  })

  it('are bounded both ways (attack 30)', () => {
    const hello = (length: number): Request => ({ type: 'hello', inviteId: new Uint8Array(16), envelope: new Uint8Array(length) })
    assert.doesNotThrow(() => decodeRequest(encodeRequest(hello(MAX_PAIRING_ENVELOPE))))
    assert.throws(() => encodeRequest(hello(MAX_PAIRING_ENVELOPE + 1)), { code: 'malformed' })
    assert.throws(() => encodeReply({ type: 'bundle', commitment: new Uint8Array(32), bundle: new Uint8Array(MAX_PAIRING_FRAME) }), { code: 'malformed' })
    assert.throws(() => decodeRequest(new Uint8Array(10_000_000).fill(1)), { code: 'malformed' })
    const long = new Uint8Array(18 + MAX_PAIRING_ENVELOPE + 1)
    long.set([1, 3])
    assert.throws(() => decodeRequest(long), { code: 'malformed' })
  })
})
