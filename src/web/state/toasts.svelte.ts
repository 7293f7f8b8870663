/** Short words about what just happened, which go by themselves. */
import { Problem } from '../api/problem.ts'
import { t } from '../words/language.svelte.ts'

const SHOWN_MS = 6_000

interface Toast {
  readonly id: number
  readonly text: string
  readonly bad: boolean
}

class Toasts {
  list: Toast[] = $state.raw([])
  #last = 0

  say(text: string): void {
    this.#add(text, false)
  }

  /** What went wrong, in the words of the page where it has any. */
  fail(error: unknown): void {
    this.#add(wordsOf(error), true)
  }

  warn(text: string): void {
    this.#add(text, true)
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  #add(text: string, bad: boolean): void {
    if (this.list.some((toast) => toast.text === text)) return
    const id = ++this.#last
    this.list = [...this.list.slice(-2), { id, text, bad }]
    setTimeout(() => this.close(id), SHOWN_MS)
  }
}

export const toasts = new Toasts()

/** @returns one sentence or two for a person */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Problem)) return t.app.failed
  const known = Object.hasOwn(t.problems, error.code) ? t.problems[error.code as keyof typeof t.problems] : undefined
  return known ?? sentence(error.message)
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
