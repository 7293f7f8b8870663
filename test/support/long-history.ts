/** Histories as long as those of people who have talked for years, written straight into a store. */
import type { MessageRow } from '../../src/messenger/ports.ts'
import { openStore } from '../../src/store/index.ts'

/** Messages of one commit. */
const BATCH = 2_000
/** A message every five minutes: 100,000 of them are a year, with its days. */
const APART_MS = 5 * 60_000
const BEGUN = 1_700_000_000_000

export const longText = (number: number): string => `message number ${number}, about as long as what people write 안녕하세요`

/** @param home no node runs there; @param contact account of whom it is with */
export async function fillHistory(home: string, contact: string, size: number): Promise<void> {
  const store = await openStore({ home, unlock: 'key-file' })
  for (let at = 0; at < size; at += BATCH) {
    await store.commit(Array.from({ length: Math.min(BATCH, size - at) }, (_, i) => ({ add: 'message' as const, row: message(contact, at + i) })))
  }
  store.close()
}

function message(contact: string, number: number): MessageRow {
  const at = BEGUN + number * APART_MS
  const direction = number % 2 === 0 ? 'in' : 'out'
  return {
    id: number.toString(16).padStart(32, '0'),
    contact,
    direction,
    kind: 'text',
    text: longText(number),
    raw: undefined,
    at,
    storedAt: at,
    replyTo: undefined,
    editedAt: undefined,
    deletedAt: undefined,
    reactions: {},
    expireAfter: 0,
    expiresAt: undefined,
    readAt: at,
    receipt: 'read',
    delivery: direction === 'in' ? undefined : 'read',
  }
}
