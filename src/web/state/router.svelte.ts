/** Which place the page shows, in step with the browser's history. */
import { kindOf } from './links.ts'
import { addressOf, HOME, type Place, placeOf } from './place.ts'

/** What the system hands over when somebody opens a web+dure: address with this page. */
const HANDED = /^#link=([^&]{1,8192})$/

class Router {
  place: Place = $state.raw(HOME)

  begin(): void {
    const handed = HANDED.exec(location.hash)?.[1]
    if (handed === undefined) this.place = placeOf(location.hash, history.state)
    else this.replace(placeFor(decoded(handed)))
    addEventListener('popstate', () => (this.place = placeOf(location.hash, history.state)))
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

/** Codes of channels have a screen of their own; every other is for the one that scans. */
const placeFor = (link: string): Place => ({ at: kindOf(link) === 'channel' ? 'follow' : 'scan', link })

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

export const router = new Router()
