import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { wellKnownText } from '../../../../protocols/channel/index.ts'
import { fromHex } from '../../../../protocols/suite/index.ts'
import { createWeb } from '../../../../src/domains/index.ts'
import { selfSigned } from '../../../support/certificate.ts'
import { type Person, World } from '../../../support/world.ts'
import { DAY, HOUR, MINUTE } from './support.ts'

const DOMAIN = 'bakery.example'
const channelsOf = (person: Person): Person['messenger']['channels'] => person.messenger.channels
const domainOf = (person: Person) => channelsOf(person).channel('Bakery').domain
const fileOf = (person: Person, ...more: string[]): string => wellKnownText([person.store.channels()[0]!.id, ...more].map(fromHex))

async function bakery(options: { private?: boolean; domain?: string; file?: 'ours' | 'other' | 'none' } = {}): Promise<{ world: World; ann: Person; bob: Person; asked: () => number }> {
  const world = new World()
  const ann = await world.person('Ann')
  const domain = options.domain ?? DOMAIN
  await channelsOf(ann).create({ name: 'Bakery', domain })
  if (options.file !== 'none') world.wellKnown.set(domain, options.file === 'other' ? wellKnownText([new Uint8Array(32)]) : fileOf(ann))
  let asked = 0
  const get = world.wellKnown.get.bind(world.wellKnown)
  world.wellKnown.get = (name) => {
    asked++
    return get(name)
  }
  const bob = await world.person('Bob')
  await world.until(channelsOf(bob).follow(channelsOf(ann).link('Bakery'), { private: options.private ?? false }))
  await world.settle()
  return { world, ann, bob, asked: () => asked }
}

describe('the domain of a channel', () => {
  it('is proven when both name each other, and shown with the day it was', async () => {
    const { world, bob } = await bakery()
    assert.equal(domainOf(bob)?.state, 'proven')
    world.clock.advance(2 * DAY)
    const { lines } = await world.until(channelsOf(bob).verify('Bakery', { all: false }))
    assert.ok(lines.some((line) => /^controls bakery\.example, proven (today|[12] days? ago)$/.test(line)), lines.join('\n'))
  })

  it('is only claimed when the web server names another channel, or none', async () => {
    assert.equal(domainOf((await bakery({ file: 'other' })).bob)?.state, 'claimed')
    assert.equal(domainOf((await bakery({ file: 'none' })).bob)?.state, 'claimed')
  })

  it('is asked about weekly, not oftener, and keeps its date while the server is away', async () => {
    const { world, ann, bob, asked } = await bakery()
    await ann.messenger.stop() // she asks for herself too
    const proven = domainOf(bob)!.provenAt!
    const before = asked()
    for (let day = 0; day < 6; day++) {
      world.clock.advance(DAY)
      await world.settle(MINUTE)
    }
    assert.equal(asked(), before)
    for (let day = 0; day < 3; day++) {
      world.clock.advance(DAY)
      await world.settle(MINUTE)
    }
    assert.equal(asked(), before + 1)
    assert.ok(domainOf(bob)!.provenAt! > proven)
    const last = domainOf(bob)!.provenAt!
    world.wellKnown.delete(DOMAIN)
    for (let day = 0; day < 20; day++) {
      world.clock.advance(DAY)
      await world.settle(MINUTE)
    }
    assert.deepEqual([domainOf(bob)?.state, domainOf(bob)?.provenAt], ['expired', last])
    const { lines } = await world.until(channelsOf(bob).verify('Bakery', { all: false }))
    assert.ok(lines.some((line) => /could not be confirmed since/.test(line)))
  })

  it('that names the channel no longer is a claim again', async () => {
    const { world, bob } = await bakery()
    world.wellKnown.set(DOMAIN, wellKnownText([]))
    for (let day = 0; day < 9; day++) {
      world.clock.advance(DAY)
      await world.settle(MINUTE)
    }
    assert.deepEqual([domainOf(bob)?.state, domainOf(bob)?.provenAt], ['claimed', undefined])
  })

  it('is asked about at once when the manifest names another one', async () => {
    const { world, ann, bob } = await bakery()
    world.wellKnown.set('bread.example', fileOf(ann))
    await channelsOf(ann).setManifest('Bakery', { domain: 'bread.example' })
    await world.settle()
    assert.deepEqual([domainOf(bob)?.domain, domainOf(bob)?.state], ['bread.example', 'proven'])
    await channelsOf(ann).setManifest('Bakery', { domain: '' })
    await world.settle()
    assert.equal(domainOf(bob), undefined)
  })

  it('that changes all the time sends nobody round the web: the fifth of a day waits for the next', async () => {
    const { world, ann, asked } = await bakery()
    await world.settle(MINUTE)
    for (let i = 0; i < 20; i++) {
      await channelsOf(ann).setManifest('Bakery', { domain: `${i}.example` })
      await world.settle()
    }
    assert.ok(asked() <= 2 * 4, `${asked()} questions of two people`)
    world.wellKnown.set('19.example', fileOf(ann))
    world.clock.advance(DAY)
    await world.settle(3 * HOUR)
    assert.equal(domainOf(ann)?.state, 'proven')
  })

  it('is asked about again when the clock was set back: a proof of the future is none', async () => {
    const { world, bob, asked } = await bakery()
    world.clock.jump(-365 * DAY)
    const before = asked()
    await world.restart(bob) // the timers of this clock do not run on by themselves
    await world.settle(2 * HOUR)
    assert.ok(asked() > before)
    assert.ok(domainOf(bob)!.provenAt! <= world.clock.now())
  })

  it('of a private follow is asked about only when the person asks', async () => {
    const { world, bob, ann, asked } = await bakery({ private: true })
    await ann.messenger.stop()
    const before = asked()
    for (let day = 0; day < 9; day++) {
      world.clock.advance(DAY)
      await world.settle(MINUTE)
    }
    assert.deepEqual([asked() - before, domainOf(bob)?.state], [0, 'claimed'])
    await world.until(channelsOf(bob).verify('Bakery', { all: false }))
    assert.deepEqual([asked() - before, domainOf(bob)?.state], [1, 'proven'])
  })

  it('survives a restart with its date, without asking again', async () => {
    const { world, bob, asked } = await bakery()
    const before = asked()
    await world.restart(bob)
    await world.settle(HOUR)
    assert.deepEqual([asked(), domainOf(bob)?.state], [before, 'proven'])
  })

  it('made to be taken for another is shown as suspicious, proven or not (attack 95)', async () => {
    const { bob } = await bakery({ domain: 'xn--pple-43d.example' }) // a Cyrillic a
    assert.deepEqual([domainOf(bob)?.state, domainOf(bob)?.suspicious], ['proven', 'mixed-script'])
  })

  it('is proven by a real HTTPS server', async () => {
    const world = new World()
    const ann = await world.person('Ann')
    await channelsOf(ann).create({ name: 'Bakery', domain: DOMAIN })
    const { cert, key } = selfSigned([DOMAIN])
    const server = createServer({ cert, key }, (request, response) => response.end(request.url === '/.well-known/dure.json' ? fileOf(ann) : ''))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const web = createWeb({ ca: cert, port: (server.address() as AddressInfo).port, lookup: async () => [{ address: '127.0.0.1', family: 4 }], mayAsk: () => true })
    try {
      world.wellKnown.set(DOMAIN, await web.wellKnown(DOMAIN))
      const bob = await world.person('Bob')
      await world.until(channelsOf(bob).follow(channelsOf(ann).link('Bakery'), { private: false }))
      await world.settle()
      assert.equal(domainOf(bob)?.state, 'proven')
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
