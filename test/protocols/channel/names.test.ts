import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { channelText, findTag, parseChannelText, providerKey, topicOf } from '../../../protocols/channel/index.ts'
import { fromHex, noble, toHex } from '../../../protocols/suite/index.ts'
import { openssl } from '../../../src/crypto/index.ts'

const FILE = path.join(import.meta.dirname, '../../../protocols/channel/vectors-sync.json')
const file = JSON.parse(readFileSync(FILE, 'utf8')) as {
  names: { channel: string; text: string; topic: string; providerKey: string; nonce: string; tag: string }[]
  notNames: { name: string; text: string }[]
}

describe('names of a channel', () => {
  for (const suite of [noble, openssl]) {
    it(`are those of the vectors: ${suite.name}`, () => {
      for (const vector of file.names) {
        const id = fromHex(vector.channel)
        assert.equal(channelText(id), vector.text)
        assert.equal(topicOf(suite, id), vector.topic)
        assert.equal(toHex(providerKey(suite, id)), vector.providerKey)
        assert.equal(toHex(findTag(suite, id, fromHex(vector.nonce))), vector.tag)
      }
    })
  }

  for (const { name, text } of file.notNames) it(`are not read from ${name}`, () => assert.equal(parseChannelText(text), undefined))

  it('are read as they were written, and have one text each', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (id) => {
        assert.match(channelText(id), /^[a-z2-7]{52}$/)
        assert.deepEqual(parseChannelText(channelText(id)), id)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcqy27AZ1 ='), minLength: 51, maxLength: 53 }), (text) => {
        const id = parseChannelText(text)
        if (id) assert.equal(channelText(id), text)
      }),
    )
  })

  it('have nothing in common with each other, nor with those of another nonce', () => {
    const id = new Uint8Array(32).fill(9)
    const [nonce, other] = [new Uint8Array(16), new Uint8Array(16).fill(1)]
    const all = [toHex(id), topicOf(noble, id).slice(-64), toHex(providerKey(noble, id)), toHex(findTag(noble, id, nonce)), toHex(findTag(noble, id, other))]
    for (const [i, name] of all.entries()) for (const rest of all.slice(i + 1)) assert.notEqual(name.slice(0, 32), rest.slice(0, 32))
  })
})
