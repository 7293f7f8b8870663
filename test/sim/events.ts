/** What can happen in the village, as plain data: a schedule is a seed and a list of these. */
import type { Lie } from '../support/lying-gossip.ts'

/** Ann is the brand and posts, Ben is staff; Cho and Eve follow, Dan follows in private, Mal serves channels and may lie. */
export const PEOPLE = ['Ann', 'Ben', 'Cho', 'Dan', 'Eve', 'Mal'] as const
export type Name = (typeof PEOPLE)[number]
export const HONEST = PEOPLE.filter((name) => name !== 'Mal')
export const AUTHORS = ['Ann', 'Ben'] as const
export type Author = (typeof AUTHORS)[number]
/** Who are contacts. */
export const FRIENDS: readonly (readonly [Name, Name])[] = [['Ann', 'Ben'], ['Ann', 'Cho'], ['Ben', 'Cho'], ['Ann', 'Dan'], ['Cho', 'Eve']]
/** Who might become contacts. */
export const STRANGERS: readonly (readonly [Name, Name])[] = [['Ben', 'Dan'], ['Cho', 'Dan'], ['Ann', 'Eve'], ['Ben', 'Eve'], ['Dan', 'Eve']]
/** Relays that keep mailboxes, used by everybody but Mal. */
export const NODES = ['M', 'N'] as const
export type Node = (typeof NODES)[number]

export type Event =
  // ---- conversations
  | { readonly do: 'send'; readonly who: Name; readonly to: Name; readonly times: number }
  | { readonly do: 'read'; readonly who: Name; readonly to: Name }
  | { readonly do: 'edit' | 'remove' | 'react'; readonly who: Name; readonly nth: number }
  | { readonly do: 'block' | 'unblock'; readonly who: Name; readonly to: Name }
  // ---- new contacts
  /** makes a link; says yes to whoever asks */
  | { readonly do: 'invite' | 'accept'; readonly who: Name }
  /** reads the newest link of somebody */
  | { readonly do: 'pair'; readonly who: Name; readonly to: Name }
  // ---- time
  | { readonly do: 'wait'; readonly ms: number }
  /** every machine sleeps: the time has passed, and no timer ran */
  | { readonly do: 'sleep'; readonly ms: number }
  /** one machine's clock is this wrong from now on */
  | { readonly do: 'skew'; readonly who: Name; readonly ms: number }
  // ---- processes
  | { readonly do: 'restart' | 'kill'; readonly who: Name }
  /** killed in the `nth` transaction from now, before or after it is durable; starts again `back` events after that */
  | { readonly do: 'die'; readonly who: Name; readonly nth: number; readonly moment: 'before' | 'after'; readonly back: number }
  /** its process has so much to do that its transactions stay open for so many turns of the event loop */
  | { readonly do: 'busy'; readonly who: Name; readonly turns: number }
  // ---- disks
  /** the next transaction finds the disk full */
  | { readonly do: 'full'; readonly who: Name }
  /** a page fails its tag when it is read next; the person starts again at the next `kill` or `restart` */
  | { readonly do: 'damage'; readonly who: Name }
  /** what is written from now on is not there after the next end of the process, though the disk said so; nothing notices */
  | { readonly do: 'lose'; readonly who: Name }
  /** writes went to the wrong pages: the rows on them are gone, which is detected, and the rest is salvaged */
  | { readonly do: 'misdirect'; readonly who: Name; readonly share: number }
  // ---- devices
  | { readonly do: 'backUp'; readonly who: Name }
  /** back to the last backup: only the database, which is noticed, or the whole folder, which is not */
  | { readonly do: 'restore'; readonly who: Name; readonly noticed: boolean }
  /** a copy made of the last backup runs in the place of the device; the next time the device is back */
  | { readonly do: 'swap'; readonly who: Name }
  // ---- the network
  | { readonly do: 'leave' | 'comeBack' | 'move'; readonly who: Name }
  /** nobody calls them and they call nobody, but they reach their relays */
  | { readonly do: 'unreachable'; readonly who: Name }
  | { readonly do: 'part'; readonly side: readonly Name[] }
  | { readonly do: 'heal' }
  | { readonly do: 'deafen'; readonly from: Name; readonly to: Name }
  | { readonly do: 'meet'; readonly who: Name; readonly to: Name }
  /** probabilities for single legs; all but `lag` is worse than a stream can do */
  | { readonly do: 'weather'; readonly drop: number; readonly duplicate: number; readonly reorder: number; readonly lag: number; readonly gossip: number }
  // ---- mailboxes
  | { readonly do: 'cut' | 'down' | 'replay' | 'vanish' | 'shuffle' | 'fill' | 'steal' | 'release'; readonly node: Node }
  | { readonly do: 'cheat'; readonly node: Node; readonly how: 'lose' | 'reorder' | 'delay' | 'duplicate'; readonly share: number }
  // ---- channels
  | { readonly do: 'post'; readonly by: Author }
  | { readonly do: 'editPost' | 'withdraw'; readonly by: Author; readonly nth: number }
  | { readonly do: 'prove'; readonly who: Name }
  | { readonly do: 'follow' | 'certify' | 'revoke' | 'rotate' }
  | { readonly do: 'lie'; readonly how: Lie | 'none' }
  /** something that was posted is heard again, when nobody remembers it; changed on the way when `forged` */
  | { readonly do: 'echo'; readonly nth: number; readonly to: Name; readonly forged: boolean }

export interface Schedule {
  readonly seed: number
  /** nobody is ever reached directly: what there is to say lies in mailboxes */
  readonly apart: boolean
  readonly events: readonly Event[]
}
