/** The channels an operator chose: followed as anybody does, kept whole, and served to whoever asks. Nobody reads them here. */
import { channelText, total } from '../../../protocols/channel/index.ts'
import { fromHex } from '../../../protocols/suite/index.ts'
import type { ReplicaContext } from '../../messenger/channels/context.ts'
import { readLink, writeLink } from '../../messenger/channels/link.ts'
import type { ChannelId, PeerHint } from '../../messenger/channels/ports.ts'
import { createReplica } from '../../messenger/channels/replica.ts'
import type { Known } from '../../messenger/channels/shelf.ts'
import { frozenText, heldOf, missingViews } from '../../messenger/channels/standing.ts'
import { commit, newStep } from '../../messenger/context.ts'
import { MessengerError } from '../../messenger/errors.ts'
import type { MirrorView } from '../view.ts'
import { ADD_WAIT_MS, KEEP, MAX_MIRRORS } from './limits.ts'
import { MirroredPictures } from './pictures.ts'

export interface Mirror {
  /** Durable at once; resolves when somebody who has it was reached, or after a while. A channel that is here gets the link's addresses. @throws MessengerError */
  add(link: string): Promise<MirrorView>
  list(): MirrorView[]
  /** @param typed its name, the beginning of it, or its id. @throws MessengerError */
  remove(typed: string): Promise<void>
  /** Figures; whom it serves is not in them. */
  status(): Record<string, number>
  start(): Promise<void>
  stop(): Promise<void>
}

/** @param failed told of every commit that was not stored */
export function createMirror(given: ReplicaContext, { quota, failed }: { quota: number; failed: (error: unknown) => void }): Mirror {
  let commitsFailed = 0
  let taken = 0
  const store = {
    ...given.store,
    commit: (changes: Parameters<typeof given.store.commit>[0]) =>
      given.store.commit(changes).catch((error: unknown) => {
        commitsFailed++
        failed(error)
        throw error
      }),
  }
  const context: ReplicaContext = { ...given, store }
  const replica = createReplica(context, { keep: KEEP, lists: 'dure relay mirror list', appeared: () => pictures.appeared() })
  const { shelf, network, catchUp, library } = replica
  const pictures = new MirroredPictures(context, replica, quota)
  replica.keeping.onKept((step, _, rows) => {
    step.afterwards.push(() => {
      taken += rows.length
    })
  })

  const peersOf = (id: ChannelId): string[] => (network.isUp ? context.gossip.peers(id) : [])

  function stateOf({ row, state }: Known, held: number, entries: number): MirrorView['state'] {
    if (!state) return 'catching up'
    if (frozenText(state) !== undefined) return 'frozen'
    if (row.newestAt === 0 || held < entries || missingViews(state).length > 0) return 'catching up'
    if (pictures.missing(row.id) === 0) return 'whole'
    return pictures.full ? 'full' : 'catching up'
  }

  function view(known: Known): MirrorView {
    const { row, state } = known
    const entries = state ? total(state) : 0
    const held = heldOf(known)
    return {
      id: channelText(fromHex(row.id)),
      name: row.name,
      link: writeLink(row.id, network.isUp ? context.gossip.hints(row.id) : row.hints),
      entries,
      held,
      missing: state ? missingViews(state) : [],
      picturesMissing: pictures.missing(row.id),
      peers: peersOf(row.id).length,
      bytes: store.channelBytes(row.id),
      newestAt: row.newestAt > 0 ? row.newestAt : undefined,
      state: stateOf(known, held, entries),
      frozen: state && frozenText(state),
    }
  }

  async function put(id: ChannelId, hints: readonly PeerHint[]): Promise<void> {
    const before = shelf.get(id)?.row
    if (!before && shelf.all().length >= MAX_MIRRORS) throw new MessengerError('conflict', `this relay mirrors ${MAX_MIRRORS} channels already`, 'remove one: dure relay mirror remove NAME')
    const step = newStep()
    shelf.put(step, before ? { ...before, hints: [...hints, ...before.hints] } : {
      id, name: shelf.provisionalName(id), following: undefined, muted: true, dailyLimit: 0, state: new Uint8Array(), hints, domain: undefined, newestAt: 0, addedAt: context.clock.now(),
    })
    await commit(context, step)
  }

  return {
    async add(link) {
      const { id, hints } = readLink(link)
      await put(id, hints)
      await network.join(id)
      await catchUp.reached(id, ADD_WAIT_MS)
      return view(shelf.find(id))
    },
    list: () => shelf.all().map(view),
    async remove(typed) {
      const { row: { id } } = shelf.find(typed)
      const step = newStep()
      shelf.remove(step, id)
      await commit(context, step)
      catchUp.forget(id)
      network.leave(id)
      pictures.forget(id)
    },
    status: () => {
      const all = shelf.all()
      return {
        channels: all.length,
        entries: all.reduce((sum, known) => sum + heldOf(known), 0),
        pictures_missing: all.reduce((sum, { row }) => sum + pictures.missing(row.id), 0),
        bytes: store.bytesInUse(),
        bytes_limit: quota,
        peers: new Set(all.flatMap(({ row }) => peersOf(row.id))).size,
        entries_taken_total: taken,
        entries_served_total: library.entriesServed,
        commits_failed_total: commitsFailed,
      }
    },
    async start() {
      await replica.start()
      pictures.start()
    },
    async stop() {
      const stopped = pictures.stop()
      await replica.stop()
      await stopped
    },
  }
}
