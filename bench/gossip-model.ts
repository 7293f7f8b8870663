/**
 * A plain model of gossip over a mesh, without libp2p. A node that gets a post for the first time passes it to its mesh but for
 * whom it came from; the author gives it to all its neighbours; a copy costs its receiver some time, one after the other. Nodes on one core stand
 * in one queue (as in the bench), nodes of their own each in their own, with links between them that take their time. Who is in the
 * mesh of a node that went away without a word hears of the post by IHAVE at its next heartbeat.
 */
import { HEARTBEAT, MESH } from '../src/net/channels/limits.ts'
import type { Edges } from './gossip-net.ts'

export interface Outcome {
  /** milliseconds after the post */
  readonly last: number
  readonly median: number
  readonly p99: number
  /** share of the nodes there that got it */
  readonly reached: number
  /** copies received, for each node */
  readonly copies: number
}

/** Mulberry32: the same history every time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Neighbours of each node in compressed rows: those of node i are `to[start[i]]` up to `to[start[i + 1] - 1]`. */
interface Graph {
  readonly start: Uint32Array
  readonly to: Uint32Array
}

/** One more in that place; what was there before. */
function bump(counts: Uint32Array, at: number, by = 1): number {
  const before = counts[at] as number
  counts[at] = before + by
  return before
}

function rows(nodes: number, from: Uint32Array, to: Uint32Array, count: number): Graph {
  const start = new Uint32Array(nodes + 1)
  for (let e = 0; e < count; e++) {
    bump(start, (from[e] as number) + 1)
    bump(start, (to[e] as number) + 1)
  }
  for (let i = 0; i < nodes; i++) start[i + 1] = (start[i + 1] as number) + (start[i] as number)
  const fill = start.slice()
  const all = new Uint32Array(2 * count)
  for (let e = 0; e < count; e++) {
    all[bump(fill, from[e] as number)] = to[e] as number
    all[bump(fill, to[e] as number)] = from[e] as number
  }
  return { start, to: all }
}

/** What heartbeats make of the neighbours: nobody keeps more than Dhi, who has more goes down to D. */
function meshOf(nodes: number, from: Uint32Array, to: Uint32Array, count: number, draw: () => number): Graph {
  const degree = new Uint32Array(nodes)
  for (let e = 0; e < count; e++) {
    bump(degree, from[e] as number)
    bump(degree, to[e] as number)
  }
  const over = new Uint8Array(nodes)
  for (let i = 0; i < nodes; i++) over[i] = (degree[i] as number) > MESH.Dhi ? 1 : 0
  const keptFrom = new Uint32Array(count)
  const keptTo = new Uint32Array(count)
  let kept = 0
  for (let e = 0; e < count; e++) {
    const [a, b] = [from[e] as number, to[e] as number]
    const cut = (node: number): boolean => over[node] === 1 && (degree[node] as number) > MESH.D && draw() < 1 - MESH.D / (degree[node] as number + 1)
    if (((degree[a] as number) > MESH.Dlo && (degree[b] as number) > MESH.Dlo) && (cut(a) || cut(b))) {
      bump(degree, a, -1)
      bump(degree, b, -1)
      continue
    }
    keptFrom[kept] = a
    keptTo[kept++] = b
  }
  return rows(nodes, keptFrom, keptTo, kept)
}

interface World {
  /** milliseconds a copy takes its receiver */
  readonly cost: number
  /** all nodes on one core */
  readonly shared: boolean
  /** milliseconds of a link */
  readonly link?: (draw: () => number) => number
  /** share of nodes that are gone and that nobody has noticed yet */
  readonly gone?: number
}

/** Milliseconds until the last has it, in the middle of many meshes that can come of the same edges. */
export function lastOnOneCore(edges: Edges, cost: number): number {
  const flat = edges.flatMap((called, i) => called.map(other => [i, other] as const))
  const [from, to] = [Uint32Array.from(flat, ([a]) => a), Uint32Array.from(flat, ([, b]) => b)]
  const lasts = Array.from({ length: MESHES }, (_, seed) => spread(edges.length, from, to, flat.length, { cost, shared: true }, random(seed)).last)
  return lasts.sort((a, b) => a - b)[MESHES >> 1] as number
}
const MESHES = 51

/** So many followers, each with their own machine, calling 6 others at random. */
export function worldwide(followers: number, cost: number): Outcome {
  const draw = random(followers)
  const calls = 6
  const from = new Uint32Array(followers * calls)
  const to = new Uint32Array(followers * calls)
  for (let e = 0; e < from.length; e++) {
    from[e] = Math.floor(e / calls)
    to[e] = Math.floor(draw() * followers)
  }
  return spread(followers, from, to, from.length, { cost, shared: false, link: sample => 20 * 15 ** sample(), gone: 0.1 }, draw)
}

function spread(nodes: number, from: Uint32Array, to: Uint32Array, count: number, { cost, shared, link = () => 0, gone = 0 }: World, draw: () => number): Outcome {
  const all = rows(nodes, from, to, count)
  const mesh = meshOf(nodes, from, to, count, draw)
  const absent = Uint8Array.from({ length: nodes }, (_, i) => (i > 0 && draw() < gone ? 1 : 0))
  const first = new Float64Array(nodes).fill(Infinity)
  const free = new Float64Array(shared ? 1 : nodes)
  const events = new Heap()
  let copies = 0

  const send = (node: number, at: number, graph: Graph, except: number): void => {
    for (let e = graph.start[node] as number; e < (graph.start[node + 1] as number); e++) {
      const other = graph.to[e] as number
      if (other !== except && absent[other] === 0) events.push(at + link(draw), other, node)
    }
  }

  first[0] = 0
  send(0, 0, all, -1)
  for (;;) {
    while (events.size > 0) {
      const { at, node, source } = events.pop()
      copies++
      const core = shared ? 0 : node
      const done = Math.max(at, free[core] as number) + cost
      free[core] = done
      if (first[node] !== Infinity) continue
      first[node] = done
      send(node, done, mesh, source)
    }
    // Whom no mesh link reached asks for what a neighbour offers at its heartbeat: three more ways over a link.
    let asked = 0
    for (let i = 0; i < nodes; i++) {
      if (first[i] !== Infinity || absent[i] === 1) continue
      let best = Infinity
      for (let e = all.start[i] as number; e < (all.start[i + 1] as number); e++) best = Math.min(best, first[all.to[e] as number] as number)
      if (best === Infinity) continue
      events.push(best + HEARTBEAT * draw() + link(draw) + link(draw) + link(draw), i, -1)
      asked++
    }
    if (asked === 0) break
  }

  const times = first.filter((time, i) => i > 0 && time !== Infinity).sort()
  const there = nodes - 1 - absent.reduce((sum, one) => sum + one, 0)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] as number
  return { last: at(1), median: at(0.5), p99: at(0.99), reached: times.length / there, copies: copies / there }
}

/** Milliseconds a copy costs: what makes the model meet the measured times best, in the sense of least squares of ratios. */
export function fit(runs: readonly { readonly edges: Edges; readonly time: number }[]): number {
  // On one core with links that take no time, all times grow with the cost of a copy.
  const ratios = runs.map(({ edges, time }) => time / lastOnOneCore(edges, 1))
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
}

/** The next event first; of equal ones any. Typed arrays: a million followers are seven million events. */
class Heap {
  #at = new Float64Array(1024)
  #node = new Uint32Array(1024)
  #source = new Int32Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  push(at: number, node: number, source: number): void {
    if (this.#size === this.#at.length) this.#grow()
    let i = this.#size++
    for (; i > 0; ) {
      const parent = (i - 1) >> 1
      if ((this.#at[parent] as number) <= at) break
      this.#move(parent, i)
      i = parent
    }
    this.#set(i, at, node, source)
  }

  pop(): { at: number; node: number; source: number } {
    const popped = { at: this.#at[0] as number, node: this.#node[0] as number, source: this.#source[0] as number }
    const last = --this.#size
    const [at, node, source] = [this.#at[last] as number, this.#node[last] as number, this.#source[last] as number]
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= last) break
      if (child + 1 < last && (this.#at[child + 1] as number) < (this.#at[child] as number)) child++
      if ((this.#at[child] as number) >= at) break
      this.#move(child, i)
      i = child
    }
    this.#set(i, at, node, source)
    return popped
  }

  #set(i: number, at: number, node: number, source: number): void {
    this.#at[i] = at
    this.#node[i] = node
    this.#source[i] = source
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#at[from] as number, this.#node[from] as number, this.#source[from] as number)
  }

  #grow(): void {
    const [at, node, source] = [this.#at, this.#node, this.#source]
    this.#at = new Float64Array(2 * at.length)
    this.#node = new Uint32Array(2 * at.length)
    this.#source = new Int32Array(2 * at.length)
    this.#at.set(at)
    this.#node.set(node)
    this.#source.set(source)
  }
}
