/**
 * The session records of every device, the newest in memory. A record moves forward only together with the change that
 * stores it, so what is sealed or opened next always builds on what the same transaction will hold.
 */
import { peekPrekeyIds } from '../../protocols/handshake/index.ts'
import { answer, decodeSession, encodeSession, hasSession, hello, open, type OpenResult, type SessionRecord, seal } from '../../protocols/session/index.ts'
import { fromHex } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import type { Change, DeviceKey } from './ports.ts'
import type { Self } from './self.ts'

/** Records kept decoded; beyond it the longest unused goes (its store row stays). About 20 KB each. */
const CACHED_RECORDS = 500
/** The latest time a message of a session that was given up carries, ms since the epoch. */
const WROTE_AT = 'wroteAt'

export class Sessions {
  readonly #context: Context
  readonly #self: Self
  /** undefined: dropped, and the step that says so may not be stored yet */
  readonly #records = new Map<DeviceKey, SessionRecord | undefined>()
  #wroteAt: number

  constructor(context: Context, self: Self) {
    this.#context = context
    this.#self = self
    this.#wroteAt = this.#storedWroteAt()
  }

  has(device: DeviceKey): boolean {
    return hasSession(this.get(device))
  }

  get(device: DeviceKey): SessionRecord | undefined {
    if (this.#records.has(device)) return this.#records.get(device)
    const stored = this.#context.store.session(device)
    if (!stored) return undefined
    const record = decodeSession(this.#context.suite, stored)
    this.#remember(device, record)
    return record
  }

  /** The id of the signed prekey that our session with a device began with, as long as the device has not answered in it. */
  unanswered(device: DeviceKey): number | undefined {
    const first = this.get(device)?.active.first
    return first && peekPrekeyIds(first).signedPrekey
  }

  /** When a device wrote the last that we opened, by its clock, ms since the epoch; undefined: nothing in any session there is. */
  heard(device: DeviceKey): number | undefined {
    const record = this.get(device)
    const heard = record ? [record.active, ...record.old].flatMap((session) => session.heard?.sentAt ?? []) : []
    return heard.length > 0 ? Math.max(...heard) : undefined
  }

  put(device: DeviceKey, record: SessionRecord): Change {
    this.#remember(device, record)
    return { put: 'session', device, record: encodeSession(this.#context.suite, record) }
  }

  /** What is said next must not look older than what was said, whatever becomes of our clock: they would take it for late, and not follow us. */
  drop(device: DeviceKey): Change[] {
    this.#wroteAt = Math.max(this.#wroteAt, this.get(device)?.wroteAt ?? 0)
    this.#remember(device, undefined)
    return [{ remove: 'session', device }, { put: 'setting', key: WROTE_AT, value: String(this.#wroteAt) }]
  }

  /** Next content to a device with a session: the envelope and the change that must be durable before it leaves. */
  seal(device: DeviceKey, content: Uint8Array): { envelope: Uint8Array; change: Change } {
    const { suite, random } = this.#context
    const sealed = seal(suite, random, this.#begun(device), content, this.#writingAt())
    return { envelope: sealed.envelope, change: this.put(device, sealed.record) }
  }

  /** The same as a hello, in the session that its handshake began, active or not. */
  hello(device: DeviceKey, handshake: Uint8Array, content: Uint8Array): { envelope: Uint8Array; change: Change } {
    const { suite, random } = this.#context
    const sealed = hello(suite, random, this.#begun(device), handshake, content, this.#writingAt())
    return { envelope: sealed.envelope, change: this.put(device, sealed.record) }
  }

  /** The same as the answer to a hello that was opened: whoever said it may know no session but the one it began. */
  answer(device: DeviceKey, first: Uint8Array, content: Uint8Array): { envelope: Uint8Array; change: Change } {
    const { suite, random } = this.#context
    const sealed = answer(suite, random, this.#begun(device), first, content, this.#writingAt())
    return { envelope: sealed.envelope, change: this.put(device, sealed.record) }
  }

  /** @throws SessionError; then nothing changed */
  open(device: DeviceKey, envelope: Uint8Array, respond?: Parameters<typeof open>[3]['respond']): OpenResult {
    const { suite, clock } = this.#context
    return open(suite, this.get(device), envelope, {
      self: this.#self.end,
      peer: fromHex(device),
      now: clock.now(),
      ...(respond && { respond }),
    })
  }

  #begun(device: DeviceKey): SessionRecord {
    const record = this.get(device)
    if (!record) throw new Error('sealing needs a session')
    return record
  }

  #writingAt(): number {
    return Math.max(this.#context.clock.now(), this.#wroteAt + 1)
  }

  #storedWroteAt(): number {
    return Number(this.#context.store.setting(WROTE_AT) ?? 0)
  }

  clear(): void {
    this.#wroteAt = this.#storedWroteAt()
    this.#records.clear()
  }

  #remember(device: DeviceKey, record: SessionRecord | undefined): void {
    this.#records.delete(device)
    this.#records.set(device, record)
    if (this.#records.size > CACHED_RECORDS) {
      const [oldest] = this.#records.keys()
      if (oldest !== undefined) this.#records.delete(oldest)
    }
  }
}
