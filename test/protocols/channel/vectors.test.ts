import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import {
  adoptKept,
  checkEvidence,
  type Channel,
  commitmentOf,
  decodeCertificate,
  decodeEdit,
  decodeEntry,
  decodeGenesis,
  decodeManifest,
  decodePost,
  decodeRevocation,
  decodeRotation,
  decodeWithdrawal,
  type Doubt,
  EntryError,
  EvidenceError,
  FieldError,
  heads,
  judge,
  judgePage,
  logIdOf,
  openChannel,
  rootKeyAt,
  type Rule,
  type VouchedHead,
} from '../../../protocols/channel/index.ts'
import { fromHex, noble, type Suite, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/channel.ts'
import { openssl } from '../../../src/crypto/index.ts'
import { encode, TwinChannel, type TwinEntry, twinKey } from '../../reference/channel.ts'
import { Peer } from './people.ts'

interface File {
  keys: { entropy: string; root: { generation: number; seed: string; key: string; commitment: string }[]; posting: { name: string; seed: string; key: string; log: string }[] }
  channel: string
  history: { name: string; entry: string; id: string }[]
  heads: { log: string; size: number; root: string }[]
  firsts: { name: string; now: number; entry: string; verdict: string }[]
  verdicts: { name: string; held: number; then?: string[]; fork?: { log: string; seq: number }; frozen?: number; now: number; entry: string; verdict: string }[]
  bodies: { kind: number; name: string; body: string; verdict: string }[]
  page: { from: number; entries: string[]; left: string[]; right: string[]; head: { log: string; size: number; root: string } }
  kept: { cases: { name: string; held: number; then: string[]; now: number; entry: string; frontier: string[]; entries: string[]; left: string[]; right: string[]; verdict: string }[] }
  evidence: { name: string; evidence: string; result: string | Record<string, unknown> }[]
}

const text = readFileSync(path.join(import.meta.dirname, '../../../protocols/channel/vectors.json'), 'utf8')
const file = JSON.parse(text) as File
const DAY = 86_400_000
const START = 1_800_000_000_000 + 1_000
const LATER = START + 2 * DAY

/** Every reason there is, so that none can be forgotten here. */
const RULES: Record<Rule, true> = {
  malformed: true, version: true, 'too-large': true, channel: true, log: true, sequence: true, root: true, signature: true, certificate: true, window: true, scope: true,
  expired: true, 'not-yet': true, time: true, rate: true, revoked: true, seen: true, kind: true, body: true, 'non-canonical': true, rotation: true, limit: true,
}
const DOUBTS: Record<Doubt, true> = { early: true, 'root-behind': true, 'newer-version': true, frozen: true, revoked: true, 'root-key': true, 'other-history': true }

const said = (suite: Suite, channel: Channel, bytes: Uint8Array, now: number): string => {
  const verdict = judge(suite, channel, bytes, now)
  if (verdict.verdict === 'reject') return `reject: ${verdict.rule}`
  return verdict.verdict === 'ignore' ? `ignore: ${verdict.reason}` : verdict.verdict
}

function withHistory(suite: Suite, entries: readonly string[]): Peer {
  const [genesis, ...rest] = entries.map(fromHex) as [Uint8Array, ...Uint8Array[]]
  const peer = new Peer(suite, genesis, LATER)
  for (const bytes of rest) assert.equal(peer.hear(bytes).verdict, 'accept')
  return peer
}

const read = (kind: number, bytes: Uint8Array): unknown => {
  const decode = { 1: decodeGenesis, 2: decodeManifest, 3: decodeCertificate, 4: decodeRevocation, 5: decodeRotation, 16: decodePost, 17: decodeEdit, 18: decodeWithdrawal }[kind]
  return decode?.(bytes)
}

/** What it throws says of it. */
const outcome = (run: () => unknown, code: (error: unknown) => string | undefined): unknown => {
  try {
    return run()
  } catch (error) {
    const known = code(error)
    if (known === undefined) throw error
    return known
  }
}

describe('the vectors of the channel', () => {
  it('are what their generator makes', () => {
    assert.equal(`${JSON.stringify(vectors(), null, 2)}\n`, text)
  })

  it('have every rule, and every doubt (attack 51)', () => {
    const verdicts = new Set(file.verdicts.map(({ verdict }) => verdict))
    for (const rule of Object.keys(RULES)) {
      // One byte more than an entry may have says nothing that needs a vector of 128 KiB.
      if (rule !== 'too-large') assert(verdicts.has(`reject: ${rule}`), rule)
    }
    for (const doubt of Object.keys(DOUBTS)) assert(verdicts.has(`ignore: ${doubt}`), doubt)
    for (const verdict of ['accept', 'ahead', 'known', 'supersede']) assert(verdicts.has(verdict), verdict)
  })

  for (const suite of [openssl, noble]) {
    describe(`with ${suite.name}`, () => {
      it('keys, names and trees', () => {
        const peer = withHistory(suite, file.history.map(({ entry }) => entry))
        assert.equal(toHex(peer.channel.id), file.channel)
        for (const { entry, id } of file.history) assert.equal(toHex(decodeEntry(suite, fromHex(entry)).id), id)
        for (const { generation, seed, key, commitment } of file.keys.root) {
          const pair = rootKeyAt(suite, fromHex(file.keys.entropy), generation)
          assert.deepEqual([toHex(suite.exportSecret(pair.secretKey)), toHex(pair.publicKey), toHex(commitmentOf(suite, pair.publicKey))], [seed, key, commitment])
        }
        for (const { key, log } of file.keys.posting) assert.equal(toHex(logIdOf(suite, peer.channel.id, fromHex(key))), log)
        const ours = heads(suite, peer.channel).map(({ log, size, root }) => ({ log: toHex(log), size, root: toHex(root) }))
        assert.deepEqual(new Set(ours), new Set(file.heads))
      })

      it('first entries', () => {
        for (const { name, now, entry, verdict } of file.firsts) {
          const rule = outcome(() => (openChannel(suite, fromHex(entry), now), 'right'), (error) => (error instanceof EntryError ? error.rule : undefined))
          assert.equal(rule, verdict, name)
        }
      })

      it('verdicts', () => {
        for (const { name, held, then = [], fork, frozen, now, entry, verdict } of file.verdicts) {
          const { channel } = withHistory(suite, [...file.history.slice(0, held).map((each) => each.entry), ...then])
          const forks = new Map(fork ? [[fork.log, fork.seq]] : [])
          assert.equal(said(suite, { ...channel, forks, frozen }, fromHex(entry), now), verdict, name)
        }
      })

      it('what was kept of an ended log', () => {
        for (const { name, held, then, now, entry, frontier, entries, left, right, verdict } of file.kept.cases) {
          const { channel } = withHistory(suite, [...file.history.slice(0, held).map((each) => each.entry), ...then])
          const page = { entries: entries.map(fromHex), proof: { left: left.map(fromHex), right: right.map(fromHex) } }
          const came = outcome(
            () => (adoptKept(suite, channel, { entry: fromHex(entry), frontier: frontier.map(fromHex) }, page, now) ? 'begins again' : 'goes on'),
            (error) => (error instanceof EntryError ? `reject: ${error.rule}` : undefined),
          )
          assert.equal(came, verdict, name)
        }
      })

      it('evidence', () => {
        for (const { name, evidence, result } of file.evidence) {
          const checked = outcome(
            () => {
              const { kind, log, seq, size, signer, authors } = checkEvidence(suite, fromHex(evidence))
              return { kind, log: toHex(log), seq, ...(size !== undefined && { size }), signer: toHex(signer), authors: authors.map((author) => author ?? null) }
            },
            (error) => (error instanceof EvidenceError ? error.code : undefined),
          )
          assert.deepEqual(checked, result, name)
        }
      })
    })
  }

  it('bodies', () => {
    for (const { kind, name, body, verdict } of file.bodies) {
      const code = outcome(() => (read(kind, fromHex(body)), 'right'), (error) => (error instanceof FieldError ? error.code : undefined))
      assert.equal(code, verdict, name)
    }
  })

  it('a page', () => {
    const { from, entries, left, right, head } = file.page
    const peer = withHistory(openssl, [...file.history.map(({ entry }) => entry), file.verdicts[0]!.entry])
    const vouched = { ...head, log: fromHex(head.log), root: fromHex(head.root) } as unknown as VouchedHead
    const page = { log: vouched.log, from, entries: entries.map(fromHex), proof: { left: left.map(fromHex), right: right.map(fromHex) }, head: vouched }
    assert.deepEqual(judgePage(openssl, peer.channel, page, LATER).entries.map(({ bytes }) => toHex(bytes)), entries)
  })
})

describe('the channel and its twin', () => {
  const KEYS = [...file.keys.root.slice(0, 2), ...file.keys.posting].map(({ seed }) => twinKey(fromHex(seed)))
  const start = file.history.map(({ entry }) => fromHex(entry))
  const logs = [file.channel, ...file.keys.posting.map(({ log }) => log)].map(fromHex)
  const certificates = [new Uint8Array(32), ...file.history.slice(1, 3).map(({ id }) => fromHex(id))]
  const bodies = [...new Set(file.verdicts.map(({ entry }) => entry).filter((entry) => entry.length > 2 * 300))].map((entry) => {
    try {
      const { kind, body } = decodeEntry(openssl, fromHex(entry))
      return { kind, body }
    } catch {
      return { kind: 16, body: new Uint8Array([2, 0, 0, 0, 1, 0x61]) }
    }
  })
  const rarely = <T>(weight: number, other: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: other })
  /** Mostly what the author of that log would write next, and often something else about it. */
  const attempt = fc.record({
    log: fc.nat(2),
    said: fc.nat(bodies.length - 1),
    odd: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    later: fc.nat(150),
    key: rarely(8, fc.nat(3)),
    certificate: rarely(8, fc.nat(2)),
    seq: rarely(6, fc.nat(9)),
    root: rarely(12, fc.constant(new Uint8Array(32))),
    rootSize: rarely(4, fc.nat(9)),
    flip: rarely(12, fc.nat()),
  })

  it('come to the same verdict on whatever is written, one entry after another', () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 1, maxLength: 12, size: 'max' }), (attempts) => {
        const twin = new TwinChannel(start[0]!)
        const peer = new Peer(openssl, start[0]!, START)
        let now = START
        for (const bytes of start.slice(1)) {
          twin.take(bytes)
          peer.hear(bytes)
        }
        for (const { log: which, said: what, odd, later, key, certificate, seq, root, rootSize, flip } of attempts) {
          now += later * 100_000
          peer.now = now
          const log = logs[which]!
          const head = twin.head(log)
          const fitting = bodies.filter(({ kind }) => odd || kind >= 16 === which > 0)
          const { kind, body } = fitting[what % fitting.length]!
          const rootHead = twin.head(logs[0]!)
          const size = rootSize ?? rootHead.size
          const entry: TwinEntry = {
            kind, body, log, channel: logs[0]!, seq: seq ?? head.size, time: now, root: root ?? twin.treeRoot(seq ?? head.size, twin.of(log)) ?? head.root,
            certificate: certificates[certificate ?? which]!,
            seen: which === 0 ? [] : [{ log: logs[0]!, size, root: twin.treeRoot(size) ?? new Uint8Array(32) }],
          }
          const rotates = kind === 5 || twin.keys().length > 1
          let bytes = encode(entry, KEYS[key ?? (which > 0 ? which + 1 : rotates ? 1 : 0)]!)
          if (flip !== undefined) bytes = bytes.with(flip % bytes.length, bytes[flip % bytes.length]! ^ 1)
          const verdict = twin.judge(bytes, now)
          reached.add(verdict)
          assert.equal(said(openssl, peer.channel, bytes, now), verdict)
          if (verdict === 'accept' || verdict === 'supersede') {
            twin.take(bytes)
            peer.hear(bytes)
          }
          for (const each of logs.slice(1)) assert.equal(peer.of(each).length, twin.of(each).length)
          assert.equal(peer.channel.manifest.name, twin.manifest().name)
        }
      }),
      { numRuns: 60 },
    )
    for (const verdict of ['accept', 'known', 'ahead', 'reject: signature', 'reject: scope', 'ignore: root-behind']) assert(reached.has(verdict), verdict)
  })
})
