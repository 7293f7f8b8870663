/** How values of the ports sit in columns: hex as blobs, booleans as 0 and 1, undefined as NULL. */
import type { DeliveryState } from '../messenger/ports.ts'
import { StoreError } from './errors.ts'

/** @throws StoreError `bad-row` for what is not lowercase hex: it could not be read back as it was written */
export function blob(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex')
  if (bytes.length * 2 !== hex.length || hex.length === 0) throw new StoreError('bad-row', 'an id is not hex')
  return bytes
}

/** For questions, where what is not hex is simply not found. */
export function findable(hex: string): Buffer | undefined {
  return /^(?:[0-9a-f]{2})+$/.test(hex) ? Buffer.from(hex, 'hex') : undefined
}

export const hex = (bytes: Buffer): string => bytes.toString('hex')
/** The library gives Buffers; nobody outside should come to rely on that. */
export const plainBytes = (bytes: Buffer): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
export const maybe = <From, To>(value: From | null, read: (value: From) => To): To | undefined => (value === null ? undefined : read(value))
export const same = <T>(value: T): T => value
export const bit = (value: boolean): 0 | 1 => (value ? 1 : 0)
export const orNull = <T>(value: T | undefined): T | null => value ?? null

/** `mailbox` is `queued` and a column of its own: see migrations.ts. */
export const stateColumns = <State extends DeliveryState | undefined>(state: State): readonly [State | 'queued', 0 | 1] =>
  state === 'mailbox' ? ['queued', 1] : [state, 0]

export const stateOf = (state: DeliveryState, withMailbox: number): DeliveryState => (state === 'queued' && withMailbox === 1 ? 'mailbox' : state)
