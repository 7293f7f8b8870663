/** What we follow, into the archive of a profile and out of it. What is in the channels themselves is not: anybody who has them gives it again. */
import { channelText, parseChannelText } from '../../../protocols/channel/index.ts'
import { InviteError, parseChannelLink } from '../../../protocols/pairing/index.ts'
import { fromHex, toHex } from '../../../protocols/suite/index.ts'
import { newStep, type Step } from '../context.ts'
import type { ChannelContext } from './context.ts'
import { MAX_DAILY_LIMIT } from './following.ts'
import type { Network } from './network.ts'
import type { Shelf } from './shelf.ts'

/** A line of the archive, as archive.md has it. */
export interface Follow {
  /** 52 characters */
  readonly channel: string
  readonly name: string
  readonly link: string
  readonly private: boolean
  readonly muted: boolean
  readonly dailyLimit: number
  readonly addedAt: number
}

export class Follows {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #network: Network
  readonly #link: (id: string) => string

  constructor(context: ChannelContext, parts: { shelf: Shelf; network: Network; link: (id: string) => string }) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#network = parts.network
    this.#link = parts.link
  }

  all(): Follow[] {
    return this.#shelf.all().flatMap(({ row }): Follow[] => {
      if (row.following === undefined) return [] // our own, which comes back with the words of its root key
      const { name, muted, dailyLimit, addedAt } = row
      return [{ channel: channelText(fromHex(row.id)), name, link: this.#link(row.id), private: row.following === 'private', muted, dailyLimit, addedAt }]
    })
  }

  /** The changes that put it here; undefined for what is here already. `joined` is to be called once they are stored. */
  restore(follow: Follow): { changes: Step['changes']; joined: () => Promise<void> } | undefined {
    const id = toHex(parseChannelText(follow.channel) ?? new Uint8Array())
    const { peers } = parseChannelLink(follow.link)
    if (this.#shelf.get(id)) return undefined
    const step = newStep()
    this.#shelf.put(step, {
      id,
      name: this.#shelf.freeName(follow.name),
      following: follow.private ? 'private' : 'open',
      muted: follow.muted,
      dailyLimit: Math.min(follow.dailyLimit, MAX_DAILY_LIMIT),
      state: new Uint8Array(),
      hints: peers.map(({ key, addresses }) => ({ peer: toHex(key), addresses })),
      domain: undefined,
      newestAt: 0,
      addedAt: Math.min(follow.addedAt, this.#context.clock.now()),
    })
    return { changes: step.changes, joined: () => this.#network.join(id) }
  }
}

/** Does the link lead to that channel? */
export function isFollow({ channel, link }: Pick<Follow, 'channel' | 'link'>): boolean {
  try {
    return channelText(parseChannelLink(link).channel) === channel
  } catch (error) {
    if (error instanceof InviteError) return false
    throw error
  }
}
