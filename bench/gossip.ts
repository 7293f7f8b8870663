/**
 * A post until its last delivery: real nodes in one process over memory, every one judging with protocols/channel, in turns beside bare gossipsub with
 * the same parameters on the same edges. All nodes share one core, so times grow with their number; the model (gossip-model.ts) takes that
 * apart and says what it means for nodes of their own. --full adds 200 nodes.
 */
import { openssl } from '../src/crypto/index.ts'
import { Brand } from './channel-brand.ts'
import type { Figure } from './figure.ts'
import { fit, lastOnOneCore, worldwide } from './gossip-model.ts'
import { bare, type Edges, type Network, ours, type Took } from './gossip-net.ts'

/** Nodes and posts: the larger the network, the less one post varies. */
const SIZES: readonly (readonly [number, number])[] = [[20, 100], [50, 60], [100, 40]]
const FULL: readonly [number, number] = [200, 20]
/** Earlier nodes each one calls; with those that call it, twice as many neighbours. */
const CALLS = 6
const WARM_UP = 5
const GOAL = 1.2
/** The model is fitted to the two smallest networks and has to meet the largest within this factor. */
const MODEL_FACTOR = 1.5

interface Measured {
  readonly nodes: number
  readonly ours: readonly Took[]
  readonly bare: readonly Took[]
  /** bytes sent by all nodes for each byte of a post that was delivered */
  readonly overhead: { readonly ours: number; readonly bare: number }
}

export async function run(): Promise<Figure[]> {
  const measured: Measured[] = []
  for (const [nodes, posts] of process.argv.includes('--full') ? [...SIZES, FULL] : SIZES) measured.push(await measure(nodes, posts))
  return [...measured.flatMap(figures), ...modelled(measured)]
}

async function measure(nodes: number, posts: number): Promise<Measured> {
  const edges = randomEdges(nodes)
  const brand = new Brand(openssl, { authors: 1, entries: posts + WARM_UP + 64 })
  const networks = [await ours(edges, brand.channel), await bare(edges, brand.channel)] as const
  const next = (): Uint8Array => Buffer.concat([Buffer.from([1]), brand.post(0).entry.bytes])
  for (const network of networks) await together(network, nodes)
  const took: [Took[], Took[]] = [[], []]
  const sent = [0, 0]
  let payload = 0
  for (let round = -WARM_UP; round < posts; round++) {
    const post = next()
    if (round >= 0) payload += post.length * (nodes - 1)
    // In turns, and each first as often as second: a busy moment of the machine falls on both.
    const order = round % 2 === 0 ? [...networks.entries()] : [...networks.entries()].reverse()
    for (const [i, network] of order) {
      const before = network.bytes()
      // The first ones may come before the mesh.
      const one = await network.post(post).catch((error: unknown) => (round < 0 ? undefined : Promise.reject(error as Error)))
      // Copies of it still come after the last delivery; they belong to it.
      await settled(network)
      if (round < 0 || !one) continue
      took[i]?.push(one)
      sent[i] = (sent[i] ?? 0) + network.bytes() - before
    }
  }
  await Promise.all(networks.map(network => network.stop()))
  return { nodes, ours: took[0], bare: took[1], overhead: { ours: (sent[0] ?? 0) / payload, bare: (sent[1] ?? 0) / payload } }
}

/** Until connections, subscriptions and grafts are done, which is when a while brings few more bytes. A trial post would be one the channel does not have. */
async function together(network: Network, nodes: number): Promise<void> {
  let before = -1
  while (network.bytes() - before > nodes * 400) {
    before = network.bytes()
    await new Promise(resolve => setTimeout(resolve, 1500))
  }
}

async function settled(network: Network): Promise<void> {
  let before = -1
  while (network.bytes() !== before) {
    before = network.bytes()
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** The same every time: a figure must not depend on luck with edges. */
function randomEdges(nodes: number): Edges {
  let state = 0x9e3779b9
  const below = (limit: number): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0
    return (state >>> 0) % limit
  }
  return Array.from({ length: nodes }, (_, i) => {
    const chosen = new Set<number>()
    while (chosen.size < Math.min(i, CALLS)) chosen.add(below(i))
    return [...chosen]
  })
}

type Part = (took: Took) => number
const time: Part = took => took.time
const cpu: Part = took => took.cpu
const sorted = (all: readonly Took[], part: Part): number[] => all.map(part).sort((a, b) => a - b)
const median = (all: readonly Took[], part: Part): number => sorted(all, part)[all.length >> 1] as number
const p99 = (all: readonly Took[]): number => sorted(all, time)[Math.ceil(all.length * 0.99) - 1] as number

function figures({ nodes, ours: mine, bare: theirs, overhead }: Measured): Figure[] {
  const beside = median(theirs, time)
  const ratio = (part: Part): string => (median(mine, part) / beside).toFixed(2)
  return [
    {
      name: `${nodes} nodes: post to last delivery`, value: median(mine, time), unit: 'ms',
      note: `bare gossipsub ${beside.toFixed(1)} ms: ${ratio(time)} times that, ${ratio(took => took.time - took.judging)} without the judging, which all nodes do on one core here (goal: at most ${GOAL})`,
    },
    { name: `${nodes} nodes: post to last delivery, p99`, value: p99(mine), unit: 'ms', note: `of ${mine.length}; bare gossipsub ${p99(theirs).toFixed(1)} ms` },
    { name: `${nodes} nodes: processor time of it`, value: median(mine, cpu), unit: 'ms', note: `bare gossipsub ${median(theirs, cpu).toFixed(1)} ms: ${(median(mine, cpu) / median(theirs, cpu)).toFixed(2)} times that` },
    { name: `${nodes} nodes: bytes for each delivered byte`, value: overhead.ours, unit: 'x', note: `posts of 0.7 KB, encrypted and framed; bare gossipsub ${overhead.bare.toFixed(1)}` },
  ]
}

/** The model beside the largest measured network, and what it says of networks nobody can run here. */
function modelled(measured: readonly Measured[]): Figure[] {
  const cost = fit(measured.slice(0, 2).map(({ nodes, ours: mine }) => ({ edges: randomEdges(nodes), time: median(mine, cpu) })))
  const largest = measured.at(-1)
  if (!largest) return []
  const said = lastOnOneCore(randomEdges(largest.nodes), cost)
  const was = median(largest.ours, cpu)
  return [
    {
      name: `model: ${largest.nodes} nodes on one core`, value: said, unit: 'ms',
      note: `measured ${was.toFixed(1)} ms of processor time: off by a factor of ${Math.max(said / was, was / said).toFixed(2)} (goal: ${MODEL_FACTOR}); ${cost.toFixed(2)} ms a copy, fitted to ${measured[0]?.nodes} and ${measured[1]?.nodes} nodes`,
    },
    ...[10_000, 1_000_000].map((followers): Figure => {
      const { last, median: middle, p99: late, reached, copies } = worldwide(followers, cost)
      return {
        name: `model: ${followers.toLocaleString('en')} followers, 99 % have it after`, value: late, unit: 'ms',
        note: `half ${middle.toFixed(0)} ms, last ${last.toFixed(0)} ms, ${(reached * 100).toFixed(2)} % by gossip, ${copies.toFixed(1)} copies each; links of 20 to 300 ms, 10 % gone without a word`,
      }
    }),
  ]
}
