/** The store: one connection, the tables on it, and the work that waits for a quiet moment. */
import { existsSync, rmSync } from 'node:fs'
import type { Change, Store } from '../messenger/ports.ts'
import { Commits } from './commits.ts'
import { type Connection, reading, storeError } from './database.ts'
import { StoreError } from './errors.ts'
import { ensureOwnerFile, type ProfileFiles } from './files.ts'
import type { Generation } from './generation.ts'
import type { Protection } from './key.ts'
import { Messages } from './messages.ts'
import { Outbox } from './outbox.ts'
import { Parties } from './parties.ts'
import { People } from './people.ts'
import { Search } from './search.ts'
import { SearchIndex } from './search-index.ts'
import { Sessions } from './sessions.ts'

/** The index waits until nothing was committed for this long: a burst is stored at full speed and indexed behind it. */
const QUIET_MS = 200
/** Where it never gets quiet, a step is made after this long all the same. */
const LONGEST_WAIT_MS = 10_000
/** Between two steps of indexing: others get their turn. */
const STEP_PAUSE_MS = 5

export type OpenedStore = Store & {
  /** How the key was kept when the profile was opened. */
  readonly protection: Protection
  /** True while rows wait for the search index; search finds them all the same, by reading. */
  indexing(): boolean
}

/** @param release gives the profile free for the next process */
export function createStore(db: Connection, files: ProfileFiles, generation: Generation, protection: Protection, release: () => void): OpenedStore {
  const parties = new Parties(db)
  const people = new People(db)
  const sessions = new Sessions(db, parties)
  const index = new SearchIndex(db)
  const messages = new Messages(db, parties, index)
  const outbox = new Outbox(db, parties)
  const search = new Search(db, parties, messages, index)
  const rolledBack = generation.rolledBack()
  let alarmed = rolledBack
  let indexing: NodeJS.Timeout | undefined
  let indexedAt = performance.now()

  const commits = new Commits(db, {
    apply,
    complete() {
      sessions.write()
      if (alarmed) db.exec('UPDATE profile SET rolled_back = 0')
      alarmed = false
      if (performance.now() - indexedAt < LONGEST_WAIT_MS) {
        clearTimeout(indexing)
        indexing = undefined
      }
      indexSoon(QUIET_MS)
    },
    forget() {
      alarmed = generation.rolledBack()
      parties.forget()
      sessions.forget()
    },
    checkpoint: () => generation.advance(),
    // The next opening reads every page before it trusts them again.
    broken() {
      try {
        ensureOwnerFile(files.suspect)
      } catch {
        // A disk that takes no mark either: those who wait are told all the same.
      }
    },
  })

  function apply(change: Change): void {
    if ('add' in change) return messages.add(change.row)
    if ('remove' in change) {
      switch (change.remove) {
        case 'contact': return people.removeContact(change.account)
        case 'request': return people.removeRequest(change.id)
        case 'invite': return sessions.removeInvite(change.id)
        case 'prekey': return sessions.removePrekey(change.id)
        case 'session': return sessions.put(change.device, undefined)
        case 'outbox': return outbox.remove(change.id, change.device)
        case 'message': {
          messages.remove(change.id)
          return outbox.removeLedger(change.id)
        }
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
    }
  }

  function indexSoon(delay: number): void {
    indexing ??= setTimeout(() => {
      indexing = undefined
      if (commits.open) return indexSoon(STEP_PAUSE_MS)
      const step = commits.aside(() => index.step())
      indexedAt = performance.now()
      step?.committed()
      if (step?.worked === true) indexSoon(STEP_PAUSE_MS)
    }, delay).unref()
  }
  indexSoon(QUIET_MS)

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
    rolledBack,
    commit: (changes) => commits.commit(changes),
    onRollback: (listener) => commits.onRollback(listener),
    self: () => read(() => people.self()),
    setting: (key) => read(() => people.setting(key)),
    contacts: () => read(() => people.contacts()),
    requests: () => read(() => people.requests()),
    invites: () => read(() => sessions.invites()),
    prekey: (id) => read(() => sessions.prekey(id)),
    prekeys: () => read(() => sessions.prekeys()),
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
    close() {
      if (!db.open) return
      clearTimeout(indexing)
      commits.flush()
      if (!existsSync(files.suspect)) commits.checkpoint('TRUNCATE')
      commits.end(new StoreError('closed', 'the store is closed'))
      db.close()
      release()
    },
  }
}

/** Reads and authenticates every page of a database that failed before. @throws StoreError `corrupt` */
export function verifySuspect(db: Connection, files: ProfileFiles): void {
  if (!existsSync(files.suspect)) return
  const verdict = reading(() => db.pragma('quick_check(1)', { simple: true }) as string)
  if (verdict !== 'ok') throw new StoreError('corrupt', 'the database did not survive the last failure', 'save what is readable into a new profile: dure salvage DIR')
  rmSync(files.suspect)
}
