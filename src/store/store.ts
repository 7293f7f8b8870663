/** The store: one connection, the tables on it, and the work that waits for a quiet moment. */
import { existsSync, rmSync } from 'node:fs'
import type { ChannelId } from '../messenger/channels/ports.ts'
import type { Change, Store } from '../messenger/ports.ts'
import { ChannelKeys } from './channel-keys.ts'
import { Channels } from './channels.ts'
import { Commits } from './commits.ts'
import { bytesInUse, type Connection, reading, storeError } from './database.ts'
import { Drafts } from './drafts.ts'
import { Entries } from './entries.ts'
import { StoreError } from './errors.ts'
import { Evidence } from './evidence.ts'
import { ensureOwnerFile, type StoreFiles } from './files.ts'
import type { Generation } from './generation.ts'
import type { Protection } from './key.ts'
import { Logs } from './logs.ts'
import { Mailbox } from './mailbox.ts'
import { Media } from './media.ts'
import { Messages } from './messages.ts'
import { Outbox } from './outbox.ts'
import { Parties } from './parties.ts'
import { People } from './people.ts'
import { Search } from './search.ts'
import { SearchIndex } from './search-index.ts'
import { Sessions } from './sessions.ts'
import { Staff } from './staff.ts'
import { Sweep } from './sweep.ts'

/** Indexing and sweeping wait until nothing was committed for this long: a burst is stored at full speed and worked on behind it. */
const QUIET_MS = 200
/** Where it never gets quiet, a step is made after this long all the same. */
const LONGEST_WAIT_MS = 10_000
/** Between two steps: others get their turn. */
const STEP_PAUSE_MS = 5

export type OpenedStore = Store & {
  /** How the key was kept when the profile was opened. */
  readonly protection: Protection
  /** True while rows wait for the search index; search finds them all the same, by reading. */
  indexing(): boolean
  /** True while there are rows of removed channels; no question finds them. */
  sweeping(): boolean
}

/** @param release gives the profile free for the next process */
export function createStore(db: Connection, files: StoreFiles, generation: Generation, protection: Protection, release: () => void): OpenedStore {
  const parties = new Parties(db)
  const people = new People(db)
  const sessions = new Sessions(db, parties)
  const index = new SearchIndex(db)
  const messages = new Messages(db, parties, index)
  const outbox = new Outbox(db, parties)
  const search = new Search(db, parties, messages, index)
  const channels = new Channels(db)
  const logs = new Logs(db, channels)
  const entries = new Entries(db, channels, logs)
  const media = new Media(db, channels)
  const channelKeys = new ChannelKeys(db)
  const drafts = new Drafts(db)
  const staff = new Staff(db)
  const evidence = new Evidence(db)
  const mailbox = new Mailbox(db)
  const sweep = new Sweep(db)
  const rolledBack = generation.rolledBack()
  let alarmed = rolledBack
  let waiting: NodeJS.Timeout | undefined
  let workedAt = performance.now()

  const commits = new Commits(db, {
    apply,
    complete() {
      sessions.write()
      if (alarmed) db.exec('UPDATE profile SET rolled_back = 0')
      alarmed = false
      if (performance.now() - workedAt < LONGEST_WAIT_MS) {
        clearTimeout(waiting)
        waiting = undefined
      }
      workSoon(QUIET_MS)
    },
    forget() {
      alarmed = generation.rolledBack()
      parties.forget()
      channels.forget()
      logs.forget()
      sessions.forget()
    },
    checkpoint: () => generation.advance(),
    broken: suspect,
  })

  /** The next opening reads every page before it trusts them again. */
  function suspect(): void {
    try {
      ensureOwnerFile(files.suspect)
    } catch {
      // A disk that takes no mark either: those who wait are told all the same.
    }
  }

  function apply(change: Change): void {
    if ('add' in change) {
      switch (change.add) {
        case 'message': return messages.add(change.row, change.above)
        case 'entry': return entries.add(change.row)
        case 'evidence': return evidence.add(change.channel, change.id, change.bytes)
        case 'media-chunk': return media.add(change.channel, change)
      }
    }
    if ('cut' in change) return entries.cut(change.channel, change.log, change.from)
    if ('remove' in change) {
      switch (change.remove) {
        case 'contact': return people.removeContact(change.account)
        case 'request': return people.removeRequest(change.id)
        case 'invite': return sessions.removeInvite(change.id)
        case 'prekey': return sessions.removePrekey(change.id)
        case 'session': return sessions.put(change.device, undefined)
        case 'outbox': {
          outbox.remove(change.id, change.device)
          return mailbox.removeHanded(change.id, change.device)
        }
        case 'message': {
          messages.remove(change.id)
          return outbox.removeLedger(change.id)
        }
        case 'channel': return removeChannel(change.id)
        case 'channel-key': return channelKeys.remove(change.channel, change.role)
        case 'draft': return drafts.remove(change.id)
        case 'staff': return staff.remove(change.id)
        case 'media': return media.remove(change.hash)
        case 'queue': return mailbox.removeQueue(change.id)
        case 'sender': return mailbox.removeSender(change.queue)
        case 'handed': return mailbox.removeHanded(change.id, change.device)
      }
    }
    switch (change.put) {
      case 'self': return people.putSelf(change.row)
      case 'setting': return people.putSetting(change.key, change.value)
      case 'contact': return people.putContact(change.row)
      case 'request': return people.putRequest(change.row)
      case 'invite': return sessions.putInvite(change.row)
      case 'prekey': return sessions.putPrekey(change.row)
      case 'session': return sessions.put(change.device, change.record)
      case 'message': return messages.put(change.row)
      case 'outbox': return outbox.put(change.row)
      case 'ledger': return outbox.putLedger(change.row)
      case 'channel': return channels.put(change.row)
      case 'channel-log': return logs.put(change.row)
      case 'node': return logs.putNode(change.row)
      case 'channel-key': return channelKeys.put(change.row)
      case 'draft': return drafts.put(change.row)
      case 'staff': return staff.put(change.row)
      case 'channel-read': return entries.read(change.channel)
      case 'queue': return mailbox.putQueue(change.row)
      case 'announcement': return mailbox.putAnnouncement(change.row)
      case 'sender': return mailbox.putSender(change.row)
      case 'handed': return mailbox.putHanded(change.row)
    }
  }

  function removeChannel(id: ChannelId): void {
    channels.remove(id)
    logs.forget()
    for (const table of [channelKeys, drafts, staff, evidence]) table.removeChannel(id)
  }

  function workSoon(delay: number): void {
    waiting ??= setTimeout(() => {
      waiting = undefined
      if (commits.open) return workSoon(STEP_PAUSE_MS)
      const step = commits.aside(() => {
        const indexed = index.step()
        return { ...indexed, worked: indexed.worked || sweep.step() }
      })
      workedAt = performance.now()
      step?.committed()
      if (step?.worked === true) workSoon(STEP_PAUSE_MS)
    }, delay).unref()
  }
  workSoon(QUIET_MS)

  const read = <T>(run: () => T): T => {
    if (!db.open) throw new StoreError('closed', 'the store is closed')
    try {
      return run()
    } catch (error) {
      const known = storeError(error)
      commits.failed(known)
      throw known
    }
  }

  return {
    protection,
    indexing: () => read(() => index.behind()),
    sweeping: () => read(() => sweep.behind()),
    rolledBack,
    commit: (changes) => commits.commit(changes),
    settled: () => commits.settled(),
    onRollback: (listener) => commits.onRollback(listener),
    self: () => read(() => people.self()),
    setting: (key) => read(() => people.setting(key)),
    contacts: () => read(() => people.contacts()),
    requests: () => read(() => people.requests()),
    invites: () => read(() => sessions.invites()),
    prekey: (id) => read(() => sessions.prekey(id)),
    prekeys: (account) => read(() => sessions.prekeys(account)),
    session: (device) => read(() => sessions.session(device)),
    sessionDevices: () => read(() => sessions.devices()),
    message: (id) => read(() => messages.find(id)),
    history: (contact, page) => read(() => messages.history(contact, page)),
    search: (text, page) => read(() => search.search(text, page)),
    unread: (contact) => read(() => messages.unread(contact)),
    unreadMessages: (contact, upTo) => read(() => messages.unreadRows(contact, upTo)),
    owedReceipts: (limit) => read(() => messages.owed(limit)),
    lastMessage: (contact) => read(() => messages.history(contact, { limit: 1 })[0]),
    expired: (now) => read(() => messages.expired(now)),
    nextExpiry: () => read(() => messages.nextExpiry()),
    ledger: (message) => read(() => outbox.ledger(message)),
    outbox: (device) => read(() => outbox.items(device)),
    *allMessages() {
      const rows = messages.all()
      for (let row = read(() => rows.next()); row.done !== true; row = read(() => rows.next())) yield row.value
    },
    channels: () => read(() => channels.all()),
    channelLogs: (channel) => read(() => logs.all(channel)),
    entry: (channel, log, seq) => read(() => entries.at(channel, log, seq)),
    entryById: (channel, id) => read(() => entries.find(channel, id)),
    entries: (channel, log, from, count) => read(() => entries.run(channel, log, from, count)),
    entryIds: (channel, log, from, to) => read(() => entries.ids(channel, log, from, to)),
    node: (channel, log, level, place) => read(() => logs.node(channel, log, level, place)),
    newestEntries: (channel, page) => read(() => entries.newest(channel, page)),
    entriesAbout: (channel, id) => read(() => entries.about(channel, id)),
    unreadEntries: (channel) => read(() => entries.unread(channel)),
    channelKeys: (channel) => read(() => channelKeys.all(channel)),
    drafts: (channel) => read(() => drafts.all(channel)),
    staff: () => read(() => staff.all()),
    evidence: (channel) => read(() => evidence.all(channel)),
    media: (hash) => read(() => media.find(hash)),
    mediaChunk: (hash, place) => read(() => media.chunk(hash, place)),
    mediaChunks: (hash) => read(() => media.chunks(hash)),
    channelBytes: (channel) => read(() => entries.bytes(channel) + media.bytes(channel)),
    bytesInUse: () => read(() => bytesInUse(db)),
    queues: () => read(() => mailbox.queues()),
    announcements: () => read(() => mailbox.announcements()),
    senders: () => read(() => mailbox.senders()),
    handed: (device) => read(() => mailbox.handed(device)),
    close() {
      if (!db.open) return
      clearTimeout(waiting)
      commits.flush()
      // A disk that failed may take the mark by now; generation and log stay as they were.
      if (commits.over) suspect()
      else commits.checkpoint('TRUNCATE')
      commits.end(new StoreError('closed', 'the store is closed'))
      db.close()
      release()
    },
  }
}

/** Reads and authenticates every page of a database that failed before. @throws StoreError `corrupt` */
export function verifySuspect(db: Connection, files: StoreFiles): void {
  if (!existsSync(files.suspect)) return
  const verdict = reading(() => db.pragma('quick_check(1)', { simple: true }) as string)
  if (verdict !== 'ok') throw new StoreError('corrupt', 'the database did not survive the last failure', 'save what is readable into a new profile: dure salvage DIR')
  rmSync(files.suspect)
}
