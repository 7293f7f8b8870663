/** Tells the desktop of new messages and posts, when the person wants it and does not look. */
import type { PostView } from '../../messenger/channels/views.ts'
import type { MessageView } from '../../messenger/views.ts'
import { t } from '../words/language.svelte.ts'
import { people } from './people.svelte.ts'
import type { Place } from './place.ts'
import { router } from './router.svelte.ts'
import { settings } from './settings.svelte.ts'

/** What of a message a notification shows. */
const SHOWN_CHARACTERS = 120

export function notifyOf(message: MessageView): void {
  if (message.direction !== 'in' || message.kind !== 'text' || people.contacts.get(message.contact)?.muted) return
  notify(message.contact, message.name, message.text, { at: 'talk', account: message.contact })
}

/** The node tells of as many a day as the person allows. */
export function notifyOfPost({ channel, channelName, title, text }: PostView): void {
  notify(channel, channelName, title ?? text, { at: 'channel', id: channel })
}

/** One for each conversation: the next takes the place of the last. */
function notify(tag: string, name: string, text: string, place: Place): void {
  if (!settings.notify || (document.visibilityState === 'visible' && document.hasFocus())) return
  const [title, body] = settings.hidden ? [t.app.name, t.settings.notifyTitle] : [name, text.slice(0, SHOWN_CHARACTERS)]
  const shown = new Notification(title, { body, tag, icon: '/icon-192.png' })
  shown.onclick = () => {
    window.focus()
    router.go(place)
    shown.close()
  }
}
