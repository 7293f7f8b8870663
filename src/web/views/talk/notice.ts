import type { MessageView } from '../../../messenger/views.ts'
import { say, t } from '../../words/language.svelte.ts'

/** What stands in the conversation itself, at the moment it happened. A code of a later version is shown as it is. */
export function noticeText(message: Pick<MessageView, 'text' | 'name'>): string {
  const wording = Object.hasOwn(t.notices, message.text) ? t.notices[message.text as keyof typeof t.notices] : undefined
  return wording === undefined ? message.text : say(wording, { name: message.name })
}
