/**
 * A brand, its staff, whoever stole one of their keys, and a follower to whom what they wrote comes in every order. Each device writes with what it has
 * heard until then, which may be anything. What is written, judged, proven and frozen is decided by `protocols/channel`, that is, by the code that runs.
 *
 * A device hears all there is at once; the follower hears one thing at a time, so two followers with different fortunes are two ways to the same
 * set of entries, and must have come to the same. Time stands still.
 */
import {
  adoptKept,
  type Author,
  checkEvidence,
  credentialsFor,
  encodeChannel,
  encodeManifest,
  type Entry,
  EntryError,
  EvidenceError,
  forkProof,
  freeze,
  headOf,
  judge,
  KIND,
  logIdOf,
  logOf,
  missing,
  rangeProof,
  treeRoot,
  WriteError,
} from '../../protocols/channel/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import { openssl as suite } from '../../src/crypto/index.ts'
import { Brand, copy, keyOf, manifestOf, Peer, post } from '../protocols/channel/people.ts'
import type { Model, Move } from './explore.ts'

/** What must not be done, to see that it is found out. */
export type Mistake =
  | 'a restored device writes at once'
  | 'two devices share a posting key'
  | 'nobody looks at a revocation'
  | 'of a revocation nobody looks at the tree root'
  | 'nobody begins again where less is here than was kept'
  | 'nobody proves a fork'

/** How often each may happen. */
export interface World {
  readonly kim?: number
  readonly lee?: number
  /** entries by who has Kim's key as well */
  readonly copied?: number
  /** Kim's device is put back to a backup made before the first entry */
  readonly restored?: number
  /** the brand ends Kim's log, at the size it knows */
  readonly revoked?: number
  readonly manifests?: number
  /** root entries by who stole the root key: a certificate for Mallory first */
  readonly stolen?: number
  readonly mallory?: number
  readonly rotated?: number
  readonly mistake?: Mistake
}

type Who = 'the brand' | 'Kim' | 'Lee' | "who has Kim's key" | 'the thief of the root key' | 'Mallory' | 'the follower'

interface State {
  /** all that was written, by name */
  readonly written: readonly (readonly [name: string, entry: Entry])[]
  readonly peers: Readonly<Partial<Record<Who, Peer>>>
  readonly done: Readonly<Record<keyof Omit<World, 'mistake'>, number>>
  /** Kim's device knows that it was put back, and has asked nobody yet */
  readonly uncertain: boolean
}

const KEYS = { Kim: keyOf(suite, 0x21), Lee: keyOf(suite, 0x22), Mallory: keyOf(suite, 0x66) }
const NOTHING: State['done'] = { kim: 0, lee: 0, copied: 0, restored: 0, revoked: 0, manifests: 0, stolen: 0, mallory: 0, rotated: 0 }

export function channelModel(world: World): Model<State> {
  const { mistake } = world
  const brand = new Brand(suite)
  const authors = { Kim: { key: KEYS.Kim, certificate: brand.certify(KEYS.Kim).id }, Lee: { key: KEYS.Lee, certificate: brand.certify(KEYS.Lee).id } }
  const device = (): Peer => Object.assign(new Peer(suite, brand.channel.genesis), { channel: brand.channel, entries: new Map(brand.entries) })
  const backup = device()
  const kimsLog = logIdOf(suite, brand.log, KEYS.Kim.publicKey)
  const asBrand = (peer: Peer | undefined): Brand => peer as Brand
  /** nobody forks a log of theirs by accident: then there is no fork at all */
  const isHonest = !world.stolen && (!world.copied || mistake === 'two devices share a posting key')

  const names = new WeakMap<Peer, string>()
  function nameOf(peer: Peer): string {
    const known = names.get(peer)
    if (known !== undefined) return known
    const held = [...peer.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([log, entries]) => `${log.slice(0, 8)} ${entries.map(({ id }) => toHex(id).slice(0, 12)).join()}`)
    const name = `${peer.constructor.name} ${peer.digest()} ${held.join(' ')}`
    names.set(peer, name)
    return name
  }

  /** undefined: it changes nothing */
  const memory = new Map<string, Peer | undefined>()
  /** One who has heard this entry as well. */
  function heard(peer: Peer, entry: Entry): Peer {
    const question = `${nameOf(peer)} ${toHex(entry.id)}`
    if (memory.has(question)) return memory.get(question) ?? peer
    const next = copy(peer)
    hear(next, entry)
    const answer = nameOf(next) === nameOf(peer) ? undefined : next
    memory.set(question, answer)
    return answer ?? peer
  }

  /** The entries of its log up to one that was written, by its id: its writer has them, and whoever it gave them to. */
  const branches = new Map<string, readonly Entry[]>()

  /** Where a log was ended at more than is here, its newest kept entry says that there is more: it is fetched from who has it, with its frontier and a page. */
  function fetchKept(peer: Peer, newest: Entry): void {
    const log = toHex(newest.log)
    const held = peer.of(newest.log).length
    if (held === 0 || peer.channel.cuts.get(log)?.size !== newest.seq + 1) return
    const there = copy(peer)
    there.entries.set(log, [...branches.get(toHex(newest.id))!])
    const kept = there.of(newest.log)
    const page = { entries: [kept[held - 1]!.bytes], proof: rangeProof(held - 1, held, kept.length, there.subtree(newest.log)) }
    try {
      const adopted = adoptKept(suite, peer.channel, { entry: newest.bytes, frontier: there.frontierAt(newest.log, newest.seq).nodes }, page, peer.now)
      if (!adopted) return
      peer.channel = adopted.channel
      peer.entries.set(log, kept)
    } catch (error) {
      if (!(error instanceof EntryError)) throw error // it is the newest of another branch than was kept
    }
  }

  function hear(peer: Peer, entry: Entry): void {
    const before = { state: peer.channel.logs, entries: peer.entries.get(toHex(kimsLog)) }
    const { verdict } = peer.hear(entry.bytes)
    if (verdict === 'known' && mistake !== 'nobody proves a fork') {
      const mine = peer.of(entry.log)[entry.seq]
      const proof = mine && toHex(mine.id) !== toHex(entry.id) && proofOf(peer, mine, entry)
      if (proof) peer.channel = freeze(peer.channel, checkEvidence(suite, proof)) ?? peer.channel
    }
    if ((verdict === 'ahead' || verdict === 'ignore') && mistake !== 'nobody begins again where less is here than was kept') fetchKept(peer, entry)
    if (verdict === 'ignore' && mistake === 'nobody looks at a revocation') {
      const { cuts } = peer.channel
      const blind = judge(suite, { ...peer.channel, cuts: new Map() }, entry.bytes, peer.now)
      if (blind.verdict === 'accept') peer.keep({ channel: { ...blind.channel, cuts }, entry: blind.entry })
    }
    if (verdict === 'accept' && entry.kind === KIND.revocation && mistake === 'of a revocation nobody looks at the tree root') {
      const log = toHex(kimsLog)
      const state = before.state.get(log)
      if (state && state.size === peer.channel.cuts.get(log)?.size) {
        peer.channel = { ...peer.channel, logs: new Map(peer.channel.logs).set(log, state) }
        peer.entries.set(log, before.entries ?? [])
      }
    }
  }

  /** undefined: they do not contradict each other, as a rotation and what it voids do not. */
  function proofOf(peer: Peer, a: Entry, b: Entry): Uint8Array | undefined {
    const credentials = credentialsFor(peer.channel, a, b).map((seq) => peer.of(peer.log)[seq]!.bytes)
    try {
      return forkProof(suite, credentials, a, b)
    } catch (error) {
      if (error instanceof EvidenceError) return undefined
      throw error
    }
  }

  const proven = new Set<string>()
  /** Who was there from the beginning can prove most of them, and then always. */
  function canBeProven(peers: State['peers'], a: Entry, b: Entry): boolean {
    const pair = `${toHex(a.id)} ${toHex(b.id)}`
    if (!proven.has(pair) && proofOf(brand, a, b)) proven.add(pair)
    return proven.has(pair) || Object.values(peers).some((witness) => proofOf(witness, a, b) !== undefined)
  }

  function heardAll(peer: Peer, written: State['written']): Peer {
    let now = peer
    for (let before: Peer | undefined; before !== now; ) {
      before = now
      for (const [, entry] of written) now = heard(now, entry)
    }
    return now
  }

  // ---------------------------------------------------------------- what can happen

  /** Writes on a copy of itself, and what it wrote is there for all. */
  function wrote(state: State, who: Who, count: keyof State['done'], act: (peer: Peer) => Entry, more: Partial<State['peers']> = {}): State | undefined {
    const peer = copy({ ...state.peers, ...more }[who]!)
    try {
      const entry = act(peer)
      const name = `${who}, ${entry.seq}`
      branches.set(toHex(entry.id), peer.of(entry.log))
      return {
        ...state,
        written: [...state.written, [name, entry]],
        peers: { ...state.peers, ...more, [who]: peer },
        done: { ...state.done, [count]: state.done[count] + 1 },
      }
    } catch (error) {
      if (error instanceof WriteError) return undefined
      throw error
    }
  }

  const author = (name: 'Kim' | 'Lee'): Author => authors[name]

  function moves(state: State): Move<State>[] {
    const { peers, done, written } = state
    const found: Move<State>[] = []
    const may = (name: string, to: State | undefined): void => void (to && found.push({ name, to }))
    const can = (count: keyof State['done']): boolean => done[count] < (world[count] ?? 0)
    const says = (who: Who): { kind: number; body: Uint8Array } => post(`${who} ${written.length}`)
    const manifest = (who: Who): { kind: number; body: Uint8Array } => ({ kind: KIND.manifest, body: encodeManifest(manifestOf({ name: `${who} ${written.length}` })) })

    if (can('kim') && (!state.uncertain || mistake === 'a restored device writes at once')) may('Kim writes', wrote(state, 'Kim', 'kim', (peer) => peer.write(author('Kim'), says('Kim'))))
    if (can('lee')) may('Lee writes', wrote(state, 'Lee', 'lee', (peer) => peer.write(author('Lee'), says('Lee'))))
    if (can('copied')) may("who has Kim's key writes", wrote(state, "who has Kim's key", 'copied', (peer) => peer.write(author('Kim'), says("who has Kim's key"))))
    if (can('manifests')) may('the brand changes the manifest', wrote(state, 'the brand', 'manifests', (peer) => peer.write(asBrand(peer).root, manifest('the brand'))))
    if (can('revoked')) {
      const size = peers['the brand']!.of(kimsLog).length
      may(`the brand ends Kim's log at ${size}`, wrote(state, 'the brand', 'revoked', (peer) => asBrand(peer).revoke(kimsLog, size)))
    }
    if (can('rotated')) may('the brand moves to the next root key, in the place of what the thief wrote', rotated(state))
    if (can('stolen')) {
      const act = (peer: Peer): Entry => (done.stolen === 0 ? asBrand(peer).certify(KEYS.Mallory, { name: 'Mallory' }) : peer.write(asBrand(peer).root, manifest('the thief of the root key')))
      may('the thief of the root key writes', wrote(state, 'the thief of the root key', 'stolen', act, { 'the thief of the root key': peers['the thief of the root key'] ?? peers['the brand']! }))
    }
    if (can('mallory') && done.stolen > 0) {
      const thief = peers['the thief of the root key']!
      const certificate = thief.of(thief.log).find(({ kind, seq }) => kind === KIND.certificate && seq > 2)!.id
      may('Mallory writes', wrote(state, 'Mallory', 'mallory', (peer) => peer.write({ key: KEYS.Mallory, certificate }, says('Mallory')), { Mallory: peers.Mallory ?? copy(thief) }))
    }
    if (can('restored')) found.push({ name: "! Kim's device is put back to its backup", to: { ...state, peers: { ...peers, Kim: backup }, done: { ...done, restored: done.restored + 1 }, uncertain: true }, fault: true })
    for (const who of ['the brand', 'Kim', 'Lee', "who has Kim's key"] as const) {
      const peer = peers[who]
      const to = peer && heardAll(peer, written)
      if (to !== peer || (who === 'Kim' && state.uncertain)) may(`${who} hears all there is`, { ...state, peers: { ...peers, [who]: to! }, uncertain: state.uncertain && who !== 'Kim' })
    }
    const follower = peers['the follower']!
    for (const [name, entry] of written) {
      const to = heard(follower, entry)
      if (to !== follower) may(`the follower hears ${name}`, { ...state, peers: { ...peers, 'the follower': to } })
    }
    return found
  }

  /** From the root log as it was before the thief. */
  function rotated(state: State): State | undefined {
    const thief = state.peers['the thief of the root key']
    const own = asBrand(state.peers['the brand'])
    const clean = thief ? Object.assign(copy(own), startOver(own)) : own
    return wrote({ ...state, peers: { ...state.peers, 'the brand': clean } }, 'the brand', 'rotated', (peer) => asBrand(peer).rotate())
  }

  function startOver(own: Brand): Pick<Peer, 'channel' | 'entries'> {
    const { channel, entries } = brand
    const logs = new Map([...channel.logs].map(([name, state]) => [name, own.channel.logs.get(name) ?? state]))
    return { channel: { ...channel, logs }, entries: new Map([...own.entries].map(([name, held]) => [name, name === toHex(own.log) ? entries.get(name)! : held])) }
  }

  // ---------------------------------------------------------------- what must hold

  function broken({ written, peers }: State): string | undefined {
    for (const [who, peer] of Object.entries(peers)) {
      for (const [name, cut] of peer.channel.cuts) {
        const state = peer.channel.logs.get(name)!
        if (state.size > cut.size || (peer.entries.get(name)?.length ?? 0) > cut.size) return `${who} has entries of a log behind its end`
        if (state.size === cut.size && toHex(headOf(suite, state).root) !== toHex(cut.root)) return `${who} has other entries than were kept`
      }
    }
    const rotation = written.findIndex(([, { kind }]) => kind === KIND.rotation)
    /** The brand's after a rotation are by another key than the thief's. */
    const keyOf = ([name, { log }]: State['written'][number], at: number): string => `${toHex(log)} ${rotation >= 0 && at >= rotation && name.startsWith('the brand') ? 'next' : ''}`
    for (const [i, first] of written.entries()) {
      for (const [j, second] of written.entries()) {
        const [[, a], [, b]] = [first, second]
        if (j <= i || a.seq !== b.seq || keyOf(first, i) !== keyOf(second, j)) continue
        if (isHonest) return 'a log was forked by accident'
        if (!canBeProven(peers, a, b)) return 'a fork cannot be proven'
      }
    }
    return undefined
  }

  function agrees({ written, peers }: State): { about: string; is: string } | undefined {
    const follower = peers['the follower']!
    // A channel that its root key forked stands still where it was until the brand moves on.
    if (follower.channel.frozen !== undefined || written.some(([, entry]) => heard(follower, entry) !== follower)) return undefined
    const { channel } = follower
    /** Of a log that forked, what was before. */
    const sizeOf = (log: Uint8Array): number => Math.min(logOf(channel, log)?.size ?? 0, channel.forks.get(toHex(log)) ?? Infinity)
    const accepted = written.filter(([, { log, seq, id }]) => seq < sizeOf(log) && follower.of(log).some((each) => toHex(each.id) === toHex(id)))
    // Of what makes the state of a log, the bucket of the rate may differ: a log that began light begins with a full one.
    const heads = [...channel.logs.values()].map(({ log, frontier }) => `${toHex(log)} ${sizeOf(log)} ${channel.forks.has(toHex(log)) ? '' : toHex(treeRoot(suite, frontier))}`).sort()
    const state = toHex(suite.sha256(encodeChannel(channel), new TextEncoder().encode(heads.join()))).slice(0, 12)
    const is = `a follower has ${accepted.map(([name]) => name).sort().join('; ') || 'nothing'} (state ${state})`
    const left = isHonest && !world.revoked ? written.length - accepted.length + missing(channel).length : 0
    return { about: written.map(([, { id }]) => toHex(id)).sort().join(), is: left > 0 ? `${is}, and not the rest` : is }
  }

  const key = ({ written, peers, done, uncertain }: State): string =>
    JSON.stringify([written.map(([, { id }]) => toHex(id)).sort(), Object.entries(peers).sort(([a], [b]) => (a < b ? -1 : 1)).map(([who, peer]) => [who, nameOf(peer)]), done, uncertain])

  const peers: State['peers'] = {
    'the brand': brand,
    'the follower': device(),
    Kim: device(),
    ...(world.lee && { Lee: device() }),
    ...(world.copied && { "who has Kim's key": device() }),
  }
  return { initial: { written: [], peers, done: NOTHING, uncertain: false }, moves, key, broken, rests: () => true, agrees }
}
