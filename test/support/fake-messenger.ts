/**
 * A messenger that only remembers: what the doors are tested against. Contacts answer when the test says so
 * (`receive`, `ask`, `deliver`), and every call is written down in `calls`.
 */
import { type FakeChannels, fakeChannels } from './fake-channels.ts'
import { MessengerError } from '../../src/messenger/errors.ts'
import type { Messenger } from '../../src/messenger/messenger.ts'
import type { ContactView, EventView, MessageView, NoticeCode, RelayView, RequestView } from '../../src/messenger/views.ts'

type WithoutStamp<E> = E extends unknown ? Omit<E, 'id' | 'at'> : never
type Kept = { -readonly [K in keyof MessageView]: MessageView[K] }
type Person = { -readonly [K in keyof ContactView]: ContactView[K] }

export interface FakeMessenger extends Messenger {
  readonly calls: string[]
  readonly channels: FakeChannels
  befriend(name: string, changed?: Partial<ContactView>): ContactView
  receive(name: string, text: string, changed?: Partial<MessageView>): MessageView
  notice(name: string, code: NoticeCode): MessageView
  ask(name: string, changed?: Partial<RequestView>): RequestView
  deliver(id: string, delivery: MessageView['delivery'], ledger?: MessageView['ledger']): void
  tell(event: WithoutStamp<EventView>): void
  listeners(): number
}

export const SAFETY_NUMBER = '00001 22222 33333 44444 55555 66666 77777 88888 99999 00000 12345 67890'
export const LINK = 'DURE:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
/** a Saturday evening */
export const START = Date.UTC(2026, 10, 21, 18, 0, 0)

const hex = (n: number, characters: number): string => n.toString(16).padStart(characters, '0')

export function fakeMessenger(): FakeMessenger {
  const calls: string[] = []
  const channels = fakeChannels()
  const people: Person[] = []
  const kept: Kept[] = []
  const asked: RequestView[] = []
  const events: EventView[] = []
  const listeners = new Set<(event: EventView) => void>()
  let name = 'Ana'
  let words: string | undefined = 'abandon '.repeat(23) + 'art'
  const notes = new Map<string, string>()
  let readReceipts = true
  let hideAddress = false
  let network: 'public' | 'private' = 'public'
  const relays: RelayView[] = []
  let clock = START
  let counter = 0

  const now = (): number => (clock += 60_000)
  const self = () => ({ name, account: hex(1, 64), fingerprint: 'ana7 kq2m', peerId: '12D3KooWAna', device: hex(2, 64) })

  function tell(event: WithoutStamp<EventView>): void {
    const stamped = { id: events.length + 1, at: clock, ...event } as EventView
    events.push(stamped)
    for (const listener of listeners) listener(stamped)
  }

  function person(asking: string): Person {
    const exact = people.find((one) => one.name === asking || one.account === asking)
    const like = people.filter((one) => one.name.toLowerCase().startsWith(asking.toLowerCase()))
    if (exact !== undefined) return exact
    if (like.length > 1) throw new MessengerError('ambiguous', `"${asking}" could be ${like.map((one) => one.name).join(' or ')}`, 'write more of the name')
    if (like[0] === undefined) throw new MessengerError('not-found', `you have no contact named ${asking}`, '`dure contacts` lists them')
    return like[0]
  }

  function find(id: string): Kept {
    const found = kept.find((message) => message.id === id)
    if (found === undefined) throw new MessengerError('not-found', 'there is no such message', '`dure history NAME --ids` shows the ids')
    return found
  }

  function keep(to: Person, changed: Partial<MessageView>): Kept {
    const message: Kept = {
      id: hex(++counter, 32),
      contact: to.account,
      name: to.name,
      direction: 'out',
      kind: 'text',
      text: '',
      at: now(),
      replyTo: undefined,
      editedAt: undefined,
      deleted: false,
      reactions: [],
      expiresAt: undefined,
      delivery: undefined,
      ...changed,
    }
    kept.push(message)
    to.last = message
    if (message.direction === 'in' && message.kind !== 'notice') to.unread++
    tell({ type: 'message', message: { ...message } })
    return message
  }

  function change(message: Kept, changed: Partial<MessageView>): MessageView {
    Object.assign(message, changed)
    tell({ type: 'changed', message: { ...message } })
    return { ...message }
  }

  function changePerson(one: Person, changed: Partial<ContactView>): ContactView {
    Object.assign(one, changed)
    tell({ type: 'contact', contact: { ...one } })
    return { ...one }
  }

  function befriend(called: string, changed: Partial<ContactView> = {}): ContactView {
    const one: Person = {
      account: hex(100 + people.length, 64),
      name: called,
      profileName: called,
      state: 'accepted',
      verified: false,
      fingerprint: 'b0b5 x2ya',
      online: true,
      unread: 0,
      muted: false,
      picture: undefined,
      timer: 0,
      devices: [{ device: hex(200 + people.length, 64), name: 'laptop', addresses: ['/ip4/127.0.0.1/tcp/4001'] }],
      last: undefined,
      ...changed,
    }
    people.push(one)
    return one
  }

  function answer(id: string): RequestView {
    const index = asked.findIndex((request) => request.id === id)
    if (index < 0) throw new MessengerError('not-found', `no request ${id} is waiting`, '`dure requests` lists them')
    return asked.splice(index, 1)[0]!
  }

  return {
    calls,
    channels,
    inbox: () => [
      ...people.map((contact) => ({ kind: 'person' as const, contact: { ...contact } })),
      ...channels.list().map((channel) => ({ kind: 'channel' as const, channel })),
    ],
    befriend,
    tell,
    listeners: () => listeners.size,
    receive: (from, text, changed = {}) => keep(person(from), { direction: 'in', text, ...changed }),
    notice: (about, code) => keep(person(about), { direction: 'in', kind: 'notice', text: code }),
    ask(from, changed = {}) {
      const request: RequestView = { id: 'abc234', kind: 'pairing', name: from, account: hex(77, 64), code: '123 456', at: now(), waiting: 0, ...changed }
      asked.push(request)
      tell({ type: 'request', request })
      return request
    },
    deliver: (id, delivery, ledger) => void change(find(id), { delivery, ...(ledger && { ledger }) }),

    start: async () => {},
    stop: async () => void calls.push('stop'),
    id: self,
    status: () => ({
      ...self(),
      addresses: ['/ip4/192.0.2.7/tcp/4001'],
      peers: 1,
      contacts: people.length,
      requests: asked.length,
      waiting: kept.filter((message) => message.delivery === 'queued').length,
      readReceipts,
      hideAddress,
      network,
      relays: { reserved: relays.filter(({ state }) => state === 'reserved').length, used: relays.length, found: 0 },
      mailboxes: relays.length,
      wordsWaiting: words !== undefined,
      protection: 'key file',
    }),
    async rename(next) {
      name = next
      return self()
    },
    setPicture: async (picture) => void calls.push(`picture ${picture?.length ?? 'none'}`),
    setReadReceipts: async (on) => void (readReceipts = on),
    async recoveryWords(forget) {
      if (words === undefined) throw new MessengerError('not-found', 'the recovery phrase was written down and is shown no more')
      const shown = words
      if (forget) words = undefined
      return shown
    },
    note: (key) => notes.get(key) ?? '',
    setNote: async (key, text) => void notes.set(key, text),
    relays: () => relays,
    async useRelay(link) {
      calls.push(`use relay ${link}`)
      const relay: RelayView = { id: `5e5e${relays.length}`, peerId: '12D3KooWRelay', addresses: ['/ip4/192.0.2.7/tcp/4001'], state: 'reserved', found: false, mailboxes: 'keeps', contacts: 1, addedAt: now() }
      relays.push(relay)
      return relay
    },
    findRelays: async () => [{ id: '5e5e0', link: LINK, addresses: ['/ip4/192.0.2.7/tcp/4001'] }],
    async forgetRelay(id) {
      const place = relays.findIndex((relay) => relay.id === id)
      if (place < 0) throw new MessengerError('not-found', 'you use no such relay', 'dure relay list')
      relays.splice(place, 1)
    },
    setHideAddress: async (on) => void (hideAddress = on),
    setNetwork: async (next) => void (network = next),
    async invite({ inPerson, lifetime }) {
      calls.push(`invite ${inPerson ? 'in person' : 'link'} ${lifetime ?? 'default'}`)
      return { link: LINK, expires: START + 1_000 * (lifetime ?? 600), inPerson }
    },
    async pair(link, { scanned }) {
      calls.push(`pair ${scanned ? 'scanned' : 'link'} ${link}`)
      if (!link.toUpperCase().startsWith('DURE:')) throw new MessengerError('invite-invalid', 'this is not a Dure invite', 'an invite begins with DURE:')
      return { name: 'Bob', account: hex(9, 64), code: '123 456', state: 'asked', verified: false }
    },
    requests: () => [...asked],
    accept: async (id) => befriend(answer(id).name),
    refuse: async (id) => void answer(id),
    contacts: () => people.map((one) => ({ ...one })),
    contact: (called) => ({ ...person(called) }),
    renameContact: async (called, next) => changePerson(person(called), { name: next }),
    block: async (called) => changePerson(person(called), { state: 'blocked' }),
    unblock: async (called) => changePerson(person(called), { state: 'accepted' }),
    safetyNumber(called) {
      const one = person(called)
      return { name: one.name, safetyNumber: SAFETY_NUMBER, verified: one.verified }
    },
    async verify(called, verified) {
      const one = changePerson(person(called), { verified })
      return { name: one.name, safetyNumber: SAFETY_NUMBER, verified }
    },
    mute: async (called, muted) => changePerson(person(called), { muted }),
    picture: () => undefined,
    setTimer: async (called, seconds) => changePerson(person(called), { timer: seconds }),
    async send(called, text, options = {}) {
      const to = person(called)
      if (to.state !== 'accepted') throw new MessengerError('not-accepted', `${to.name} has not accepted you yet`, 'wait for their yes')
      calls.push(`send ${to.name} ${text}`)
      return { ...keep(to, { text, delivery: 'queued', replyTo: options.replyTo, ...(options.id === undefined ? {} : { id: options.id }) }) }
    },
    edit: async (id, text) => change(find(id), { text, editedAt: now() }),
    remove: async (id) => change(find(id), { text: '', deleted: true }),
    react: async (id, emoji) => change(find(id), { reactions: emoji === '' ? [] : [{ by: hex(1, 64), emoji }] }),
    typing: async (called, active) => void calls.push(`typing ${called} ${active}`),
    async markRead(called, upTo) {
      calls.push(`read ${called} ${upTo ?? 'all'}`)
      person(called).unread = 0
    },
    history(called, { before, after, around, limit }) {
      const { account } = person(called)
      const all = kept.filter((message) => message.contact === account)
      const at = all.findIndex((message) => message.id === (before ?? after ?? around))
      const half = Math.floor(limit / 2)
      const [from, to] = before !== undefined ? [at - limit, at] : after !== undefined ? [at + 1, at + 1 + limit] : around !== undefined ? [at - half, at + half + 1] : [all.length - limit, all.length]
      return all.slice(Math.max(0, from), to).map((message) => ({ ...message }))
    },
    message: (id) => ({ ...find(id), ledger: find(id).ledger ?? [{ device: hex(200, 64), name: 'laptop', state: 'sent', at: START }] }),
    search(text, { contact, limit }) {
      const within = contact === undefined ? undefined : person(contact).account
      return kept
        .filter((message) => message.text.includes(text) && (within === undefined || message.contact === within))
        .slice(-limit)
        .reverse()
    },
    *exportArchive() {
      yield JSON.stringify({ kind: 'dure-archive', version: 1 })
      for (const message of kept) yield JSON.stringify(message)
    },
    async importArchive(lines) {
      const all = [...lines]
      return { contacts: people.length, follows: 0, messages: Math.max(0, all.length - 1), skipped: 0 }
    },
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    since: (id) => (id > events.length ? undefined : events.slice(id)),
  }
}
