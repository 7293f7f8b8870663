/**
 * Breadth first through every state that a model can come to. What is claimed of it holds in all of them, or the shortest way to where it does
 * not is given back. It knows nothing of what it explores.
 */
import { hash } from 'node:crypto'

export interface Move<S> {
  readonly name: string
  readonly to: S
  /** something goes wrong by itself; nobody may count on it */
  readonly fault?: boolean
}

export interface Model<S> {
  readonly initial: S
  moves(state: S): readonly Move<S>[]
  /** One name for all states from which the same can come. */
  key(state: S): string
  /** What is wrong with this state, if anything is. */
  broken(state: S): string | undefined
  /** Nobody waits for anything. From every state such a one must be within reach without a further fault. */
  rests(state: S): boolean
  /** States that are about the same must say the same: what two of them came to by different ways. */
  agrees?(state: S): { readonly about: string; readonly is: string } | undefined
}

export interface Counterexample {
  readonly what: string
  /** the moves that lead there, the shortest way; where two states contradict each other, both ways */
  readonly traces: readonly (readonly string[])[]
}

export interface Explored {
  readonly states: number
  readonly transitions: number
  /** moves of the longest of the shortest ways */
  readonly depth: number
  readonly counterexample: Counterexample | undefined
}

/** @throws RangeError there are more states than `most`: then nothing is known of the rest */
export function explore<S>(model: Model<S>, most = Infinity): Explored {
  const seen = new Map<string, number>()
  /** of each state, in the order they were found: the one it was found from, the move that led there, how many moves */
  const from: number[] = []
  const by: string[] = []
  const depth: number[] = []
  const resting: number[] = []
  const said = new Map<string, { is: string; at: number }>()
  /** moves that are no faults: where from, where to */
  const edges: [from: number[], to: number[]] = [[], []]
  let transitions = 0

  const trace = (at: number): string[] => (at === 0 ? [] : [...trace(from[at] as number), by[at] as string])
  const done = (counterexample?: Counterexample): Explored => ({ states: seen.size, transitions, depth: depth.at(-1) ?? 0, counterexample })

  /** A state that was not seen before, and what is wrong with it. */
  function add(state: S, key: string, parent: number, name: string): Counterexample | undefined {
    const at = seen.size
    if (at >= most) throw new RangeError(`more than ${most} states`)
    seen.set(key, at)
    from.push(parent)
    by.push(name)
    depth.push(parent < 0 ? 0 : (depth[parent] as number) + 1)
    if (model.rests(state)) resting.push(at)
    const what = model.broken(state)
    if (what !== undefined) return { what, traces: [trace(at)] }
    const claim = model.agrees?.(state)
    if (!claim) return undefined
    const other = said.get(claim.about)
    if (other && other.is !== claim.is) return { what: `${other.is}, and ${claim.is}`, traces: [trace(other.at), trace(at)] }
    said.set(claim.about, other ?? { is: claim.is, at })
    return undefined
  }

  const nameOf = (state: S): string => hash('sha256', model.key(state), 'base64')
  const wrong = add(model.initial, nameOf(model.initial), -1, '')
  if (wrong) return done(wrong)
  let level: S[] = [model.initial]
  for (let first = 0; level.length > 0; ) {
    const next: S[] = []
    for (const [i, state] of level.entries()) {
      for (const { name, to, fault } of model.moves(state)) {
        transitions++
        const key = nameOf(to)
        if (!seen.has(key)) {
          const wrong = add(to, key, first + i, name)
          if (wrong) return done(wrong)
          next.push(to)
        }
        if (fault) continue
        edges[0].push(first + i)
        edges[1].push(seen.get(key) as number)
      }
    }
    first += level.length
    level = next
  }
  const stuck = outOfReach(seen.size, edges, resting)
  return done(stuck === undefined ? undefined : { what: 'no way to rest', traces: [trace(stuck)] })
}

/** The first state from which no resting one can be reached. */
function outOfReach(states: number, [from, to]: readonly [from: number[], to: number[]], resting: readonly number[]): number | undefined {
  /** edges into a state, as a list through `next` */
  const last = new Int32Array(states).fill(-1)
  const next = new Int32Array(to.length)
  for (const [edge, state] of to.entries()) {
    next[edge] = last[state] as number
    last[state] = edge
  }
  const reaches = new Uint8Array(states)
  const open = [...resting]
  for (const state of resting) reaches[state] = 1
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (let edge = last[state] as number; edge >= 0; edge = next[edge] as number) {
      const before = from[edge] as number
      if (reaches[before]) continue
      reaches[before] = 1
      open.push(before)
    }
  }
  const stuck = reaches.indexOf(0)
  return stuck < 0 ? undefined : stuck
}

/** A counterexample as lines to read. */
export const asText = ({ what, traces }: Counterexample): string =>
  [what, ...traces.flatMap((trace, i) => [...(traces.length > 1 ? [`  ${i === 0 ? 'one' : 'other'} way:`] : []), ...trace.map((move, at) => `  ${String(at + 1).padStart(2)} ${move}`)])].join('\n')
