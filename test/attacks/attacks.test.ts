/** A small share of `npm run attacks`. */
import assert from 'node:assert/strict'
import { MAX_INBOUND } from '../../src/net/channels/limits.ts'
import { stopAll } from '../src/net/support.ts'
import { ATTACKS, perform } from './arena.ts'

/** On a busy machine a post may go out before all meshes have formed. Without room for newcomers next to nothing arrives. */
const LEAST = 0.9

describe('sybils in the gossip of a channel (attack 71)', function () {
  this.timeout(240_000)
  afterEach(stopAll)

  for (const { name, sybils } of [{ name: 'eclipse of everybody', sybils: 10 }, { name: 'cold boot', sybils: MAX_INBOUND + 4 }]) {
    it(`do not keep its posts from its followers: ${name}`, async () => {
      const attack = ATTACKS.find(each => each.name === name)
      assert.ok(attack)
      const { delivered } = await perform(attack, { followers: 5, sybils, posts: 6 })
      assert.ok(delivered >= LEAST, `${delivered * 100} % arrived`)
    })
  }
})
