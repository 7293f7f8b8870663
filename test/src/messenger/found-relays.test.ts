/** Relays nobody told us about: when they are looked for, taken, given up. Hours pass on a virtual clock; who is found, the test says. */
import assert from 'node:assert/strict'
import type { Context } from '../../../src/messenger/context.ts'
import { FoundRelays } from '../../../src/messenger/found-relays.ts'
import type { RelayAt } from '../../../src/messenger/ports.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const HOUR = 3600_000
const STEP = 60_000
const relay = (n: number): RelayAt => ({ peer: `${n}`.padStart(64, '0'), addresses: [`/ip4/198.51.100.${n}/tcp/4001`] })

interface World {
  readonly clock: VirtualClock
  readonly found: FoundRelays
  used: (RelayAt & { found?: true })[]
  offered: RelayAt[] | undefined
  hidden: boolean
  readonly away: Set<string>
  readonly searches: number[]
  pass(ms: number): Promise<void>
}

function world(search = true): World {
  const clock = new VirtualClock(1_000 * HOUR)
  const settings = new Map<string, string>()
  const state: World = {
    clock, used: [], offered: [], hidden: false, away: new Set(), searches: [],
    found: undefined as never,
    async pass(ms) {
      // What a timer begins goes on before the next one runs.
      for (let left = ms; left > 0; left -= STEP) {
        clock.advance(Math.min(STEP, left))
        await new Promise(setImmediate)
      }
    },
  }
  const context = {
    clock,
    random: (n: number) => new Uint8Array(n).fill(128),
    courier: { relays: () => state.used.map(({ peer }) => ({ peer, state: state.away.has(peer) ? 'away' : 'reserved' })) },
    store: { setting: (key: string) => settings.get(key), commit: async (changes: { key: string; value: string }[]) => void changes.forEach(({ key, value }) => settings.set(key, value)) },
  } as unknown as Context
  const found = new FoundRelays(context, {
    search: () => (search ? async () => (state.searches.push(clock.now()), state.offered) : undefined),
    used: () => state.used,
    take: async (relays) => void (state.used = relays.map((each) => ({ ...each, found: true }))),
    hidden: () => state.hidden,
  })
  Object.assign(state, { found })
  found.start()
  return state
}

const peers = ({ used }: World): string[] => used.map(({ peer }) => peer)

describe('relays that are found', () => {
  it('are two, soon after the start, while the person has chosen none', async () => {
    const here = world()
    here.offered = [relay(1), relay(2), relay(3)]
    await here.pass(19_000)
    assert.deepEqual(here.searches, [])
    await here.pass(2_000)
    assert.deepEqual(peers(here), [relay(1).peer, relay(2).peer])
    await here.pass(48 * HOUR)
    assert.equal(here.searches.length, 1)
  })

  it('are not looked for on a private network, by who hides, or by who has chosen', async () => {
    const [apart, hidden, content] = [world(false), world(), world()]
    hidden.hidden = true
    content.used = [relay(9)]
    for (const each of [apart, hidden, content]) {
      each.offered = [relay(1), relay(2)]
      await each.pass(72 * HOUR)
      assert.deepEqual(each.searches, [])
    }
    assert.deepEqual(peers(content), [relay(9).peer])
  })

  it('are not taken when the person chose one while strangers were asked', async () => {
    const here = world()
    Object.defineProperty(here, 'offered', {
      get() {
        here.used = [relay(9)]
        return [relay(1)]
      },
    })
    await here.pass(30_000)
    assert.deepEqual(peers(here), [relay(9).peer])
  })

  it('are looked for ever more rarely while there are none, and at once after the network changed', async () => {
    const here = world()
    here.offered = undefined
    await here.pass(100 * HOUR)
    const gaps = here.searches.slice(1).map((at, n) => at - (here.searches[n] ?? 0))
    assert.ok(gaps.every((gap, n) => gap >= (gaps[n - 1] ?? 0) - STEP), `${gaps}`)
    assert.ok(here.searches.length > 10 && here.searches.length < 40, `${here.searches.length}`)
    const before = here.searches.length
    here.found.retry()
    await here.pass(21_000)
    assert.equal(here.searches.length, before + 1)
  })

  it('are replaced after a day without a place there, one by one', async () => {
    const here = world()
    here.offered = [relay(1), relay(2)]
    await here.pass(30_000)
    here.away.add(relay(1).peer)
    here.offered = [relay(1), relay(3)]
    await here.pass(20 * HOUR)
    assert.deepEqual(peers(here), [relay(1).peer, relay(2).peer])
    await here.pass(6 * HOUR)
    assert.deepEqual(peers(here), [relay(2).peer, relay(3).peer])
  })

  it('are not taken again for a month when the person forgot them', async () => {
    const here = world()
    here.offered = [relay(1)]
    await here.pass(30_000)
    await here.found.forgotten(relay(1).peer)
    here.used = []
    await here.pass(20 * 24 * HOUR)
    assert.deepEqual(peers(here), [])
    here.found.stop()
    await here.found.forgotten(relay(2).peer)
  })
})
