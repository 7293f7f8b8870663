/**
 * Two talkers with moods over a network that loses, repeats and reorders, on machines that crash before and after a
 * commit, or are put back to something they committed long ago. After SparsePostQuantumRatchet's orchestrator. Stand-in public-key primitives; everything else is real.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeRatchet, decrypt, encodeRatchet, encrypt, RatchetError, type RatchetState } from '../../../protocols/ratchet/index.ts'
import { type Suite, toHex, utf8 } from '../../../protocols/suite/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { ASSOCIATED, introduced, NOW } from './talkers.ts'
import { toySuite } from './toy-suite.ts'

const SCHEDULES = 400
const STEPS = 40

type Mood = 'chatty' | 'offline' | 'ping-pong'
const mood = fc.constantFrom<Mood>('chatty', 'offline', 'ping-pong')
const schedule = fc.record({ seed: fc.nat(), moods: fc.tuple(mood, mood) })

interface Talker {
  /** what is in memory, and what the last commit made durable */
  state: RatchetState
  committed: Uint8Array
  readonly suite: Suite
  readonly used: Set<string>
  drawn: string | undefined
  shown: string[]
  /** the other side may not have heard from us since */
  owesAnswer: boolean
  sent: number
}

function play(seed: number, moods: readonly [Mood, Mood], putBack = 0): void {
  const random = seededRandom(seed)
  const below = (n: number): number => ((random(1)[0] as number) * 256 + (random(1)[0] as number)) % n
  const { alice, bob } = introduced(random, toySuite())
  const talkers = [alice, bob].map((state): Talker => {
    const talker: Talker = {
      state,
      committed: new Uint8Array(),
      suite: toySuite((key) => void (talker.drawn = toHex(key))),
      used: new Set(),
      drawn: undefined,
      shown: [],
      owesAnswer: false,
      sent: 0,
    }
    talker.committed = encodeRatchet(talker.suite, state)
    return talker
  }) as [Talker, Talker]
  const network: { to: 0 | 1; text: string; message: Uint8Array }[] = []
  const dropped = new Set<string>()
  const sent: [string[], string[]] = [[], []]

  const backups: Record<0 | 1, { state: Uint8Array; shown: string[] }[]> = { 0: [], 1: [] }
  let wentBack = false
  const commit = (talker: Talker): void => {
    talker.committed = encodeRatchet(talker.suite, talker.state)
    if (putBack > 0) backups[talker === talkers[0] ? 0 : 1].push({ state: talker.committed, shown: [...talker.shown] })
  }
  const crash = (talker: Talker): void => void (talker.state = decodeRatchet(talker.suite, talker.committed))

  const send = (who: 0 | 1): void => {
    const talker = talkers[who]
    const text = `${who}/${talker.sent++}`
    let result
    try {
      result = encrypt(talker.suite, random, talker.state, utf8(text), ASSOCIATED)
    } catch (error) {
      assert.ok(error instanceof RatchetError && error.code === 'no-peer')
      return
    }
    talker.state = result.state
    if (below(10) === 0) return crash(talker) // before the commit: nothing left the house
    commit(talker)
    assert.ok(wentBack || !talker.used.has(talker.drawn as string), 'a message key was used twice')
    talker.used.add(talker.drawn as string)
    network.push({ to: who === 0 ? 1 : 0, text, message: result.message })
    sent[who].push(text)
    talker.owesAnswer = false
    if (below(10) === 0) crash(talker) // after it: the same bytes are still on their way
  }

  const receive = (index: number, keep: boolean): void => {
    const { to, text, message } = network[index] as (typeof network)[number]
    if (!keep) network.splice(index, 1)
    const talker = talkers[to]
    try {
      const { state, plaintext } = decrypt(talker.suite, talker.state, message, ASSOCIATED, NOW)
      assert.equal(Buffer.from(plaintext).toString(), text)
      talker.state = state
      if (below(10) === 0) {
        crash(talker) // before the commit: not shown, and the network brings it again
        if (!keep) network.push({ to, text, message })
        return
      }
      assert.ok(!talker.shown.includes(text), 'shown twice')
      talker.shown.push(text)
      commit(talker)
      talker.owesAnswer = true
    } catch (error) {
      assert.ok(error instanceof RatchetError, String(error))
      if (wentBack && error.code !== 'duplicate') return // refused, and so said anew in a new session
      assert.equal(error.code, 'duplicate')
      assert.ok(talker.shown.includes(text), 'called a duplicate but never shown')
    }
  }

  for (let step = 0; step < STEPS; step++) {
    const who = below(2) as 0 | 1
    const talker = talkers[who]
    const inbox = network.flatMap(({ to }, index) => (to === who ? [index] : []))
    const earlier = below(100) < putBack ? backups[who][below(Math.max(1, backups[who].length))] : undefined
    if (earlier) {
      talker.committed = earlier.state
      crash(talker)
      talker.shown = [...earlier.shown]
      talker.owesAnswer = true
      wentBack = true
    }
    const writes = { chatty: below(3) > 0, offline: below(8) === 0, 'ping-pong': talker.owesAnswer || talker.sent === 0 }[moods[who]]
    const reads = inbox.length > 0 && (moods[who] !== 'offline' || below(6) === 0)
    if (writes) send(who)
    if (!reads) continue
    const index = inbox[below(inbox.length)] as number
    const fate = below(10)
    if (fate === 0) dropped.add((network.splice(index, 1)[0] as (typeof network)[number]).text)
    else receive(index, fate === 1)
  }
  while (network.length > 0) receive(below(network.length), false)
  if (wentBack) return
  for (const who of [0, 1] as const) {
    const missing = sent[who].filter((text) => !dropped.has(text) && !talkers[who === 0 ? 1 : 0].shown.includes(text))
    assert.deepEqual(missing, [])
  }
}

describe('two talkers with moods', () => {
  it(`lose, repeat and reuse nothing in ${SCHEDULES} schedules of loss, repetition, reordering and crashes (attacks 18, 97)`, function () {
    this.timeout(60_000)
    fc.assert(
      fc.property(schedule, ({ seed, moods }) => play(seed, moods)),
      { numRuns: SCHEDULES },
    )
  })

  it(`put back to earlier states call nothing a repeat that they have not shown, in ${SCHEDULES} schedules (attacks 20, 21)`, function () {
    this.timeout(60_000)
    fc.assert(
      fc.property(schedule, fc.integer({ min: 1, max: 15 }), ({ seed, moods }, putBack) => play(seed, moods, putBack)),
      { numRuns: SCHEDULES },
    )
  })
})
