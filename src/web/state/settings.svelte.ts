/** How this page looks and disturbs. Language and theme are needed before the node answers, so the browser keeps them; they say nothing of anybody. */
import { speech } from '../words/language.svelte.ts'
import type { Language } from '../words/languages.ts'

export type Theme = 'system' | 'light' | 'dark'

const KEYS = { language: 'dure-language', theme: 'dure-theme', notify: 'dure-notify', hidden: 'dure-notify-hidden' } as const

class Settings {
  theme: Theme = $state('system')
  notify: boolean = $state(false)
  /** notifications do not say who wrote what */
  hidden: boolean = $state(true)

  async begin(): Promise<void> {
    const theme = localStorage.getItem(KEYS.theme)
    this.theme = theme === 'light' || theme === 'dark' ? theme : 'system'
    this.notify = localStorage.getItem(KEYS.notify) === 'on' && 'Notification' in globalThis && Notification.permission === 'granted'
    this.hidden = localStorage.getItem(KEYS.hidden) !== 'off'
    this.#show()
    await speech.begin(localStorage.getItem(KEYS.language))
  }

  setTheme(theme: Theme): void {
    this.theme = theme
    localStorage.setItem(KEYS.theme, theme)
    this.#show()
  }

  async setLanguage(language: Language): Promise<void> {
    localStorage.setItem(KEYS.language, language)
    await speech.speak(language)
  }

  /** @returns whether the browser lets us */
  async setNotify(on: boolean): Promise<boolean> {
    this.notify = on && 'Notification' in globalThis && (await Notification.requestPermission()) === 'granted'
    localStorage.setItem(KEYS.notify, this.notify ? 'on' : 'off')
    return this.notify === on
  }

  setHidden(hidden: boolean): void {
    this.hidden = hidden
    localStorage.setItem(KEYS.hidden, hidden ? 'on' : 'off')
  }

  #show(): void {
    if (this.theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = this.theme
  }
}

export const settings = new Settings()
