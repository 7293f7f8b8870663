/** Ports that somebody has, as who started the node sees them. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Home } from '../support/processes.ts'

describe('a port that is taken', function () {
  this.timeout(60_000)

  it('is named, with what to do; what was wished of channels is kept until they can listen', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const there = `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
    const ann = new Home()
    try {
      const said = /cannot listen at \S+: the port is taken/
      await assert.rejects(ann.startAt('Ann', '--listen', there), said)
      await assert.rejects(ann.startAt('Ann', '--listen', 'hello'), /nothing can listen at hello/)
      await ann.start('Ann', '--channel-listen', there)
      const { code, stderr } = await ann.dure('channel', 'create', 'Bakery')
      assert.equal(code, 1)
      assert.match(stderr, /channels cannot listen at \S+: the port is taken\ndure: hint: nothing is lost; start again with another --channel-listen/)
      await ann.end()
      await assert.rejects(ann.start('Ann', '--channel-listen', there), said)
      server.close()
      await ann.start('Ann', '--channel-listen', there)
      assert.deepEqual((await ann.json<{ name: string }>('channel', 'list')).map(({ name }) => name), ['Bakery'])
    } finally {
      server.close()
      await ann.remove()
    }
  })
})
