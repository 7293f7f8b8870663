import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  decodeReply,
  decodeRequest,
  encodeChannelLink,
  encodeInvite,
  encodeReply,
  encodeRelayLink,
  encodeRequest,
  type Invite,
  inviteId,
  nonceCommitment,
  parseChannelLink,
  parseInvite,
  parseRelayLink,
  type Reply,
  type Request,
  shortCode,
} from '../../../protocols/pairing/index.ts'
import { fromHex, noble, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/pairing.ts'
import { openssl } from '../../../src/crypto/index.ts'
import type { Peer } from '../../reference/channel-sync.ts'
import type { InviteInputs } from '../../reference/pairing.ts'

const FILE = path.join(import.meta.dirname, '../../../protocols/pairing/vectors.json')
const file = JSON.parse(readFileSync(FILE, 'utf8')) as {
  invites: (InviteInputs & { text: string })[]
  refused: { name: string; error: string; text: string }[]
  links: { channel: string; peers: Peer[]; text: string }[]
  refusedLinks: { name: string; error: string; text: string }[]
  relays: { key: string; addresses: InviteInputs['addresses']; text: string }[]
  refusedRelays: { name: string; error: string; text: string }[]
  inviteId: { secret: string; id: string }
  shortCodes: { transcript: string; nonce: string; commitment: string; code: string }[]
  frames: ({ type: string; bytes: string; code?: string } & Record<string, string>)[]
}

describe('the vectors of pairing', () => {
  for (const vector of file.invites) {
    it(`are what the room makes of an invite with ${vector.addresses.length} addresses${vector.mailbox ? ' and a mailbox' : ''}`, () => {
      const { mailbox } = vector
      const invite: Invite = {
        kind: 'contact',
        device: fromHex(vector.device),
        bundleHash: fromHex(vector.bundleHash),
        secret: fromHex(vector.secret),
        expires: vector.expires,
        inPerson: vector.inPerson,
        addresses: vector.addresses.map((address) => address.text),
        ...(mailbox && {
          mailbox: {
            node: fromHex(mailbox.node),
            sender: fromHex(mailbox.sender),
            nodeKey: fromHex(mailbox.nodeKey),
            addresses: mailbox.addresses.map((address) => address.text),
          },
        }),
      }
      assert.equal(encodeInvite(invite), vector.text)
      assert.deepEqual(parseInvite(vector.text, 0), invite)
    })
  }

  for (const { name, error, text } of file.refused) {
    it(`refuse an invite with ${name}`, () => assert.throws(() => parseInvite(text, 0), { name: 'InviteError', code: error }))
  }

  for (const vector of file.links) {
    it(`are what the room makes of a link with ${vector.peers.length} peers`, () => {
      const peers = vector.peers.map(({ key, addresses }) => ({ key: fromHex(key), addresses: addresses.map((address) => address.text) }))
      const link = { channel: fromHex(vector.channel), peers }
      assert.equal(encodeChannelLink(link), vector.text)
      assert.deepEqual(parseChannelLink(vector.text), link)
      assert.throws(() => parseInvite(vector.text, 0), { name: 'InviteError', code: 'other-kind', kind: 'channel' })
    })
  }

  for (const { name, error, text } of file.refusedLinks) {
    it(`refuse a link with ${name}`, () => assert.throws(() => parseChannelLink(text), { name: 'InviteError', code: error }))
  }

  for (const vector of file.relays) {
    it(`are what the room makes of a relay at ${vector.addresses.length} addresses`, () => {
      const link = { key: fromHex(vector.key), addresses: vector.addresses.map((address) => address.text) }
      assert.equal(encodeRelayLink(link), vector.text)
      assert.deepEqual(parseRelayLink(vector.text), link)
      for (const parse of [() => parseInvite(vector.text, 0), () => parseChannelLink(vector.text)]) {
        assert.throws(parse, { name: 'InviteError', code: 'other-kind', kind: 'relay' })
      }
    })
  }

  for (const { name, error, text } of file.refusedRelays) {
    it(`refuse a relay with ${name}`, () => assert.throws(() => parseRelayLink(text), { name: 'InviteError', code: error }))
  }

  it('give the id and the short codes', () => {
    for (const suite of [noble, openssl]) {
      assert.equal(toHex(inviteId(suite, fromHex(file.inviteId.secret))), file.inviteId.id)
      for (const { transcript, nonce, commitment, code } of file.shortCodes) {
        assert.equal(shortCode(suite, fromHex(transcript), fromHex(nonce)), code)
        assert.equal(toHex(nonceCommitment(suite, fromHex(nonce))), commitment)
      }
    }
  })

  it('give the frames', () => {
    for (const { type, bytes, code, ...fields } of file.frames) {
      const parts = Object.fromEntries(Object.entries(fields).map(([name, hex]) => [name, fromHex(hex)]))
      const frame = { type, ...(code && { code }), ...parts }
      const isReply = fromHex(bytes)[1]! >= 0x80
      assert.deepEqual(isReply ? decodeReply(fromHex(bytes)) : decodeRequest(fromHex(bytes)), frame)
      assert.equal(toHex(isReply ? encodeReply(frame as Reply) : encodeRequest(frame as Request)), bytes)
    }
  })

  it('are made again, byte for byte, by their generator', () => {
    assert.equal(readFileSync(FILE, 'utf8'), `${JSON.stringify(vectors(), null, 2)}\n`)
  })
})
