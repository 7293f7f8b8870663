/** What was typed and not sent. It is kept in the node's encrypted database, never in the browser. */
import { SvelteMap } from 'svelte/reactivity'
import { node } from './node.svelte.ts'

/** After the last key. */
const KEEP_AFTER_MS = 400

class Drafts {
  readonly #known = new SvelteMap<string, string>()
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>()

  /** As far as it was read in this page. */
  known(account: string): string {
    return this.#known.get(account) ?? ''
  }

  async read(account: string): Promise<string> {
    const known = this.#known.get(account)
    if (known !== undefined) return known
    const { text } = await node.dure.note(keyOf(account))
    this.#known.set(account, text)
    return text
  }

  set(account: string, text: string): void {
    this.#known.set(account, text)
    clearTimeout(this.#waiting.get(account))
    this.#waiting.set(account, setTimeout(() => void this.#keep(account), KEEP_AFTER_MS))
  }

  async #keep(account: string): Promise<void> {
    try {
      await node.dure.setNote(keyOf(account), this.known(account))
    } catch {
      // the page still has it, and the next key tries again
    }
  }
}

const keyOf = (account: string): string => `draft:${account}`

export const drafts = new Drafts()
