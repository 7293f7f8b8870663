/** Who finds a place at a node of the channel network, and at whose cost. The connections are made up; `npm run attacks` has real ones. */
import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { concat, toHex, u32 } from '../../../protocols/suite/index.ts'
import type { PeerKey } from '../../../src/messenger/channels/ports.ts'
import * as limit from '../../../src/net/channels/limits.ts'
import { createPlaces } from '../../../src/net/channels/places.ts'
import { createRoster, type Roster } from '../../../src/net/channels/roster.ts'
import { peerIdOf } from '../../../src/net/device-key.ts'
import { meeting, OTHER } from './channels-support.ts'

interface Caller {
  readonly peer: PeerKey
  readonly isHere: boolean
}

/** A node that follows one channel, and a clock that only goes on when it is told to. */
function crossroads() {
  let time = 0
  let next = 0
  const open = new Set<Connection>()
  const bad = new Set<PeerKey>()
  const asked = new Set<PeerKey>()
  const roster = createRoster(meeting(), () => time)
  const rosters: Roster[] = [roster]
  const places = createPlaces({
    connections: () => [...open], rosters: () => rosters, rank: (_, peer) => (bad.has(peer) ? -100 : 0), busy: peer => asked.has(peer), answered: () => false, now: () => time,
  })

  function connect(ip: string, direction: Connection['direction']): Caller {
    const peer = toHex(concat(u32(next++), new Uint8Array(28)))
    const remoteAddr = multiaddr(`/ip${ip.includes(':') ? 6 : 4}/${ip}/tcp/4001`)
    const gone = (): void => {
      open.delete(connection)
      roster.lose(peer)
    }
    const connection = { remotePeer: peerIdOf(peer), remoteAddr, direction, timeline: { open: time }, streams: [], abort: gone, close: async () => gone() } as unknown as Connection
    roster.hold(peer)
    open.add(connection)
    if (direction === 'inbound') places.entered(connection)
    return {
      peer,
      get isHere() {
        return open.has(connection)
      },
    }
  }

  const pass = (ms: number): void => void (time += ms)
  /** Undefined when there is no place. */
  const call = (ip = '127.0.0.1'): Caller | undefined => (places.hasRoomFor(ip) ? connect(ip, 'inbound') : undefined)
  return {
    places, roster, rosters, bad, asked, open, pass, call,
    /** We called. */
    meet: (): Caller => connect('127.0.0.1', 'outbound'),
    /** So many, one a second, and so long ago that none is a newcomer any more. */
    settle(count: number, ip: (nth: number) => string = () => '127.0.0.1'): Caller[] {
      const all = Array.from({ length: count }, (_, nth) => {
        pass(1000)
        return call(ip(nth))!
      })
      pass(limit.FIRST_STAY)
      return all
    },
  }
}
const here = (callers: readonly Caller[]): boolean[] => callers.map(({ isHere }) => isHere)
const allOf = (callers: readonly Caller[], isHere: boolean): boolean => callers.every(each => each.isHere === isHere)

describe('the places for callers of the channel network', () => {
  it('are full for nobody: who comes takes the place of who has had the longest time to bring something, and has not (attack 71)', () => {
    const { settle, call } = crossroads()
    const sybils = settle(limit.MAX_INBOUND)
    const follower = call()
    assert.ok(follower?.isHere)
    assert.deepEqual(sybils.findIndex(({ isHere }) => !isHere), limit.PLACES_FOR_THE_OLDEST)
    assert.equal(sybils.filter(({ isHere }) => isHere).length, limit.MAX_INBOUND - 1)
  })

  it('stay with who was the first to bring something, and with who was there before, however often others call (attack 71)', () => {
    const { settle, call, roster, pass, open } = crossroads()
    const quiet = settle(limit.PLACES_FOR_THE_OLDEST)
    const useful = settle(limit.PLACES_FOR_BRINGERS)
    for (const { peer } of useful) roster.bring(peer)
    for (let i = 0; i < 300; i++) {
      call()
      pass(i % 2 === 0 ? 50 : limit.FIRST_STAY)
      assert.ok(open.size <= limit.MAX_INBOUND)
    }
    assert.ok(allOf([...quiet, ...useful], true))
  })

  it('do not stay with who brought something once and then no more, when others do (attack 71)', () => {
    const { settle, call, roster, pass } = crossroads()
    settle(limit.PLACES_FOR_THE_OLDEST)
    const sybils = settle(limit.PLACES_FOR_BRINGERS)
    const honest = settle(limit.MAX_INBOUND - limit.PLACES_FOR_THE_OLDEST - limit.PLACES_FOR_BRINGERS)
    for (const { peer } of sybils) for (let i = 0; i < 4; i++) roster.bring(peer)
    for (let i = 0; i < limit.BRINGERS_REMEMBERED; i++) roster.bring(honest[i % honest.length]!.peer)
    for (let i = 0; i < 100; i++) {
      call()
      pass(limit.FIRST_STAY)
    }
    assert.ok(allOf(honest, true))
    assert.ok(allOf(sybils, false))
  })

  it('are shared among channels: who fills one that we follow keeps no places from the others (attack 71)', () => {
    const { settle, call, roster, rosters, pass } = crossroads()
    const loud = createRoster(meeting(OTHER), () => 0)
    rosters.push(loud)
    settle(limit.PLACES_FOR_THE_OLDEST)
    const honest = settle(limit.PLACES_FOR_BRINGERS / 2)
    const sybils = settle(limit.MAX_INBOUND - limit.PLACES_FOR_THE_OLDEST - limit.PLACES_FOR_BRINGERS / 2)
    for (const { peer } of sybils) loud.hold(peer)
    for (let i = 0; i < 1000; i++) loud.bring(sybils[i % sybils.length]!.peer)
    for (const { peer } of honest) roster.bring(peer)
    for (let i = 0; i < 100; i++) {
      call()
      pass(limit.FIRST_STAY)
    }
    assert.ok(allOf(honest, true))
    assert.equal(sybils.filter(({ isHere }) => isHere).length, limit.PLACES_FOR_BRINGERS / 2)
  })

  it('are kept for a while by who has just come, so that it can show something', () => {
    const { settle, call, pass } = crossroads()
    settle(limit.MAX_INBOUND)
    const newcomers = Array.from({ length: limit.MAX_INBOUND - limit.PLACES_FOR_THE_OLDEST }, () => call()!)
    assert.equal(call(), undefined)
    pass(limit.FIRST_STAY - 1)
    assert.equal(call(), undefined)
    assert.ok(allOf(newcomers, true))
    pass(1)
    assert.ok(call())
    assert.deepEqual(here(newcomers).filter(isHere => !isHere).length, 1)
  })

  it('are given up by who behaves badly or shares nothing before anybody else, but not by who is asked something', () => {
    const { settle, call, roster, bad, asked, pass } = crossroads()
    const [first, second, ...rest] = settle(limit.MAX_INBOUND)
    assert.ok(first && second)
    bad.add(first.peer)
    roster.lose(second.peer)
    const third = rest[limit.PLACES_FOR_THE_OLDEST]!
    asked.add(third.peer)
    assert.ok(call())
    assert.deepEqual(here([first, second]), [true, false])
    assert.ok(call())
    assert.deepEqual(here([first, second]), [false, false])
    for (let i = 0; i < 100; i++) {
      call()
      pass(limit.FIRST_STAY)
    }
    assert.ok(third.isHere)
  })

  it('are never taken from those we called', () => {
    const { settle, call, meet, pass, places } = crossroads()
    const called = Array.from({ length: limit.PEERS_PER_CHANNEL }, () => meet())
    settle(limit.MAX_INBOUND)
    for (let i = 0; i < 100; i++) {
      call()
      pass(limit.FIRST_STAY)
      places.trim()
    }
    assert.ok(allOf(called, true))
  })

  it('go to few of one subnet, and leave room for our own calls (attack 79)', () => {
    const { call, open, pass } = crossroads()
    const entered = (of: (i: number) => string): number => Array.from({ length: 40 }, (_, i) => call(of(i + 1))).filter(Boolean).length
    assert.equal(entered(i => `203.0.114.${i}`), limit.MAX_PER_SUBNET)
    assert.equal(entered(i => `2a00:1:2:${i}::1`), limit.MAX_PER_SUBNET)
    assert.equal(entered(i => `192.168.1.${i}`), limit.MAX_PER_PRIVATE_SUBNET)
    assert.equal(entered(i => `8.8.${i}.1`), limit.MAX_INBOUND - 2 * limit.MAX_PER_SUBNET - limit.MAX_PER_PRIVATE_SUBNET)
    open.clear()
    assert.equal(entered(() => '127.0.0.1'), limit.MAX_INBOUND)
    pass(limit.FIRST_STAY)
    assert.equal(open.size, limit.MAX_INBOUND)
  })

  it('are taken by a subnet that calls again and again from its own, and by who is alone from the most crowded one (attacks 71, 79)', () => {
    const { settle, call, pass } = crossroads()
    const alone = settle(limit.MAX_INBOUND - limit.MAX_PER_SUBNET, nth => `8.8.${nth + 1}.1`)
    const crowded = settle(limit.MAX_PER_SUBNET, nth => `203.0.114.${nth + 1}`)
    for (let i = 0; i < 100; i++) {
      call(`203.0.114.${100 + i}`)
      pass(limit.FIRST_STAY)
    }
    assert.ok(allOf(alone, true))
    assert.ok(crowded.some(({ isHere }) => !isHere))
    assert.ok(call('8.8.200.1')?.isHere)
    assert.ok(allOf(alone, true), 'the crowded subnet has made room')
  })
})
