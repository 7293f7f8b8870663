/** Rows and profiles for the tests of the store. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContactRow, MessageRow, OutboxRow, SelfRow } from '../../../src/messenger/ports.ts'

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
