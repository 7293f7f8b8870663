/**
 * Export and import: JSON lines anybody can read, described in archive.md beside this file. An archive never holds the
 * recovery phrase, keys, sessions, invites or what is still on its way.
 */
import { base64 } from '@scure/base'
import { DeviceListError, verifyDeviceList } from '../../protocols/identity/index.ts'
import { toHex } from '../../protocols/suite/index.ts'
import { type Follow, type Follows, isFollow } from './channels/follows.ts'
import type { Context } from './context.ts'
import type { Contacts } from './contacts.ts'
import { MessengerError } from './errors.ts'
import type { Change, ContactRow, MessageRow } from './ports.ts'
import { checkedName } from './profile.ts'
import type { Self } from './self.ts'

export const ARCHIVE_VERSION = 1
/** Messages stored in one transaction while importing: few fsyncs, bounded memory. */
const BATCH = 500
const HEX = (length: number): RegExp => new RegExp(`^[0-9a-f]{${length}}$`)
const ACCOUNT = HEX(64)
const MESSAGE_ID = HEX(32)

/** One JSON text a line: a header, then contacts, then what is followed, then messages in order. */
export function* exportArchive(context: Context, self: Self, contacts: Contacts, follows: Pick<Follows, 'all'>): IterableIterator<string> {
  const { store, clock } = context
  yield JSON.stringify({ type: 'dure-archive', version: ARCHIVE_VERSION, account: self.accountKey, name: self.name, exportedAt: clock.now() })
  for (const row of contacts.all()) {
    if (row.state !== 'accepted' && row.state !== 'blocked') continue
    const { picture, deviceList, scanned: _, ...plain } = row
    yield JSON.stringify({
      type: 'contact',
      ...plain,
      deviceList: base64.encode(deviceList),
      ...(picture && { picture: base64.encode(picture) }),
    })
  }
  for (const follow of follows.all()) yield JSON.stringify({ type: 'follow', ...follow })
  for (const stored of store.allMessages()) {
    if (stored.expiresAt !== undefined && stored.expiresAt <= clock.now()) continue
    const { seq: _, raw, receipt: __, ...plain } = stored
    yield JSON.stringify({ type: 'message', ...plain, ...(raw && { raw: base64.encode(raw) }) })
  }
}

/**
 * Takes over what is not here yet; what is here stays as it is. Everything is checked before any of its line is stored.
 * @throws MessengerError 'bad-input' naming the line, 'conflict' for an archive of another account
 */
export async function importArchive(
  context: Context,
  self: Self,
  contacts: Contacts,
  follows: Pick<Follows, 'restore'>,
  lines: Iterable<string>,
): Promise<{ contacts: number; follows: number; messages: number; skipped: number }> {
  const counted = { contacts: 0, follows: 0, messages: 0, skipped: 0 }
  const joining: (() => Promise<void>)[] = []
  let batch: Change[] = []
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await context.store.commit(batch)
    batch = []
  }
  let number = 0
  for (const line of lines) {
    number++
    if (line.trim() === '') continue
    const entry = parseLine(line, number)
    if (number === 1) {
      checkHeader(entry, self)
      continue
    }
    if (entry['type'] === 'contact') {
      const row = contactOf(context, entry, number)
      if (contacts.get(row.account) || row.account === self.accountKey) counted.skipped++
      else {
        batch.push(contacts.put({ ...row, name: contacts.freeName(row.name) }))
        counted.contacts++
      }
    } else if (entry['type'] === 'follow') {
      const restored = follows.restore(followOf(entry, number))
      if (restored) {
        batch.push(...restored.changes)
        joining.push(restored.joined)
        counted.follows++
      } else counted.skipped++
    } else if (entry['type'] === 'message') {
      const row = messageOf(entry, number)
      const known = contacts.get(row.contact)
      if (!known || context.store.message(row.id)) counted.skipped++
      else {
        batch.push({ add: 'message', row })
        counted.messages++
      }
    } else counted.skipped++ // a kind of a later version
    if (batch.length >= BATCH) await flush()
  }
  if (number === 0) throw new MessengerError('bad-input', 'the archive is empty')
  await flush()
  for (const join of joining) await join()
  return counted
}

type Entry = Record<string, unknown>

function parseLine(line: string, number: number): Entry {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw refused(number, 'is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(number, 'is not a JSON object')
  return Object.assign(Object.create(null) as Entry, value)
}

function checkHeader(entry: Entry, self: Self): void {
  if (entry['type'] !== 'dure-archive') throw new MessengerError('bad-input', 'this is not a Dure archive', 'dure export DIR makes one')
  if (entry['version'] !== ARCHIVE_VERSION) throw new MessengerError('bad-input', 'the archive needs a newer version of Dure')
  if (entry['account'] !== self.accountKey) {
    throw new MessengerError('conflict', 'the archive belongs to another account', 'restore that account first: dure init --recover')
  }
}

function contactOf(context: Context, entry: Entry, line: number): ContactRow {
  const read = new Fields(entry, line)
  const account = read.text('account', ACCOUNT)
  const deviceList = read.bytes('deviceList')
  try {
    const list = verifyDeviceList(context.suite, deviceList, 0)
    if (toHex(list.list.account) !== account) throw refused(line, 'has the device list of another account')
  } catch (error) {
    if (error instanceof DeviceListError) throw refused(line, `has a device list that is refused: ${error.message}`)
    throw error
  }
  const addresses = read.record('addresses')
  return {
    account,
    state: read.oneOf('state', ['accepted', 'blocked'] as const),
    profileName: read.text('profileName'),
    name: read.text('name'),
    picture: read.optional('picture', () => read.bytes('picture')),
    deviceList,
    addresses: Object.fromEntries(
      Object.entries(addresses).map(([device, list]) => {
        if (!ACCOUNT.test(device) || !Array.isArray(list) || !list.every((item) => typeof item === 'string')) throw refused(line, 'has odd addresses')
        return [device, list.slice(0, 8) as string[]]
      }),
    ),
    verified: read.flag('verified'),
    scanned: false,
    timer: read.number('timer'),
    addedAt: read.number('addedAt'),
  }
}

function followOf(entry: Entry, line: number): Follow {
  const read = new Fields(entry, line)
  const follow = {
    channel: read.text('channel'),
    name: checkedName(read.text('name')),
    link: read.text('link'),
    private: read.flag('private'),
    muted: read.flag('muted'),
    dailyLimit: read.number('dailyLimit'),
    addedAt: read.number('addedAt'),
  }
  if (!isFollow(follow)) throw refused(line, 'has a link that does not lead to its channel')
  return follow
}

function messageOf(entry: Entry, line: number): MessageRow {
  const read = new Fields(entry, line)
  const reactions = read.record('reactions')
  if (!Object.entries(reactions).every(([by, emoji]) => ACCOUNT.test(by) && typeof emoji === 'string')) throw refused(line, 'has odd reactions')
  const direction = read.oneOf('direction', ['in', 'out'] as const)
  const delivery = read.optional('delivery', () => read.oneOf('delivery', ['held', 'queued', 'mailbox', 'sent', 'delivered', 'read'] as const))
  return {
    id: read.text('id', MESSAGE_ID),
    contact: read.text('contact', ACCOUNT),
    direction,
    kind: read.oneOf('kind', ['text', 'notice', 'unknown'] as const),
    text: read.text('text'),
    raw: read.optional('raw', () => read.bytes('raw')),
    at: read.number('at'),
    storedAt: read.number('storedAt'),
    replyTo: read.optional('replyTo', () => read.text('replyTo', MESSAGE_ID)),
    editedAt: read.optional('editedAt', () => read.number('editedAt')),
    deletedAt: read.optional('deletedAt', () => read.number('deletedAt')),
    reactions: reactions as Record<string, string>,
    expireAfter: read.number('expireAfter'),
    expiresAt: read.optional('expiresAt', () => read.number('expiresAt')),
    readAt: read.optional('readAt', () => read.number('readAt')),
    receipt: 'read', // what was owed was owed by the device that exported
    // What was on its way there is not on its way from here, and nothing is known of how far it came.
    delivery: direction === 'out' && delivery !== 'held' && delivery !== 'queued' ? delivery : undefined,
  }
}

/** Typed access to one line; every miss names the line and the field. */
class Fields {
  readonly #entry: Entry
  readonly #line: number

  constructor(entry: Entry, line: number) {
    this.#entry = entry
    this.#line = line
  }

  text(field: string, form?: RegExp): string {
    const value = this.#entry[field]
    if (typeof value !== 'string' || (form && !form.test(value))) throw this.#odd(field)
    return value
  }
  number(field: string): number {
    const value = this.#entry[field]
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw this.#odd(field)
    return value
  }
  flag(field: string): boolean {
    const value = this.#entry[field]
    if (typeof value !== 'boolean') throw this.#odd(field)
    return value
  }
  bytes(field: string): Uint8Array {
    const text = this.text(field)
    try {
      return base64.decode(text)
    } catch {
      throw this.#odd(field)
    }
  }
  record(field: string): Entry {
    const value = this.#entry[field]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#odd(field)
    return value as Entry
  }
  oneOf<T extends string>(field: string, values: readonly T[]): T {
    const value = values.find((each) => each === this.#entry[field])
    if (value === undefined) throw this.#odd(field)
    return value
  }
  optional<T>(field: string, read: () => T): T | undefined {
    return this.#entry[field] === undefined ? undefined : read()
  }

  #odd(field: string): MessengerError {
    return refused(this.#line, `has no valid "${field}"`)
  }
}

const refused = (line: number, what: string): MessengerError =>
  new MessengerError('bad-input', `line ${line} of the archive ${what}`, 'nothing of that line was taken over')
