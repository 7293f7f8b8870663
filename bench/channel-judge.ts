/**
 * What judging an entry costs beyond its signature: the next post of a log, at growing sizes of the log, in turns beside the bare Ed25519 check of the
 * same engine over the same bytes. Medians.
 */
import { type Channel, judge, type VerifiedEntry } from '../protocols/channel/index.ts'
import { LABEL, labelled, noble, type Suite } from '../protocols/suite/index.ts'
import { openssl } from '../src/crypto/index.ts'
import { Brand } from './channel-brand.ts'
import type { Figure } from './figure.ts'

const SIZES = [1_000, 1_000_000]
/** As many as a small brand has: each entry names the others' heads. */
const AUTHORS = 3
/** Consecutive entries, so that sizes of every shape of tree are among them. */
const RUN = 64
const ROUNDS = 81
const WARM_UP = 20
const GOAL = 1.3

interface Judged {
  /** before the first of the entries */
  readonly channel: Channel
  readonly key: Uint8Array
  readonly entries: readonly VerifiedEntry[]
  readonly now: number
}

function made(suite: Suite, size: number): Judged {
  const brand = new Brand(suite, { authors: AUTHORS, entries: AUTHORS + RUN })
  for (let author = 0; author < AUTHORS; author++) brand.pretend(author, size)
  const { channel } = brand
  // All of one author: what the others say meanwhile is not judged here.
  const entries = Array.from({ length: RUN }, () => brand.post(0).entry)
  return { channel, key: brand.keyOf(0), entries, now: brand.now }
}

function judgeAll(suite: Suite, { channel, entries, now }: Judged): void {
  let state = channel
  for (const { bytes } of entries) {
    const verdict = judge(suite, state, bytes, now)
    if (verdict.verdict !== 'accept') throw new Error(`an entry was not taken: ${verdict.verdict}`)
    state = verdict.channel
  }
}

/** What is signed is ready: only the engine is measured. */
function bare(suite: Suite, { entries, key }: Judged): () => void {
  const signed = entries.map(({ bytes, signature }) => ({ over: labelled(LABEL.channelEntry, bytes.subarray(0, bytes.length - signature.length)), signature }))
  return () => {
    for (const { over, signature } of signed) if (!suite.verify(key, over, signature)) throw new Error('a signature was not taken')
  }
}

/** In turns, so that a busy moment of the machine falls on both. Medians in us an entry. */
function inTurns(ours: () => void, beside: () => void): [number, number] {
  const times: [number[], number[]] = [[], []]
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [i, run] of [ours, beside].entries()) {
      const begun = performance.now()
      run()
      if (round >= 0) times[i]?.push(((performance.now() - begun) / RUN) * 1000)
    }
  }
  const [mine, theirs] = times.map((list) => list.sort((a, b) => a - b)[ROUNDS >> 1] as number)
  return [mine as number, theirs as number]
}

export async function run(): Promise<Figure[]> {
  return [openssl, noble].flatMap((suite) =>
    SIZES.map((size): Figure => {
      const judged = made(suite, size)
      const [ours, beside] = inTurns(() => judgeAll(suite, judged), bare(suite, judged))
      return {
        name: `judge the next of ${size.toLocaleString('en')} entries, ${suite.name}`,
        value: ours,
        unit: 'us',
        note: `its signature alone ${beside.toFixed(0)} us: ${(ours / beside).toFixed(2)} times that (goal: at most ${GOAL})`,
      }
    }),
  )
}
