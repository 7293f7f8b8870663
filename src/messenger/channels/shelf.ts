/** The channels known here: their rows, and their states as decoded once, and finding one by what a person typed. */
import { type Channel, channelText, decodeChannel, encodeChannel, encodeLog } from '../../../protocols/channel/index.ts'
import { fromHex } from '../../../protocols/suite/index.ts'
import type { Step } from '../context.ts'
import { MessengerError } from '../errors.ts'
import type { ReplicaContext } from './context.ts'
import type { ChannelId, ChannelRow, LogId } from './ports.ts'

/** Characters of its id that a channel is called by before it says its name. */
export const UNNAMED = 8

/** One channel as far as it is known. What is handed out never changes: a step puts another in its place. */
export interface Known {
  readonly row: ChannelRow
  /** undefined until somebody gave us its first entry */
  readonly state: Channel | undefined
  /** the first entry of a log that is stored; 0 when absent */
  readonly floors: ReadonlyMap<LogId, number>
}

export interface Opened extends Known {
  readonly state: Channel
}

export class Shelf {
  readonly #context: ReplicaContext
  readonly #hint: string
  #known = new Map<ChannelId, Known>()

  /** @param lists the command that shows the names, for who typed one that is none */
  constructor(context: ReplicaContext, lists: string) {
    this.#context = context
    this.#hint = `${lists} shows the names`
    this.reload()
  }

  /** Back to what the store holds: at the start, and after a transaction failed. */
  reload(): void {
    const { suite, store } = this.#context
    const known = new Map<ChannelId, Known>()
    for (const row of store.channels()) {
      const logs = store.channelLogs(row.id)
      known.set(row.id, {
        row,
        state: row.state.length === 0 ? undefined : decodeChannel(suite, row.state, logs.map((log) => log.state)),
        floors: new Map(logs.map(({ log, floor }) => [log, floor])),
      })
    }
    this.#known = known
  }

  all(): Known[] {
    return [...this.#known.values()]
  }

  get(id: ChannelId): Known | undefined {
    return this.#known.get(id)
  }

  /** A channel whose first entry is here. */
  opened(id: ChannelId): Opened | undefined {
    const known = this.#known.get(id)
    return known && isOpened(known) ? known : undefined
  }

  /** Entries of a log up to the newest here; 0 when nothing is. The root log's id is the channel's. */
  size(id: ChannelId, log: LogId): number {
    const state = this.#known.get(id)?.state
    return (log === id ? state?.root : state?.logs.get(log))?.size ?? 0
  }

  /** The first entry of a log that is stored. */
  floor(id: ChannelId, log: LogId): number {
    return this.#known.get(id)?.floors.get(log) ?? 0
  }

  /**
   * The channel a person means: our name for it whatever the case, else the only one that starts so, else its id.
   * @throws MessengerError 'not-found', 'ambiguous', 'bad-input'
   */
  find(typed: string): Known {
    const wanted = fold(typed)
    if (wanted === '') throw new MessengerError('bad-input', 'a name is needed', this.#hint)
    const all = this.all()
    const exact = all.filter(({ row }) => fold(row.name) === wanted || row.id === wanted || channelText(fromHex(row.id)) === wanted)
    const found = exact.length > 0 ? exact : all.filter(({ row }) => fold(row.name).startsWith(wanted))
    if (found.length > 1) {
      throw new MessengerError('ambiguous', `"${typed}" could be ${found.map(({ row }) => row.name).join(' or ')}`, 'type more of the name')
    }
    const [known] = found
    if (!known) throw new MessengerError('not-found', `no channel is called "${typed}"`, this.#hint)
    return known
  }

  /** @throws MessengerError 'unreachable' when nothing of it is here yet, and those of `find` */
  findOpened(typed: string): Opened {
    const known = this.find(typed)
    if (!isOpened(known)) throw new MessengerError('unreachable', `nothing of ${known.row.name} is here yet`, 'it is fetched as soon as somebody who has it is reached')
    return known
  }

  /** What a channel is called until it says its name itself. */
  provisionalName(id: ChannelId): string {
    return this.freeName(channelText(fromHex(id)).slice(0, UNNAMED))
  }

  /** A name no other channel has here: the wish, or the wish with a number. */
  freeName(wish: string, except?: ChannelId): string {
    const base = wish.trim() || 'Channel'
    const taken = new Set(this.all().flatMap(({ row }) => (row.id === except ? [] : [fold(row.name)])))
    let name = base
    for (let n = 2; taken.has(fold(name)); n++) name = `${base} ${n}`
    return name
  }

  /** Puts a channel here, or replaces its row. Its state stays, and stands in the row whatever `row.state` says. */
  put(step: Step, row: ChannelRow): Known {
    const before = this.#known.get(row.id)
    return this.#replace(step, { row, state: before?.state, floors: before?.floors ?? new Map() })
  }

  update(step: Step, id: ChannelId, changed: Partial<Omit<ChannelRow, 'id' | 'state'>>): Known {
    return this.put(step, { ...this.#here(id).row, ...changed })
  }

  /**
   * The channel moved on: `logs` are the author logs that changed (the root log stands in the channel's own row), `floors` those
   * that begin elsewhere now.
   */
  advance(
    step: Step,
    id: ChannelId,
    state: Channel,
    { logs, floors, row = {} }: { logs: Iterable<LogId>; floors?: ReadonlyMap<LogId, number>; row?: Partial<Omit<ChannelRow, 'id' | 'state'>> },
  ): Opened {
    const before = this.#here(id)
    const next = this.#replace(step, {
      row: { ...before.row, ...row },
      state,
      floors: floors ? new Map([...before.floors, ...floors]) : before.floors,
    })
    for (const log of logs) {
      const moved = state.logs.get(log)
      if (moved) step.changes.push({ put: 'channel-log', row: { channel: id, log, state: encodeLog(moved), floor: next.floors.get(log) ?? 0 } })
    }
    return { ...next, state }
  }

  /** Forgets everything of it. */
  remove(step: Step, id: ChannelId): void {
    this.#known.delete(id)
    step.changes.push({ remove: 'channel', id })
  }

  #here(id: ChannelId): Known {
    const known = this.#known.get(id)
    if (!known) throw new MessengerError('not-found', 'this channel is not known')
    return known
  }

  #encoded({ row, state }: Known): Uint8Array {
    const before = this.#known.get(row.id)
    if (!state) return row.state
    return before?.state && onlyLogsDiffer(before.state, state) ? before.row.state : encodeChannel(state)
  }

  #replace(step: Step, next: Known): Known {
    const known = { ...next, row: { ...next.row, state: this.#encoded(next) } }
    const { row } = known
    this.#known.set(row.id, known)
    step.changes.push({ put: 'channel', row })
    return known
  }
}

/** Is what stands in the channel's own row as it was? Entries of authors change only the states of their logs. */
const onlyLogsDiffer = (a: Channel, b: Channel): boolean =>
  a.root === b.root && a.roots === b.roots && a.certificates === b.certificates && a.cuts === b.cuts && a.forks === b.forks && a.frozen === b.frozen

export const isOpened = (known: Known): known is Opened => known.state !== undefined

const fold = (name: string): string => name.trim().normalize('NFKC').toLocaleLowerCase()
