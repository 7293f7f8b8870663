import assert from 'node:assert/strict'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { multiplexer } from '../../../src/net/node.ts'

describe('the multiplexer of every node', () => {
  it('is ended without a throw where what it runs over has ended a moment before, so that nothing is left open and the process lives', () => {
    const [near] = multiaddrConnectionPair()
    const muxer = multiplexer(1)().createStreamMuxer(near)
    near.send = () => {
      throw new Error('Cannot write to a stream that is closed')
    }
    muxer.abort(new Error('nobody answers'))
    assert.equal(muxer.status, 'closed')
  })
})
