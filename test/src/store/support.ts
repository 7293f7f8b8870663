/** Rows and profiles for the tests of the store. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChannelLogRow, ChannelRow, EntryRow } from '../../../src/messenger/channels/ports.ts'
import type { ContactRow, MessageRow, OutboxRow, SelfRow, Store } from '../../../src/messenger/ports.ts'
import { openStore, StoreError } from '../../../src/store/index.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

export const key = (n: number): string => n.toString(16).padStart(64, '0')
export const id = (n: number): string => n.toString(16).padStart(32, '0')
export const ALICE = key(0xa11ce)
export const BOB = key(0xb0b)
export const PHONE = key(0xf0e)
export const LAPTOP = key(0x1a9)

export const selfRow = (name: string): SelfRow => ({
  entropy: new Uint8Array(32).fill(1),
  device: new Uint8Array(64).fill(2),
  deviceList: new Uint8Array(200).fill(3),
  name,
  picture: undefined,
})

export const contactRow = (account: string, name: string, more: Partial<ContactRow> = {}): ContactRow => ({
  account,
  state: 'accepted',
  profileName: name,
  name,
  picture: undefined,
  deviceList: new Uint8Array([1, 2, 3]),
  addresses: {},
  verified: false,
  scanned: true,
  timer: 0,
  addedAt: 1_000,
  ...more,
})

export const messageRow = (n: number, text: string, more: Partial<MessageRow> = {}): MessageRow => ({
  id: id(n),
  contact: ALICE,
  direction: 'in',
  kind: 'text',
  text,
  raw: undefined,
  at: 1_000 + n,
  storedAt: 2_000 + n,
  replyTo: undefined,
  editedAt: undefined,
  deletedAt: undefined,
  reactions: {},
  expireAfter: 0,
  expiresAt: undefined,
  readAt: undefined,
  receipt: 'none',
  delivery: undefined,
  ...more,
})

export const outboxRow = (n: number, device: string, more: Partial<OutboxRow> = {}): OutboxRow => ({
  id: id(n),
  device,
  contact: ALICE,
  content: new Uint8Array([n, 1]),
  envelope: undefined,
  held: false,
  queuedAt: 3_000 + n,
  ...more,
})

export const channelRow = (id: string, name: string, more: Partial<ChannelRow> = {}): ChannelRow => ({
  id,
  name,
  following: 'open',
  muted: false,
  dailyLimit: 3,
  state: new Uint8Array([1, 2, 3]),
  hints: [],
  domain: undefined,
  newestAt: 5,
  addedAt: 4,
  ...more,
})

export const logRow = (channel: string, log: string, more: Partial<ChannelLogRow> = {}): ChannelLogRow => ({
  channel,
  log,
  state: new Uint8Array([7]),
  floor: 0,
  ...more,
})

/** Entry `seq` of a log: a post, whose id and time follow from its place unless they are said. */
export const entryRow = (channel: string, log: string, seq: number, more: Partial<EntryRow> = {}): EntryRow => ({
  channel,
  log,
  seq,
  id: key(Number.parseInt(log.slice(-4), 16) * 1_000_000 + seq),
  kind: 16,
  time: 10_000 + seq,
  bytes: new Uint8Array(40).fill(seq & 255),
  about: undefined,
  unread: false,
  ...more,
})

/** A directory for one test, taken away when the tests are over. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'dure-store-'))
  homes.push(home)
  return home
}

const homes: string[] = []
after(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
})

/** Of a profile that no passphrase protects. */
export const keyOf = (home: string): Uint8Array => {
  const { key } = JSON.parse(readFileSync(join(home, 'key.json'), 'utf8')) as { key: string }
  return new Uint8Array(Buffer.from(key, 'hex'))
}

/** A Store under test. */
export interface Subject {
  readonly store: Store
  /** A commit that fails. */
  fail(): Promise<void>
}

export const subjects: Record<string, () => Promise<Subject>> = {
  'the encrypted store': async () => {
    const store = await openStore({ home: temporaryHome(), unlock: 'key-file', create: true })
    return { store, fail: () => store.commit([{ put: 'setting', key: 'bad', value: {} as string }]) }
  },
  'the in-memory twin': () => {
    const store = createMemoryStore()
    const fail = (): Promise<void> => {
      store.failNext(new StoreError('bad-row', 'made to fail'))
      return store.commit([])
    }
    return Promise.resolve({ store, fail })
  },
}
