/**
 * Where in the page one is. What the address shows is the kind of place alone (`#/talk`); whom or what it is about lies in the history's state. An
 * address is kept by the browser and may be carried to other devices, and whom somebody talks to is nobody's business there.
 */
export type Place =
  | { readonly at: 'inbox' }
  | { readonly at: 'requests' }
  | { readonly at: 'talk'; readonly account: string; readonly message?: string }
  | { readonly at: 'contact'; readonly account: string }
  | { readonly at: 'safety'; readonly account: string }
  | { readonly at: 'show-code' }
  | { readonly at: 'scan'; readonly link?: string }
  | { readonly at: 'search'; readonly account?: string }
  | { readonly at: 'settings' }
  | { readonly at: 'follow'; readonly link?: string }
  | SharePlace
  | { readonly at: 'channel-new' }
  | ChannelPlace

/** Something was handed over to be sent: by a link of a website, or to the node, which keeps it under this id. */
export type SharePlace = { readonly at: 'share'; readonly link: string } | { readonly at: 'share'; readonly id: string }

/** In one channel. `post`: the one that is said differently. */
export type ChannelPlace =
  | { readonly at: 'channel' | 'channel-about' | 'channel-proof' | 'channel-share' | 'channel-run' | 'channel-staff' | 'channel-words'; readonly id: string }
  | { readonly at: 'channel-compose'; readonly id: string; readonly post?: string }

export const HOME: Place = { at: 'inbox' }

/** What a person may type or keep as a bookmark; everything else needs what only the history knows. */
const BARE = ['inbox', 'requests', 'show-code', 'scan', 'search', 'settings', 'follow', 'channel-new'] as const

const IN_CHANNEL = [
  'channel', 'channel-about', 'channel-proof', 'channel-share', 'channel-run', 'channel-staff', 'channel-words', 'channel-compose',
] as const satisfies readonly ChannelPlace['at'][]

export const addressOf = ({ at }: Place): string => `#/${at === 'inbox' ? '' : at}`

/** @param state of the history entry */
export function placeOf(hash: string, state: unknown): Place {
  const at = hash.replace(/^#\/?/, '') || 'inbox'
  if (isPlace(state) && state.at === at) return state
  const bare = BARE.find((one) => one === at)
  return bare === undefined ? HOME : { at: bare }
}

/** Only this page writes it; what an older version of it wrote has the shape of that version. */
function isPlace(state: unknown): state is Place {
  if (typeof state !== 'object' || state === null || !('at' in state)) return false
  const place = state as { at: unknown; account?: unknown; id?: unknown; link?: unknown }
  if (BARE.some((one) => one === place.at)) return true
  if (place.at === 'share') return typeof place.id === 'string' || typeof place.link === 'string'
  if (IN_CHANNEL.some((one) => one === place.at)) return typeof place.id === 'string'
  return (place.at === 'talk' || place.at === 'contact' || place.at === 'safety') && typeof place.account === 'string'
}

export const inChannel = (place: Place): place is ChannelPlace => IN_CHANNEL.some((one) => one === place.at)
