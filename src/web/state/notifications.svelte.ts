/** Tells the desktop of new messages, when the person wants it and does not look. */
import type { MessageView } from '../../messenger/views.ts'
import { t } from '../words/language.svelte.ts'
import { people } from './people.svelte.ts'
import { router } from './router.svelte.ts'
import { settings } from './settings.svelte.ts'

/** What of a message a notification shows. */
const SHOWN_CHARACTERS = 120

export function notifyOf(message: MessageView): void {
  if (!settings.notify || message.direction !== 'in' || message.kind !== 'text') return
  if (document.visibilityState === 'visible' && document.hasFocus()) return
  if (people.contacts.get(message.contact)?.muted) return
  const [title, body] = settings.hidden ? [t.app.name, t.settings.notifyTitle] : [message.name, message.text.slice(0, SHOWN_CHARACTERS)]
  // one for each conversation: the next takes the place of the last
  const shown = new Notification(title, { body, tag: message.contact, icon: '/icon-192.png' })
  shown.onclick = () => {
    window.focus()
    router.go({ at: 'talk', account: message.contact })
    shown.close()
  }
}
