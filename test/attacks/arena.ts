/**
 * A channel under attack by sybils of the gossip, as gossipsub v1.1 was evaluated, scaled to a tenth: real channel nodes and real attackers over
 * TCP, and what of the posts of one publisher reaches its followers by gossip alone. Fetching what was missed, which the messenger does beside it,
 * is left out.
 */
import { CHANNEL, type Follower, follower, meeting } from '../src/net/channels-support.ts'
import { heap, until } from '../src/net/support.ts'
import { HEARTBEAT } from '../../src/net/channels/limits.ts'
import { sybil } from './sybil.ts'

export interface Attack {
  readonly name: string
  /** whom the sybils call */
  readonly victims: 'nobody' | 'one follower' | 'the publisher' | 'everybody'
  /** they are there before the followers know each other */
  readonly first?: true
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
/** Sybils call for so long. */
const PATIENCE = 15 * HEARTBEAT
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
  const besiege = async (): Promise<void> => {
    const victims = { nobody: [], 'one follower': honest.slice(1, 2), 'the publisher': [publisher], everybody: honest }[attack.victims]
    await Promise.all(victims.flatMap(victim => sybils.map(each => each.meet(victim, PATIENCE))))
  }
  const settled = (): Promise<void> => until(() => honest.every(({ gossip }) => gossip.peers(CHANNEL).length >= Math.min(4, count)), 'followers meet', 60_000)

  if (attack.first) {
    for (const each of honest) each.gossip.join(meeting(), [])
    await besiege()
  }
  gather()
  await settled()
  if (!attack.first) await besiege()
  if (attack.dawn) {
    await Promise.all(honest.slice(1).map(({ gossip }) => gossip.stop()))
    honest = [publisher, ...(await Promise.all(Array.from({ length: count }, enter)))]
    await besiege()
    gather()
    await settled()
  }
  for (let nth = 0; nth < posts; nth++) {
    const post = `post ${nth}`
    sent.set(post, performance.now())
    await publisher.gossip.publish(CHANNEL, Buffer.from(post))
    // Others have something to say as well: who passes it on earns a name with it.
    await honest[1 + (nth % count)]?.gossip.publish(CHANNEL, Buffer.from(`word ${nth}`))
    await new Promise(resolve => setTimeout(resolve, PACE))
  }
  await until(() => arrived.length >= posts * count, 'all arrive', LATEST).catch(() => undefined)
  const keys = new Set(honest.map(({ key }) => key))
  const beside = honest.flatMap(({ gossip }) => gossip.peers(CHANNEL))
  const inOrder = arrived.toSorted((a, b) => a - b)
  const { user, system } = process.cpuUsage(cpu)
  return {
    delivered: arrived.length / (posts * count),
    half: inOrder[Math.floor(inOrder.length / 2)] ?? Infinity,
    most: inOrder[Math.floor(inOrder.length * 0.99)] ?? Infinity,
    held: beside.filter(peer => !keys.has(peer)).length / Math.max(1, beside.length),
    memory: (heap() - memory) / 2 ** 20,
    cpu: (user + system) / 1e6,
  }
}
