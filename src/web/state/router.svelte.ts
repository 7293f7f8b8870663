/** Which place the page shows, in step with the browser's history. */
import { kindOf } from './links.ts'
import { addressOf, HOME, type Place, placeOf } from './place.ts'
import { sharedIn } from './shared.ts'

/** What the system hands over when somebody opens a web+dure: address with this page. Long enough for what may be shared, encoded twice. */
const HANDED = /^#link=([^&]{1,131072})$/
/** What a program handed to the node. */
const SHARED = /^#share=([\w-]{32})$/

class Router {
  place: Place = $state.raw(HOME)

  begin(): void {
    this.#arrive()
    // also when the system hands something over while the page is open
    addEventListener('popstate', () => this.#arrive())
  }

  #arrive(): void {
    const handed = HANDED.exec(location.hash)?.[1]
    const id = SHARED.exec(location.hash)?.[1]
    if (handed !== undefined) this.replace(placeFor(decoded(handed)))
    else if (id !== undefined) this.replace({ at: 'share', id })
    else this.place = placeOf(location.hash, history.state)
  }

  go(place: Place): void {
    this.place = place
    history.pushState(place, '', addressOf(place))
  }

  /** In the stead of where one is, which "back" then does not lead to. */
  replace(place: Place): void {
    this.place = place
    history.replaceState(place, '', addressOf(place))
  }

  /** Up to the list, or to what `place` names. */
  back(place: Place = HOME): void {
    this.replace(place)
  }
}

/** What is to be sent, and codes of channels, have screens of their own; every other is for the one that scans. */
function placeFor(link: string): Place {
  if (sharedIn(link) !== undefined) return { at: 'share', link }
  return { at: kindOf(link) === 'channel' ? 'follow' : 'scan', link }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

export const router = new Router()
