/** Everybody and everything one hears from: contacts, requests, channels. Kept up to date by events. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { ChannelView, StaffInvitationView } from '../../messenger/channels/views.ts'
import type { ContactView, EventView, RequestView } from '../../messenger/views.ts'
import { node } from './node.svelte.ts'

/** Events about one contact come in bursts; what the node says of it is read once for each. */
const SETTLE_MS = 120
/** A device that stopped typing and could not say so. */
const TYPING_MS = 8_000

class People {
  readonly contacts = new SvelteMap<string, ContactView>()
  readonly channels = new SvelteMap<string, ChannelView>()
  readonly typing = new SvelteSet<string>()
  requests: RequestView[] = $state.raw([])
  invitations: StaffInvitationView[] = $state.raw([])
  loaded = $state(false)

  readonly unread: number = $derived(
    [...this.contacts.values()].reduce((sum, { unread, muted }) => sum + (muted ? 0 : unread), 0) +
      [...this.channels.values()].reduce((sum, { unread, muted }) => sum + (muted ? 0 : unread), 0),
  )

  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #typing = new Map<string, ReturnType<typeof setTimeout>>()

  async read(): Promise<void> {
    const [rows, requests, invitations] = await Promise.all([node.dure.inbox(), node.dure.requests(), node.dure.channels.invitations()])
    const [contacts, channels] = [new Set<string>(), new Set<string>()]
    for (const row of rows) {
      if (row.kind === 'person') {
        contacts.add(row.contact.account)
        this.contacts.set(row.contact.account, row.contact)
      } else {
        channels.add(row.channel.id)
        this.channels.set(row.channel.id, row.channel)
      }
    }
    for (const account of this.contacts.keys()) if (!contacts.has(account)) this.contacts.delete(account)
    for (const id of this.channels.keys()) if (!channels.has(id)) this.channels.delete(id)
    this.requests = requests
    this.invitations = invitations
    this.loaded = true
  }

  /** Whoever asks us is in `requests`, and no conversation yet. */
  get talking(): ContactView[] {
    return [...this.contacts.values()].filter(({ state }) => state !== 'asking')
  }

  take(event: EventView): void {
    switch (event.type) {
      case 'contact':
        this.contacts.set(event.contact.account, event.contact)
        this.requests = this.requests.filter(({ account, kind }) => account !== event.contact.account || kind === 'new-device' || event.contact.state === 'asking')
        break
      case 'message':
      case 'changed': {
        const contact = this.contacts.get(event.message.contact)
        if (contact && event.type === 'message') this.contacts.set(contact.account, { ...contact, last: event.message })
        if (event.type === 'message' && event.message.direction === 'in') this.#setTyping(event.message.contact, false)
        this.#settle(event.message.contact)
        break
      }
      case 'removed':
        this.#settle(event.contact)
        break
      case 'online': {
        const contact = this.contacts.get(event.contact)
        if (contact) this.contacts.set(contact.account, { ...contact, online: event.online })
        break
      }
      case 'typing':
        this.#setTyping(event.contact, event.active)
        break
      case 'request':
        this.requests = [...this.requests.filter(({ id }) => id !== event.request.id), event.request]
        this.#settle(event.request.account)
        break
      case 'channel':
        this.channels.set(event.channel.id, event.channel)
        break
      case 'post': {
        const channel = this.channels.get(event.post.channel)
        if (channel) this.channels.set(channel.id, { ...channel, last: event.post, unread: channel.unread + 1 })
        break
      }
      case 'invitation':
        this.invitations = [...this.invitations.filter(({ id }) => id !== event.invitation.id), event.invitation]
        break
      case 'digest':
      case 'warning':
        break
    }
  }

  /** What a call answered about a contact. */
  put(contact: ContactView): void {
    this.contacts.set(contact.account, contact)
  }

  answered(request: string): void {
    this.requests = this.requests.filter(({ id }) => id !== request)
  }

  invitationAnswered(invitation: string): void {
    this.invitations = this.invitations.filter(({ id }) => id !== invitation)
  }

  #settle(account: string): void {
    clearTimeout(this.#settling.get(account))
    this.#settling.set(account, setTimeout(() => void this.#reread(account), SETTLE_MS))
  }

  async #reread(account: string): Promise<void> {
    this.#settling.delete(account)
    try {
      this.put(await node.dure.contact(account))
    } catch {
      // gone, or the node is: the next reading says which
    }
  }

  #setTyping(account: string, active: boolean): void {
    clearTimeout(this.#typing.get(account))
    if (active) {
      this.typing.add(account)
      this.#typing.set(account, setTimeout(() => this.typing.delete(account), TYPING_MS))
    } else {
      this.typing.delete(account)
    }
  }
}

export const people = new People()
