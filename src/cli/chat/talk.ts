/** The conversation behind both faces of `dure chat`: what is said, what happens, and coming back after the node was away. */
import type { ContactView, EventView, MessageView } from '../../messenger/views.ts'
import { type Client, path } from '../client.ts'
import { CliError } from '../io.ts'
import { ledgerLines, type Times } from '../words.ts'
import type { Line } from './line.ts'
import { type ChatState, happened, lastIncoming, messageBack, newChat, withMessage } from './state.ts'

const PAGE = 50
const RETRY_MS = 500
/** Told again while the person goes on typing; fades at the other side a little later than this. */
const TYPING_EVERY_MS = 4_000

/** What time it is, and how it is told. */
interface Watch {
  readonly now: () => number
  readonly times: Times
}

export class Talk {
  readonly #api: Client
  readonly #now: () => number
  readonly #times: Times
  readonly #stop = new AbortController()
  readonly #changed: (event: EventView | undefined) => void
  #state: ChatState
  #toldTyping = Number.NEGATIVE_INFINITY
  #readUpTo: string | undefined
  #whole = false

  private constructor(api: Client, { now, times }: Watch, state: ChatState, changed: (event: EventView | undefined) => void) {
    this.#api = api
    this.#now = now
    this.#times = times
    this.#state = state
    this.#changed = changed
  }

  static async open(api: Client, name: string, watch: Watch, changed: (event: EventView | undefined) => void): Promise<Talk> {
    const contact = await api.get<ContactView>(path`/v1/contacts/${name}`)
    const talk = new Talk(api, watch, newChat(contact, []), changed)
    // first the events, then the history: nothing falls between
    const events = await api.events(talk.#stop.signal)
    await talk.#reload()
    void talk.#follow(events)
    return talk
  }

  get state(): ChatState {
    return this.#state
  }

  change(changed: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...changed }
    this.#changed(undefined)
  }

  close(): void {
    this.typing(false)
    this.#stop.abort()
  }

  /** Carries out a line. @returns what to tell the person, if anything */
  async say(line: Line): Promise<string> {
    switch (line.kind) {
      case 'text':
        await this.#send({ text: line.text })
        return ''
      case 'reply':
        await this.#send({ text: line.text, replyTo: this.#back('in', line.back).id })
        return ''
      case 'edit':
        this.#take(await this.#api.call<MessageView>('PATCH', path`/v1/messages/${this.#back('out', line.back).id}`, { text: line.text }))
        return ''
      case 'delete':
        this.#take(await this.#api.call<MessageView>('DELETE', path`/v1/messages/${this.#back('out', line.back).id}`))
        return ''
      case 'react':
        this.#take(await this.#api.call<MessageView>('PUT', path`/v1/messages/${this.#back('in', line.back).id}/reaction`, { emoji: line.text }))
        return ''
      case 'where':
        return this.#where(this.#back('out', line.back))
      case 'wrong':
        return line.hint
      default:
        return ''
    }
  }

  /** The page before the oldest message at hand. @returns false when there is none */
  async older(): Promise<boolean> {
    const oldest = this.#state.messages[0]
    if (this.#whole || oldest === undefined) return false
    this.#whole = true // not asked for twice
    const page = await this.#history(oldest.id)
    this.#whole = page.length < PAGE
    this.change({ messages: [...page, ...this.#state.messages] })
    return page.length > 0
  }

  typing(active: boolean): void {
    const now = this.#now()
    const told = this.#toldTyping > Number.NEGATIVE_INFINITY
    if (active ? now - this.#toldTyping < TYPING_EVERY_MS : !told) return
    this.#toldTyping = active ? now : Number.NEGATIVE_INFINITY
    this.#quietly(path`/v1/contacts/${this.#state.contact.account}/typing`, { active })
  }

  async #where({ id }: MessageView): Promise<string> {
    const message = await this.#api.get<MessageView>(path`/v1/messages/${id}`)
    return ledgerLines(message, this.#times, this.#now(), this.#state.contact.devices.length).join('\n')
  }

  async #send(message: { text: string; replyTo?: string }): Promise<void> {
    this.#toldTyping = Number.NEGATIVE_INFINITY // a message ends the typing at the other side
    this.#take(await this.#api.call<MessageView>('POST', path`/v1/contacts/${this.#state.contact.account}/messages`, message))
  }

  /** An answer may be older than an event that came before it: then it only fills a gap. */
  #take(message: MessageView): void {
    if (!this.#state.messages.some((one) => one.id === message.id && one.delivery !== 'queued' && message.delivery === 'queued')) {
      this.#state = withMessage(this.#state, message)
      this.#changed(undefined)
    }
  }

  #back(direction: 'in' | 'out', back: number): MessageView {
    const found = messageBack(this.#state, direction, back)
    if (found === undefined) throw new CliError(direction === 'in' ? 'there is no message of theirs to point at' : 'there is no message of yours to point at')
    return found
  }

  #history(before?: string): Promise<MessageView[]> {
    return this.#api.get<MessageView[]>(path`/v1/contacts/${this.#state.contact.account}/messages`, { before, limit: PAGE })
  }

  async #reload(): Promise<void> {
    const messages = await this.#history()
    this.#whole = messages.length < PAGE
    this.#state = { ...this.#state, messages, contact: await this.#api.get<ContactView>(path`/v1/contacts/${this.#state.contact.account}`) }
    this.#seen()
  }

  async #follow(events: Awaited<ReturnType<Client['events']>>): Promise<void> {
    let lastId: string | undefined
    for (let source: typeof events | undefined = events; !this.#stop.signal.aborted; source = await this.#again(lastId)) {
      if (source === undefined) continue
      if (!this.#state.connected) this.change({ connected: true })
      try {
        for await (const { id, event } of source) {
          lastId = id ?? lastId
          if (event === undefined) await this.#reload()
          else this.#state = happened(this.#state, event, this.#now())
          if (event?.type === 'message') this.#seen()
          this.#changed(event)
        }
      } catch {
        // the node went away in the middle of a reload; the next round reads again
      }
      if (!this.#stop.signal.aborted) this.change({ connected: false })
    }
  }

  async #again(lastId: string | undefined): Promise<Awaited<ReturnType<Client['events']>> | undefined> {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
    try {
      return await this.#api.events(this.#stop.signal, lastId ?? 'none-0')
    } catch {
      return undefined
    }
  }

  #seen(): void {
    const last = lastIncoming(this.#state)
    if (last === undefined || last.id === this.#readUpTo) return
    this.#readUpTo = last.id
    this.#quietly(path`/v1/contacts/${this.#state.contact.account}/read`, { upTo: last.id })
  }

  /** Courtesies: when the node does not take them, nothing is wrong that the person should hear of. */
  #quietly(route: string, body: unknown): void {
    this.#api.call('POST', route, body).catch(() => {})
  }
}
