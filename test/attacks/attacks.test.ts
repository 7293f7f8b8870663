/** A small share of `npm run attacks`. */
import assert from 'node:assert/strict'
import { stopAll } from '../src/net/support.ts'
import { ATTACKS, perform } from './arena.ts'

describe('sybils in the gossip of a channel (attack 71)', function () {
  this.timeout(120_000)
  afterEach(stopAll)

  for (const name of ['eclipse of everybody', 'cold boot']) {
    it(`keep nothing from its followers: ${name}`, async () => {
      const attack = ATTACKS.find(each => each.name === name)
      assert.ok(attack)
      const { delivered } = await perform(attack, { followers: 6, sybils: 10, posts: 6 })
      assert.equal(delivered, 1)
    })
  }
})
