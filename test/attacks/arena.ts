/**
 * A channel under attack by sybils of the gossip, as gossipsub v1.1 was evaluated, scaled to a tenth: real channel nodes and real attackers over
 * TCP, and what of the posts of one publisher reaches its followers by gossip alone. Fetching what was missed, which the messenger does beside it,
 * is left out.
 */
import { CHANNEL, type Follower, follower, meeting } from '../src/net/channels-support.ts'
import type { PeerKey } from '../../src/messenger/channels/ports.ts'
import { heap, until } from '../src/net/support.ts'
import { HEARTBEAT } from '../../src/net/channels/limits.ts'
import { sybil } from './sybil.ts'

export interface Attack {
  readonly name: string
  /** whom the sybils call */
  readonly victims: 'nobody' | 'one follower' | 'the publisher' | 'everybody'
  /** they are there before the followers know each other */
  readonly first?: true
  /** who is hung up on calls again, to the end */
  readonly again?: true
  /** followers go and come back while the sybils are there */
  readonly dawn?: true
  /** whether a sybil passes on the nth post of so many */
  passesOn(post: string, nth: number, posts: number): boolean
}

const drops = (): boolean => false

export const ATTACKS: readonly Attack[] = [
  { name: 'none', victims: 'nobody', passesOn: drops },
  { name: 'eclipse of one follower', victims: 'one follower', passesOn: drops },
  { name: 'eclipse of the publisher', victims: 'the publisher', passesOn: drops },
  { name: 'eclipse of everybody', victims: 'everybody', passesOn: drops },
  { name: 'censoring the publisher alone', victims: 'everybody', passesOn: post => !post.startsWith('post') },
  { name: 'degrading: every second one', victims: 'everybody', passesOn: (_, nth) => nth % 2 === 0 },
  { name: 'cold boot', victims: 'everybody', first: true, passesOn: drops },
  { name: 'cold boot, calling again', victims: 'everybody', first: true, again: true, passesOn: drops },
  { name: 'covert flash', victims: 'everybody', passesOn: (_, nth, posts) => nth < posts / 2 },
  { name: 'attack at dawn', victims: 'everybody', dawn: true, passesOn: drops },
]

export interface Size {
  readonly followers: number
  readonly sybils: number
  readonly posts: number
}

export interface Outcome {
  /** share of posts that reached followers */
  readonly delivered: number
  /** heartbeats from publishing to arrival: of half of what arrived, and of all but a hundredth */
  readonly half: number
  readonly most: number
  /** share of places beside followers that sybils hold at the end */
  readonly held: number
  /** MiB that the whole arena grew by */
  readonly memory: number
  /** seconds of both cores */
  readonly cpu: number
}

/** Others whom a follower has heard of. */
const HINTS = 8
/** What has not arrived so long after the last post is lost. */
const LATEST = 10 * HEARTBEAT
/** For so long followers try to meet each other before the first post. */
const PATIENCE = 60 * HEARTBEAT
/** And sybils to take all places. */
const SIEGE = 20 * HEARTBEAT
/** Sybils have the places they can have when they have not become more for so long. */
const STANDSTILL = 3 * HEARTBEAT
/** Peers of its kind a follower has met others with. */
const MET = 4
/** Between two calls of a sybil: as fast as victims let callers in, and once they are in. */
const HURRY = HEARTBEAT / 20
const STEADY = HEARTBEAT
/** Until those who met are in each other's meshes, which change at heartbeats. */
const GRAFTING = 3 * HEARTBEAT
/** Between two posts. */
const PACE = HEARTBEAT / 2

export async function perform(attack: Attack, { followers: count, sybils: many, posts }: Size): Promise<Outcome> {
  const [memory, cpu] = [heap(), process.cpuUsage()]
  const sent = new Map<string, number>()
  const arrived: number[] = []
  const enter = async (): Promise<Follower> =>
    follower({
      message(_, __, message) {
        const at = sent.get(Buffer.from(message).toString())
        if (at !== undefined) arrived.push((performance.now() - at) / HEARTBEAT)
        return 'accept'
      },
    })
  const publisher = await enter()
  let honest = [publisher, ...(await Promise.all(Array.from({ length: count }, enter)))]
  const gather = (): void => {
    for (const [place, each] of honest.entries()) each.gossip.join(meeting(), honest.flatMap((other, at) => (at !== place && (at - place + honest.length) % honest.length <= HINTS ? [other.hint()] : [])))
  }
  const sybils = await Promise.all(Array.from({ length: many }, () => sybil(post => attack.passesOn(post, Number(post.split(' ')[1]), posts))))
  const isHonest = (peer: PeerKey): boolean => honest.some(({ key }) => key === peer)
  const beside = (one: Follower, side: (peer: PeerKey) => boolean): number => one.gossip.peers(CHANNEL).filter(side).length
  /** Until it is so, or was given up. */
  const eventually = (is: () => boolean, patience: number): Promise<void> => until(is, 'in time', patience).catch(() => undefined)
  const met = (): Promise<void> => eventually(() => honest.every(each => beside(each, isHonest) >= Math.min(MET, count)), PATIENCE)
  const over = new AbortController()
  const besiege = async (): Promise<void> => {
    const victims = { nobody: [], 'one follower': honest.slice(1, 2), 'the publisher': [publisher], everybody: honest }[attack.victims]
    if (victims.length === 0) return
    for (const each of victims) each.gossip.join(meeting(), [])
    const taken = new AbortController()
    let pause = HURRY
    for (const each of sybils) void each.besiege(victims, attack.again ? over.signal : taken.signal, () => pause)
    let [most, since] = [0, performance.now()]
    await eventually(() => {
      const now = victims.reduce((sum, victim) => sum + beside(victim, peer => !isHonest(peer)), 0)
      if (now > most) [most, since] = [now, performance.now()]
      return most > 0 && performance.now() - since > STANDSTILL
    }, SIEGE)
    pause = STEADY
    taken.abort()
  }

  if (attack.first) await besiege()
  gather()
  await met()
  if (!attack.first) await besiege()
  if (attack.dawn) {
    await Promise.all(honest.slice(1).map(({ gossip }) => gossip.stop()))
    honest = [publisher, ...(await Promise.all(Array.from({ length: count }, enter)))]
    await besiege()
    gather()
    await met()
  }
  await new Promise(resolve => setTimeout(resolve, GRAFTING))
  for (let nth = 0; nth < posts; nth++) {
    const post = `post ${nth}`
    sent.set(post, performance.now())
    await publisher.gossip.publish(CHANNEL, Buffer.from(post))
    // Others have something to say as well: who passes it on earns a name with it.
    await honest[1 + (nth % count)]?.gossip.publish(CHANNEL, Buffer.from(`word ${nth}`))
    await new Promise(resolve => setTimeout(resolve, PACE))
  }
  await until(() => arrived.length >= posts * count, 'all arrive', LATEST).catch(() => undefined)
  over.abort()
  const neighbours = honest.flatMap(({ gossip }) => gossip.peers(CHANNEL))
  const inOrder = arrived.toSorted((a, b) => a - b)
  const { user, system } = process.cpuUsage(cpu)
  return {
    delivered: arrived.length / (posts * count),
    half: inOrder[Math.floor(inOrder.length / 2)] ?? Infinity,
    most: inOrder[Math.floor(inOrder.length * 0.99)] ?? Infinity,
    held: neighbours.filter(peer => !isHonest(peer)).length / Math.max(1, neighbours.length),
    memory: (heap() - memory) / 2 ** 20,
    cpu: (user + system) / 1e6,
  }
}
