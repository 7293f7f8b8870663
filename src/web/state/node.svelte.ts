/** The node behind the page: how far it is, and what it can be asked. */
import type { StatusView } from '../../messenger/views.ts'
import { createClient } from '../api/client.ts'
import { createDure, type SetupState } from '../api/dure.ts'
import { Problem } from '../api/problem.ts'

/** `opening`: nothing is known yet. `no-session`: this browser was not let in. `unreachable`: nothing answers. */
export type Phase = 'opening' | 'no-session' | 'unreachable' | SetupState

/** Kept in this browser, for this address alone; worth nothing without the cookie. */
const SESSION_KEY = 'dure-session'
const OPEN = /^#open=([\w-]{1,200})$/
const LOOK_AGAIN_MS = 700
/** Whether there is room on the disk again. */
const STORE_AGAIN_MS = 3_000
const NO_ROOM: ReadonlySet<string> = new Set(['disk-full', 'store-failed'])
/** Kept by no page of this version: what it holds is written again as it is. */
const TRIED_NOTE = 'page'

class Node {
  phase: Phase = $state('opening')
  /** Events arrive. */
  connected: boolean = $state(true)
  /** A person is in the middle of setting up: what they see stays until they are through. */
  settingUp: boolean = $state(false)
  status: StatusView | undefined = $state.raw(undefined)
  /** It can store nothing: said until it can again, for nothing new is accepted meanwhile. */
  full: boolean = $state(false)
  #looking = false

  readonly client = createClient({
    fetch: (path, init) => fetch(path, init),
    session: () => localStorage.getItem(SESSION_KEY) ?? undefined,
    onProblem: ({ code }) => {
      if (code === 'no-session') this.phase = 'no-session'
      if (NO_ROOM.has(code)) void this.storeAgain()
    },
  })
  readonly dure = createDure(this.client)

  /** Takes the ticket out of the address before anything else can see it (attack 92), and finds out how far the node is. */
  async open(): Promise<void> {
    const ticket = OPEN.exec(location.hash)?.[1]
    if (ticket !== undefined) {
      history.replaceState(null, '', location.pathname)
      try {
        localStorage.setItem(SESSION_KEY, (await this.dure.exchange(ticket)).session)
      } catch {
        // used already, perhaps by this very browser: whether it is let in shows below
      }
    }
    await this.look()
  }

  /** Asks how far the node is, again and again until it runs or a person has to do something. */
  async look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      while (!(await this.#lookOnce())) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    } finally {
      this.#looking = false
    }
  }

  /** @returns whether there is nothing to wait for */
  async #lookOnce(): Promise<boolean> {
    try {
      const { state } = await this.dure.setup()
      if (state === 'running') await this.refresh()
      this.phase = state
      return state !== 'starting'
    } catch (error) {
      if (error instanceof Problem && error.code === 'no-session') return true
      // a page that showed something goes on showing it, under a bar that says so
      if (this.phase === 'opening' || this.phase === 'starting') this.phase = 'unreachable'
      return false
    }
  }

  /** Something could not be stored: tries by itself until something can. */
  async storeAgain(): Promise<void> {
    if (this.full) return
    this.full = true
    while (this.full && this.phase !== 'no-session') {
      await new Promise((resolve) => setTimeout(resolve, STORE_AGAIN_MS))
      try {
        const { text } = await this.dure.note(TRIED_NOTE)
        await this.dure.setNote(TRIED_NOTE, text)
        this.full = false
      } catch {
        // no room yet, or nobody there
      }
    }
  }

  async refresh(): Promise<void> {
    this.status = await this.dure.status()
  }
}

export const node = new Node()
