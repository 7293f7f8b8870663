/** Real hosts behind real routers: who reaches whom, and how. The table of required outcomes is in README.md beside this file. */
import assert from 'node:assert/strict'
import { Network, type Nat, whatPreventsNamespaces } from '../support/network.ts'
import { eventually, Home, pairHomes } from '../support/processes.ts'

type Outcome = 'direct' | 'punched' | 'relayed'

/** The required outcome for Bob, who calls, and Ann, who is called. */
const PAIRS: readonly [bob: Nat, ann: Nat, outcome: Outcome][] = [
  ['none', 'none', 'direct'],
  ['none', 'symmetric', 'punched'],
  ['port-restricted', 'port-restricted', 'punched'],
  ['full-cone', 'port-restricted', 'punched'],
  ['port-restricted', 'symmetric', 'relayed'],
  ['symmetric', 'symmetric', 'relayed'],
]
/** Two minutes more; with DURE_NAT=all. */
const MORE_PAIRS: typeof PAIRS = [
  ['none', 'full-cone', 'punched'],
  ['none', 'port-restricted', 'punched'],
  ['full-cone', 'none', 'direct'],
  ['full-cone', 'symmetric', 'relayed'],
  ['port-restricted', 'none', 'direct'],
  ['port-restricted', 'full-cone', 'punched'],
  ['symmetric', 'none', 'direct'],
  ['symmetric', 'full-cone', 'relayed'],
  ['symmetric', 'port-restricted', 'relayed'],
]

interface Relayed {
  readonly figures: { readonly relay: Readonly<Record<string, number>> }
}

const heard = async (home: Home, from: string): Promise<string[]> =>
  (await home.json<{ text: string; direction: string }>('history', from, '--limit', '200')).filter(({ direction }) => direction === 'in').map(({ text }) => text)

describe('two hosts and a relay in network namespaces (attack 105)', function () {
  this.timeout(240_000)
  const prevents = whatPreventsNamespaces()
  if (prevents !== undefined) {
    it(`cannot be tried here: ${prevents}; e2e/relay tries the same on loopback`, function () {
      this.skip()
    })
    return
  }

  for (const [caller, called, outcome] of process.env['DURE_NAT'] === 'all' ? [...PAIRS, ...MORE_PAIRS] : PAIRS) {
    it(`${caller} calls ${called}: ${outcome}`, async () => {
      const network = new Network()
      const [there, ...here] = [network.host('none'), network.host(caller), network.host(called)]
      const relay = new Home({}, there.launcher)
      const [bob, ann] = here.map((host) => new Home({}, host.launcher)) as [Home, Home]
      try {
        const link = await relay.startRelay('--listen', `/ip4/${there.outside}/tcp/4001`)
        await Promise.all([ann.startAt('Ann', '--listen', '/ip4/0.0.0.0/tcp/4101'), bob.startAt('Bob', '--listen', '/ip4/0.0.0.0/tcp/4101')])
        for (const home of [ann, bob]) {
          await home.json('relay', 'use', link)
          await eventually(async () => (await home.json<{ state: string }>('relay', 'list'))[0]?.state === 'reserved')
        }
        const figures = async (): Promise<Readonly<Record<string, number>>> => (await relay.json<Relayed>('status'))[0]?.figures.relay ?? {}

        await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
        await bob.json('send', 'Ann', 'first words')
        await ann.json('send', 'Bob', 'and back')
        await eventually(async () => (await heard(ann, 'Bob')).includes('first words') && (await heard(bob, 'Ann')).includes('and back'))
        const online = async (): Promise<boolean> => (await bob.json<{ online: boolean }>('contacts'))[0]?.online === true
        if (outcome === 'relayed') {
          assert.ok(((await figures()).circuits ?? 0) > 0, 'they talk through the relay')
        } else {
          await eventually(async () => (await figures()).circuits === 0 && (await online()))
          assert.equal(((await figures()).circuits_opened_total ?? 0) > 0, outcome === 'punched')
          const before = (await figures()).bytes_total
          await bob.json('send', 'Ann', 'without the relay')
          await eventually(async () => (await heard(ann, 'Bob')).includes('without the relay'))
          assert.equal((await figures()).bytes_total, before, 'the relay carries nothing any more')
        }
      } finally {
        await Promise.all([relay, ann, bob].map((home) => home.remove()))
        network.remove()
      }
    })
  }

  it('a cable is pulled while they talk: what was said meanwhile arrives, once, when it is back', async () => {
    const network = new Network()
    const [there, bobs, anns] = [network.host('none'), network.host('port-restricted'), network.host('port-restricted')]
    const [relay, bob, ann] = [there, bobs, anns].map((host) => new Home({}, host.launcher)) as [Home, Home, Home]
    try {
      const link = await relay.startRelay('--listen', `/ip4/${there.outside}/tcp/4001`)
      await Promise.all([ann.startAt('Ann', '--listen', '/ip4/0.0.0.0/tcp/4101'), bob.startAt('Bob', '--listen', '/ip4/0.0.0.0/tcp/4101')])
      const places = async (home: Home, state: string): Promise<boolean> => (await home.json<{ state: string }>('relay', 'list'))[0]?.state === state
      for (const home of [ann, bob]) {
        await home.json('relay', 'use', link)
        await eventually(() => places(home, 'reserved'))
      }
      await pairHomes(ann, bob, { a: 'Ann', b: 'Bob' })
      network.plug(anns, false)
      for (const n of [1, 2, 3]) {
        await bob.json('send', 'Ann', `from Bob ${n}`)
        await ann.json('send', 'Bob', `from Ann ${n}`)
      }
      await eventually(async () => !(await places(ann, 'reserved')))
      assert.deepEqual((await heard(bob, 'Ann')).filter((text) => text.startsWith('from')), [])
      network.plug(anns, true)
      await eventually(async () => (await heard(bob, 'Ann')).filter((text) => text.startsWith('from')).length >= 3 && (await heard(ann, 'Bob')).filter((text) => text.startsWith('from')).length >= 3, 150_000)
      assert.deepEqual((await heard(bob, 'Ann')).filter((text) => text.startsWith('from')), [1, 2, 3].map((n) => `from Ann ${n}`))
      assert.deepEqual((await heard(ann, 'Bob')).filter((text) => text.startsWith('from')), [1, 2, 3].map((n) => `from Bob ${n}`))
    } finally {
      await Promise.all([relay, ann, bob].map((home) => home.remove()))
      network.remove()
    }
  })
})
