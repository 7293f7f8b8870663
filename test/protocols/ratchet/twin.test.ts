import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { decodeRatchet, decrypt, encodeRatchet, encrypt, RatchetError, type RatchetState, startInitiator, startResponder } from '../../../protocols/ratchet/index.ts'
import { fromHex, noble, type Random, type Suite, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/ratchet.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { type TwinRatchet, twins } from '../../reference/ratchet.ts'
import { seededRandom } from '../../support/seeded.ts'
import { ASSOCIATED, NOW } from './talkers.ts'

type Side = 'initiator' | 'responder'
interface File {
  start: Record<'root' | 'headerInitiator' | 'headerResponder' | 'dh' | 'kem', string>
  associated: string
  events: ({ event: 'seal'; by: Side; plaintext: string; draws: string[]; message: string } | { event: 'open'; by: Side; message: number; plaintext: string })[]
  refused: { about: string; by: Side; message?: number; bytes?: string; flip?: number; cut?: number; error: string }[]
}

const text = readFileSync(path.join(import.meta.dirname, '../../../protocols/ratchet/vectors.json'), 'utf8')
const file = JSON.parse(text) as File

function begin(suite: Suite, start: Record<keyof File['start'], Uint8Array>): Record<Side, RatchetState> {
  const dh = suite.importSecret('x25519', start.dh)
  const kem = suite.importSecret('ml-kem-768', start.kem)
  return {
    initiator: startInitiator({ ...start, peerDh: dh.publicKey, peerKem: kem.publicKey }),
    responder: startResponder({ ...start, dh, kem }),
  }
}

function queue(draws: string[]): Random {
  const rest = draws.map(fromHex)
  return (length) => {
    const next = rest.shift() as Uint8Array
    assert.equal(next.length, length)
    return next
  }
}

describe('the vectors of the ratchet', () => {
  it('are what their generator makes', () => {
    assert.equal(`${JSON.stringify(vectors(), null, 2)}\n`, text)
  })

  for (const suite of [noble, openssl]) {
    it(`are the conversation the room has, and its refusals: ${suite.name}`, () => {
      const associated = fromHex(file.associated)
      const start = Object.fromEntries(Object.entries(file.start).map(([name, hex]) => [name, fromHex(hex)])) as Record<keyof File['start'], Uint8Array>
      const sealers = begin(noble, start)
      const openers = begin(suite, start)
      const sealed: Uint8Array[] = []
      for (const event of file.events) {
        if (event.event === 'open') {
          const message = sealed[event.message] as Uint8Array
          const opened = decrypt(suite, openers[event.by], message, associated, NOW)
          openers[event.by] = opened.state
          assert.equal(toHex(opened.plaintext), event.plaintext)
          sealers[event.by] = decrypt(noble, sealers[event.by], message, associated, NOW).state
        } else {
          // Only noble draws its KEM keys from `random`, so it seals for both engines.
          const { state, message } = encrypt(noble, queue(event.draws), sealers[event.by], fromHex(event.plaintext), associated)
          sealers[event.by] = state
          openers[event.by] = decodeRatchet(suite, encodeRatchet(noble, state))
          assert.equal(toHex(message), event.message)
          sealed.push(message)
        }
      }
      for (const { about, by, message = 0, flip, cut, error, ...own } of file.refused) {
        let bytes = own.bytes === undefined ? (sealed[message] as Uint8Array).slice(0, cut) : fromHex(own.bytes)
        if (flip !== undefined) bytes = bytes.with(flip, (bytes[flip] as number) ^ 1)
        assert.throws(() => decrypt(suite, openers[by], bytes, associated, NOW), (thrown) => thrown instanceof RatchetError && thrown.code === error, about)
      }
    })
  }
})

describe('the ratchet and its readable twin', () => {
  for (const suite of [noble, openssl]) {
    it(`understand each other through any conversation: ${suite.name}`, function () {
      this.timeout(30_000)
      const play = (seed: number, twinIsInitiator: boolean, plan: readonly ('ours' | 'theirs' | 'deliver')[]): void => {
        const random = seededRandom(seed)
        const start = { root: random(32), headerInitiator: random(32), headerResponder: random(32), dh: random(32), kem: random(64) }
        const both = twins(start)
        const real = begin(suite, start)
        const twin: TwinRatchet = twinIsInitiator ? both.initiator : both.responder
        let state = twinIsInitiator ? real.responder : real.initiator
        const network: { toTwin: boolean; said: Uint8Array; message: Uint8Array }[] = []
        const deliver = (): void => {
          const [{ toTwin, said, message }] = network.splice((random(1)[0] as number) % network.length, 1) as [(typeof network)[number]]
          if (toTwin) return assert.deepEqual(twin.decrypt(message, ASSOCIATED), said)
          const opened = decrypt(suite, state, message, ASSOCIATED, NOW)
          state = opened.state
          assert.deepEqual(Buffer.from(opened.plaintext), Buffer.from(said))
        }
        for (const act of plan) {
          const said = random(1 + (random(1)[0] as number))
          if (act === 'ours' && !(state.turn.kind === 'theirs' && !state.turn.sending)) {
            const sent = encrypt(suite, random, state, said, ASSOCIATED)
            state = sent.state
            network.push({ toTwin: true, said, message: sent.message })
          } else if (act === 'theirs' && (twin.peer || twin.sending)) {
            const step = twin.peer ? { step: { dh: random(32), kem: random(64), coins: random(32) } } : {}
            network.push({ toTwin: false, said, message: twin.encrypt(said, ASSOCIATED, { ...step, salt: random(16) }) })
          } else if (network.length > 0) deliver()
        }
        while (network.length > 0) deliver()
      }
      fc.assert(
        fc.property(fc.nat(), fc.boolean(), fc.array(fc.constantFrom('ours' as const, 'theirs' as const, 'deliver' as const), { maxLength: 25, size: 'max' }), play),
        { numRuns: suite === noble ? 8 : 25 },
      )
    })
  }
})
