/**
 * The in-memory twin of `src/store`: the same promises but for durability, proven by the contract test both run.
 * Commits become durable in a microtask, so a simulated world stays deterministic.
 */
import type {
  AccountKey,
  Change,
  ContactRow,
  DeviceKey,
  InviteRow,
  LedgerRow,
  MessageId,
  MessageRow,
  Page,
  PrekeyRow,
  RequestRow,
  SelfRow,
  Store,
  StoredMessage,
  StoredOutboxItem,
} from '../../src/messenger/ports.ts'
import { StoreError } from '../../src/store/errors.ts'
import { fold } from '../../src/store/fold.ts'
import { applyMailboxChange, copyMailboxTables, emptyMailboxTables, mailboxReads, type MailboxTables } from './memory-mailbox-rows.ts'
import { applyChannelChange, type ChannelTables, channelReads, copyChannelTables, emptyChannelTables } from './memory-channels.ts'

interface Tables extends ChannelTables, MailboxTables {
  self: Map<'self', SelfRow>
  settings: Map<string, string>
  contacts: Map<AccountKey, ContactRow>
  requests: Map<string, RequestRow>
  invites: Map<string, InviteRow>
  prekeys: Map<number, PrekeyRow>
  sessions: Map<DeviceKey, Uint8Array>
  messages: Map<MessageId, StoredMessage>
  outbox: Map<string, StoredOutboxItem>
  ledger: Map<string, LedgerRow>
}

/** What a disk would hold. Hand it to `createMemoryStore` to start from it, any number of times. */
export type MemorySnapshot = { readonly tables: Tables; readonly lastSeq: number }

export interface MemoryStore extends Store {
  /** The group that is open now, or the next one, fails with this error. */
  failNext(error?: StoreError): void
  /** What is durable now; changes still waiting are not in it. */
  snapshot(): MemorySnapshot
  /** As kill -9: waiting changes are lost, their promises never settle, the handle is dead. */
  crash(): MemorySnapshot
  /**
   * As kill -9 in the middle of the `nth` transaction from now, before or after it is durable: its promises never settle, `died` runs, and
   * from then on reads show what is durable and commits come to nothing.
   */
  dieIn(nth: number, moment: 'before' | 'after', died: () => void): void
  /** As kill -9 now: from then on reads show what is durable and commits come to nothing. */
  die(): void
  /** How many turns of the event loop a transaction stays open from now on: what a busy process hears in one turn is stored together. */
  slowDown(turns: number): void
  /** Something waits to be durable. */
  readonly pending: boolean
  /** The next read meets a page that does not carry its tag: it throws, and the handle takes no more commits. */
  damageNextRead(): void
  /** It takes commits, and no page of it is damaged. */
  readonly sound: boolean
  /** What is durable now, without a copy of it; a look from outside, which no damage keeps from anything. */
  peek(): Readonly<Tables>
  /** Every group of changes, when it is durable and before anybody is told. */
  onDurable(listener: (changes: readonly Change[]) => void): void
}

const emptyTables = (): Tables => ({
  self: new Map(),
  settings: new Map(),
  contacts: new Map(),
  requests: new Map(),
  invites: new Map(),
  prekeys: new Map(),
  sessions: new Map(),
  messages: new Map(),
  outbox: new Map(),
  ledger: new Map(),
  ...emptyChannelTables(),
  ...emptyMailboxTables(),
})

const copyTables = (tables: Tables): Tables => ({
  self: new Map(tables.self),
  settings: new Map(tables.settings),
  contacts: new Map(tables.contacts),
  requests: new Map(tables.requests),
  invites: new Map(tables.invites),
  prekeys: new Map(tables.prekeys),
  sessions: new Map(tables.sessions),
  messages: new Map(tables.messages),
  outbox: new Map(tables.outbox),
  ledger: new Map(tables.ledger),
  ...copyChannelTables(tables),
  ...copyMailboxTables(tables),
})

export function createMemoryStore(options: { from?: MemorySnapshot; rolledBack?: boolean } = {}): MemoryStore {
  let tables = options.from === undefined ? emptyTables() : copyTables(options.from.tables)
  let lastSeq = options.from?.lastSeq ?? 0
  /** the tables as they were before the open group touched them */
  let before: { saved: Partial<Tables>; lastSeq: number } | undefined
  let waiting: { resolve: () => void; reject: (error: StoreError) => void }[] = []
  let failure: StoreError | undefined
  let closed = false
  let dead = false
  let death: { transactions: number; readonly moment: 'before' | 'after'; readonly died: () => void } | undefined
  let turns = 0
  let damaged = false
  let broken: StoreError | undefined
  let group: Change[] = []
  const witnesses: ((changes: readonly Change[]) => void)[] = []
  const listeners: (() => void)[] = []

  function writable<K extends keyof Tables>(name: K): Tables[K] {
    before ??= { saved: {}, lastSeq }
    if (before.saved[name] === undefined) {
      before.saved[name] = tables[name]
      tables = { ...tables, [name]: new Map(tables[name] as Map<unknown, unknown>) }
    }
    return tables[name]
  }

  /** The rows stand in the order of their conversations. */
  function putMessage(row: MessageRow, replace: boolean, above?: MessageId): void {
    const messages = writable('messages')
    const known = messages.get(row.id)
    if (known !== undefined && !replace) return
    const added = { ...row, seq: known?.seq ?? ++lastSeq }
    const next = above === undefined ? undefined : messages.get(above)
    if (next?.contact !== row.contact) return void messages.set(row.id, added)
    const rows = [...messages.values()]
    rows.splice(rows.indexOf(next), 0, added)
    messages.clear()
    for (const each of rows) messages.set(each.id, each)
  }

  function apply(change: Change): void {
    if ('cut' in change) return applyChannelChange(() => tables, writable, change)
    if ('add' in change) return change.add === 'message' ? putMessage(change.row, false, change.above) : applyChannelChange(() => tables, writable, change)
    if ('remove' in change) {
      switch (change.remove) {
        case 'contact': writable('contacts').delete(change.account); return
        case 'request': writable('requests').delete(change.id); return
        case 'invite': writable('invites').delete(change.id); return
        case 'prekey': writable('prekeys').delete(change.id); return
        case 'session': writable('sessions').delete(change.device); return
        case 'outbox': {
          writable('outbox').delete(`${change.id}/${change.device}`)
          return applyMailboxChange(writable, { remove: 'handed', id: change.id, device: change.device })
        }
        case 'queue':
        case 'sender':
        case 'handed': return applyMailboxChange(writable, change)
        case 'message': {
          writable('messages').delete(change.id)
          const ledger = writable('ledger')
          for (const [key, row] of ledger) if (row.message === change.id) ledger.delete(key)
          return
        }
        default: return applyChannelChange(() => tables, writable, change)
      }
    }
    switch (change.put) {
      case 'self': writable('self').set('self', change.row); return
      case 'setting': writable('settings').set(change.key, change.value); return
      case 'contact': writable('contacts').set(change.row.account, change.row); return
      case 'request': writable('requests').set(change.row.id, change.row); return
      case 'invite': writable('invites').set(change.row.id, change.row); return
      case 'prekey': writable('prekeys').set(change.row.id, change.row); return
      case 'session': writable('sessions').set(change.device, change.record); return
      case 'message': putMessage(change.row, true); return
      case 'ledger': {
        const key = `${change.row.message}/${change.row.device}`
        const mailboxes = change.row.mailboxes ?? tables.ledger.get(key)?.mailboxes
        writable('ledger').set(key, { ...change.row, ...(mailboxes && { mailboxes }) })
        return
      }
      case 'outbox': {
        const outbox = writable('outbox')
        const key = `${change.row.id}/${change.row.device}`
        outbox.set(key, { ...change.row, seq: outbox.get(key)?.seq ?? ++lastSeq })
        return
      }
      case 'queue':
      case 'announcement':
      case 'sender':
      case 'handed': return applyMailboxChange(writable, change)
      default: applyChannelChange(() => tables, writable, change)
    }
  }

  function undo(): void {
    if (before === undefined) return
    tables = { ...tables, ...before.saved }
    lastSeq = before.lastSeq
    before = undefined
  }

  /** Who goes back to what is stored may meet a damaged page. */
  function tell(): void {
    for (const listener of listeners) {
      try {
        listener()
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
      }
    }
  }

  function flushAfter(turnsLeft: number): void {
    if (turnsLeft <= 0) flush()
    else setImmediate(() => flushAfter(turnsLeft - 1))
  }

  function flush(): void {
    if (closed || waiting.length === 0) return
    const calls = waiting
    const changes = group
    waiting = []
    group = []
    if (death !== undefined && --death.transactions <= 0) {
      dead = true
      if (death.moment === 'before') undo()
      else durable(changes)
      death.died()
      return
    }
    const error = failure ?? broken
    if (error === undefined) {
      durable(changes)
      for (const call of calls) call.resolve()
      return
    }
    failure = undefined
    undo()
    tell()
    for (const call of calls) call.reject(error)
  }

  function durable(changes: readonly Change[]): void {
    before = undefined
    for (const witness of witnesses) witness(changes)
  }

  function alive(): Tables {
    if (closed) throw new StoreError('closed', 'the store is closed')
    if (damaged && !dead) {
      damaged = false
      broken = new StoreError('corrupt', 'a page does not carry its tag (made up)')
      throw broken
    }
    return tables
  }

  const messages = (contact?: AccountKey): StoredMessage[] =>
    [...alive().messages.values()].filter((row) => contact === undefined || row.contact === contact)
  const unseen = (contact: AccountKey): StoredMessage[] =>
    messages(contact).filter((row) => row.direction === 'in' && row.readAt === undefined)

  return {
    rolledBack: options.rolledBack ?? false,
    commit(changes) {
      if (dead) return new Promise(() => undefined)
      if (closed) return Promise.reject(new StoreError('closed', 'the store is closed'))
      if (broken !== undefined && waiting.length === 0) {
        tell()
        return Promise.reject(broken)
      }
      for (const change of changes) apply(change)
      group.push(...changes)
      return new Promise<void>((resolve, reject) => {
        waiting.push({ resolve, reject })
        if (waiting.length === 1) queueMicrotask(() => flushAfter(turns))
      })
    },
    settled() {
      return waiting.length > 0 ? this.commit([]) : Promise.resolve()
    },
    onRollback: (listener) => void listeners.push(listener),
    self: () => alive().self.get('self'),
    setting: (key) => alive().settings.get(key),
    contacts: () => [...alive().contacts.values()],
    requests: () => [...alive().requests.values()],
    invites: () => [...alive().invites.values()],
    prekey: (id) => alive().prekeys.get(id),
    prekeys: (account) => [...alive().prekeys.values()].filter((row) => account === undefined || row.account === account).sort((a, b) => a.expires - b.expires || a.id - b.id),
    session: (device) => alive().sessions.get(device),
    sessionDevices: () => [...alive().sessions.keys()].sort(),
    message: (id) => alive().messages.get(id),
    history(contact, page: Page) {
      const rows = messages(contact)
      const beside = page.before ?? page.after
      if (beside === undefined) return rows.slice(Math.max(0, rows.length - page.limit))
      const at = rows.findIndex((row) => row.id === beside)
      if (at < 0) return []
      return page.before === undefined ? rows.slice(at + 1, at + 1 + page.limit) : rows.slice(Math.max(0, at - page.limit), at)
    },
    search(text, page) {
      const wanted = fold(text)
      if (wanted.trim() === '') return []
      return messages(page.contact)
        .filter((row) => row.kind === 'text' && fold(row.text).includes(wanted))
        .reverse()
        .slice(0, page.limit)
    },
    unread: (contact) => unseen(contact).length,
    unreadMessages(contact, upTo) {
      if (upTo === undefined) return unseen(contact)
      const rows = messages(contact)
      const upToHere = new Set(rows.slice(0, rows.findIndex(({ id }) => id === upTo) + 1))
      return unseen(contact).filter((row) => upToHere.has(row))
    },
    owedReceipts: (limit) =>
      messages()
        .filter((row) => row.direction === 'in' && row.kind !== 'notice' && row.receipt === 'none')
        .slice(0, limit),
    lastMessage: (contact) => messages(contact).at(-1),
    expired: (now) =>
      messages()
        .filter((row) => row.expiresAt !== undefined && row.expiresAt <= now)
        .sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || a.seq - b.seq),
    nextExpiry() {
      const times = messages().flatMap((row) => row.expiresAt ?? [])
      return times.length === 0 ? undefined : Math.min(...times)
    },
    ledger: (message) =>
      [...alive().ledger.values()].filter((row) => row.message === message).sort((a, b) => (a.device < b.device ? -1 : 1)),
    outbox: (device) => [...alive().outbox.values()].filter((row) => device === undefined || row.device === device),
    *allMessages() {
      yield* messages().sort((a, b) => a.seq - b.seq)
    },
    ...channelReads(alive),
    ...mailboxReads(alive),
    close() {
      flush()
      closed = true
    },
    failNext(error = new StoreError('disk-full', 'the disk is full (made up)')) {
      failure = error
    },
    dieIn(nth, moment, died) {
      death = { transactions: nth, moment, died }
    },
    die() {
      dead = true
      undo()
      waiting = []
      group = []
    },
    slowDown(next) {
      turns = next
    },
    get pending() {
      return !closed && waiting.length > 0
    },
    damageNextRead() {
      damaged = true
    },
    get sound() {
      return broken === undefined && !damaged
    },
    onDurable: (listener) => void witnesses.push(listener),
    peek: () => ({ ...tables, ...before?.saved }),
    snapshot: () => ({
      tables: copyTables({ ...tables, ...before?.saved }),
      lastSeq: before?.lastSeq ?? lastSeq,
    }),
    crash() {
      undo()
      const left = { tables: copyTables(tables), lastSeq }
      closed = true
      return left
    },
  }
}
