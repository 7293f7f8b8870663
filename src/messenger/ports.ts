/**
 * What the messenger needs from the world, declared by its user. `src/store` and `src/net` implement these for real;
 * `test/support` has the in-memory twins. Identifiers are lowercase hex strings here: an `AccountKey` is a root key,
 * a `DeviceKey` a device's Ed25519 key. Times are milliseconds since the epoch unless a name says otherwise.
 */
import type { Random } from '../../protocols/suite/index.ts'
import type { ChannelChange, ChannelStore } from './channels/ports.ts'
import type { MailboxChange, MailboxStore } from './mailboxes/ports.ts'

export type AccountKey = string
export type DeviceKey = string
/** 16 random bytes chosen by the author, as hex. */
export type MessageId = string

// ---------------------------------------------------------------- store

/** The identity of this profile. Secret: lives only in the encrypted database. */
export interface SelfRow {
  /** 32 bytes behind the recovery phrase */
  readonly entropy: Uint8Array
  /** `encodeDeviceSecrets` */
  readonly device: Uint8Array
  /** our own signed device list as published */
  readonly deviceList: Uint8Array
  readonly name: string
  readonly picture: Uint8Array | undefined
}

/**
 * `asked`: we scanned their code and wait for their yes; `asking`: they answered our invite and wait for ours;
 * `refused`: one side said no, kept so that a repeat is recognised.
 */
export type ContactState = 'asked' | 'asking' | 'accepted' | 'refused' | 'blocked'

export interface ContactRow {
  readonly account: AccountKey
  readonly state: ContactState
  /** what they call themselves */
  readonly profileName: string
  /** what we call them; unique among contacts, the name commands use */
  readonly name: string
  readonly picture: Uint8Array | undefined
  /** newest signed device list we accepted */
  readonly deviceList: Uint8Array
  /** dial hints a device, newest first */
  readonly addresses: Readonly<Record<DeviceKey, readonly string[]>>
  /** the safety number was compared, or both scanned each other */
  readonly verified: boolean
  /** we read their key from a code shown to us in person */
  readonly scanned: boolean
  /** disappearing timer of the conversation in seconds; 0 is off */
  readonly timer: number
  readonly addedAt: number
}

/** A question only the person can answer. */
export interface RequestRow {
  /** short, typed by people: 6 lowercase base32 characters */
  readonly id: string
  readonly kind: 'pairing' | 'new-device'
  readonly account: AccountKey
  readonly device: DeviceKey
  /** the short code to compare, for a pairing */
  readonly code: string | undefined
  readonly at: number
}

/** One invite we made, or one we answered (`outgoing`), as its protocol state encodes it. */
export interface InviteRow {
  /** hex of the invite id */
  readonly id: string
  readonly role: 'inviter' | 'scanner'
  readonly state: Uint8Array
  readonly expires: number
}

/** Prekeys handed to an accepted contact for a session outside an invite; found by their id. */
export interface PrekeyRow {
  readonly id: number
  readonly account: AccountKey
  /** `encodePrekeySecrets` */
  readonly secrets: Uint8Array
  /** nothing made with them is answered from then on */
  readonly expires: number
  /** for the bundle that lies in the account's queues */
  readonly laidOut?: true
}

export type MessageKind = 'text' | 'notice' | 'unknown'
/** Outgoing: queued here -> mailbox: a node keeps it for them -> sent: a device stored it -> delivered: it said so inside the encryption -> read. */
export type DeliveryState = 'queued' | 'held' | 'mailbox' | 'sent' | 'delivered' | 'read'

export interface MessageRow {
  readonly id: MessageId
  readonly contact: AccountKey
  readonly direction: 'in' | 'out'
  readonly kind: MessageKind
  /** '' once deleted; for a notice its code, see views.ts; for an unknown kind '' with the bytes in `raw` */
  readonly text: string
  readonly raw: Uint8Array | undefined
  /** author's clock */
  readonly at: number
  /** our clock when it was committed */
  readonly storedAt: number
  readonly replyTo: MessageId | undefined
  readonly editedAt: number | undefined
  readonly deletedAt: number | undefined
  /** account -> emoji */
  readonly reactions: Readonly<Record<AccountKey, string>>
  /** seconds, 0 for never */
  readonly expireAfter: number
  /** when it disappears here; set when the countdown starts (sent, or read) */
  readonly expiresAt: number | undefined
  /** incoming: shown to the person */
  readonly readAt: number | undefined
  /** incoming: the receipt we owe or have sent */
  readonly receipt: 'none' | 'delivered' | 'read'
  /** outgoing: the least advanced device's state */
  readonly delivery: DeliveryState | undefined
}

/** A stored row with the order in which it came; larger is later. */
export type StoredMessage = MessageRow & { readonly seq: number }

/** One content on its way to one device. Never leaves before its commit; the same bytes go out until acknowledged. */
export interface OutboxRow {
  /** message or content id the item carries, as hex, and the device: together the key */
  readonly id: MessageId
  readonly device: DeviceKey
  readonly contact: AccountKey
  /** encoded content, kept until acknowledged so that a renewed session can seal it again */
  readonly content: Uint8Array
  /** sealed bytes; undefined while there is no session with the device */
  readonly envelope: Uint8Array | undefined
  /** waits for the person's decision about a changed device */
  readonly held: boolean
  readonly queuedAt: number
}
export type StoredOutboxItem = OutboxRow & { readonly seq: number }

/** One line of the delivery ledger. */
export interface LedgerRow {
  readonly message: MessageId
  readonly device: DeviceKey
  readonly state: DeliveryState
  readonly at: number
  /** relays that took it to keep for the device, in that order, whatever became of it since; undefined: none did */
  readonly mailboxes?: readonly LeftWith[]
}

export interface LeftWith {
  /** as people call it: the first eight characters of its key */
  readonly relay: string
  readonly at: number
}

/**
 * The changes one step makes; a list of them is one transaction. `put` replaces the row of the same key, `add` keeps
 * the first. Plain data, so that a step can be tested by looking at what it would change.
 */
export type Change =
  | { readonly put: 'self'; readonly row: SelfRow }
  | { readonly put: 'setting'; readonly key: string; readonly value: string }
  | { readonly put: 'contact'; readonly row: ContactRow }
  | { readonly remove: 'contact'; readonly account: AccountKey }
  | { readonly put: 'request'; readonly row: RequestRow }
  | { readonly remove: 'request'; readonly id: string }
  | { readonly put: 'invite'; readonly row: InviteRow }
  | { readonly remove: 'invite'; readonly id: string }
  | { readonly put: 'prekey'; readonly row: PrekeyRow }
  | { readonly remove: 'prekey'; readonly id: number }
  | { readonly put: 'session'; readonly device: DeviceKey; readonly record: Uint8Array }
  | { readonly remove: 'session'; readonly device: DeviceKey }
  /** `above`: directly before that message of the same conversation in its history, not at the end */
  | { readonly add: 'message'; readonly row: MessageRow; readonly above?: MessageId }
  | { readonly put: 'message'; readonly row: MessageRow }
  | { readonly remove: 'message'; readonly id: MessageId }
  | { readonly put: 'outbox'; readonly row: OutboxRow }
  | { readonly remove: 'outbox'; readonly id: MessageId; readonly device: DeviceKey }
  /** without `mailboxes`: those it had stay */
  | { readonly put: 'ledger'; readonly row: LedgerRow }
  | ChannelChange
  | MailboxChange

/** The newest rows, or those next to a message: in the one direction or the other. */
export interface Page {
  /** rows older than this message */
  readonly before?: MessageId
  /** rows newer than this message */
  readonly after?: MessageId
  readonly limit: number
}

/**
 * The encrypted database. Reads are synchronous and see every change handed to `commit` before them, flushed or not.
 */
export interface Store extends ChannelStore, MailboxStore {
  /**
   * All or nothing, durable (fsync) when the promise resolves. Calls made in the same turn share one transaction and
   * stay in order. Rejects with a StoreError; then nothing of this call, nor of any other call waiting with it, is stored.
   */
  commit(changes: readonly Change[]): Promise<void>
  /** Resolves when all that reads show now is durable: at once when nothing is waiting. Rejects as `commit` does. */
  settled(): Promise<void>
  /** Called synchronously when a transaction failed, before the promises reject: forget what was built on it. */
  onRollback(listener: () => void): void

  self(): SelfRow | undefined
  setting(key: string): string | undefined
  contacts(): ContactRow[]
  requests(): RequestRow[]
  invites(): InviteRow[]
  prekey(id: number): PrekeyRow | undefined
  /** Those that end first, first. */
  prekeys(account?: AccountKey): PrekeyRow[]
  session(device: DeviceKey): Uint8Array | undefined
  sessionDevices(): DeviceKey[]
  message(id: MessageId): StoredMessage | undefined
  /** A page of a conversation, oldest first. */
  history(contact: AccountKey, page: Page): StoredMessage[]
  /** Substring search, newest first; any script, case-insensitive, from one character up. */
  search(text: string, page: { readonly contact?: AccountKey; readonly limit: number }): StoredMessage[]
  unread(contact: AccountKey): number
  /** Incoming messages up to and including this one (or all) that the person has not seen. */
  unreadMessages(contact: AccountKey, upTo?: MessageId): StoredMessage[]
  /** Incoming messages for which the delivered receipt was not queued yet. */
  owedReceipts(limit: number): StoredMessage[]
  lastMessage(contact: AccountKey): StoredMessage | undefined
  /** Messages whose time to disappear has come, and when the next one comes. */
  expired(now: number): StoredMessage[]
  nextExpiry(): number | undefined
  ledger(message: MessageId): LedgerRow[]
  /** In the order they were queued. */
  outbox(device?: DeviceKey): StoredOutboxItem[]
  /** Every message in order, for export; lazily. */
  allMessages(): IterableIterator<StoredMessage>
  /** True when the database is older than the last one this profile ran with: sessions must be renewed (attack 101). */
  readonly rolledBack: boolean
  close(): void
}

// ---------------------------------------------------------------- courier

/** What the other device says of an envelope, after its commit. */
export type Verdict =
  /** opened and durably stored, now or before */
  | 'stored'
  /** it has no session that opens this: start a new one */
  | 'no-session'

export interface CourierHandlers {
  /** May this device talk to us at all? Strangers and blocked devices are hung up on without a word (attack 67). */
  admits(device: DeviceKey): boolean
  /** Rejects for envelopes that are garbage: the stream is dropped. */
  envelope(from: DeviceKey, envelope: Uint8Array): Promise<Verdict>
  /** One request of the pairing protocol, one reply. Rejects: the stream is reset, the requester learns nothing. */
  pairing(from: DeviceKey, request: Uint8Array): Promise<Uint8Array>
  /** A connection to a device stands (it called, we called, or it appeared on the local network). */
  appeared(device: DeviceKey): void
  vanished(device: DeviceKey): void
  /** We may be elsewhere than before, or in touch again: what failed may succeed now, and what seems to stand may be gone. */
  networkChanged(): void
  /** Our own dialable addresses changed. */
  addressesChanged(addresses: readonly string[]): void
}

/** A node that lets others call us. */
export interface RelayAt {
  /** its key */
  readonly peer: DeviceKey
  /** multiaddrs without its id */
  readonly addresses: readonly string[]
}

/** Whether strangers may be asked whom the person did not name. */
export type NetworkKind = 'public' | 'private'

/** Looks for relays among strangers. Undefined: nobody of the network answered. */
export type RelaySearch = () => Promise<readonly RelayAt[] | undefined>

/** `reserved`: we can be called there; `trying`: not yet; `away`: it did not answer or has no place, and is asked again. */
export type RelayState = 'reserved' | 'trying' | 'away'

/** Bytes between devices. Authenticates the device at the other end; knows nothing of accounts or content. */
export interface Courier {
  /** Before `start`. */
  serve(handlers: CourierHandlers): void
  start(): Promise<void>
  stop(): Promise<void>
  /**
   * Hands an envelope to a device over the kept direct stream, dialling when needed; envelopes to one device arrive in
   * the order of the calls and may be in flight together. Resolves with the other side's verdict.
   * @throws CourierError code 'unreachable' | 'timeout' | 'refused' | 'stopped': not known to have arrived, send the same bytes again
   */
  send(device: DeviceKey, addresses: readonly string[], envelope: Uint8Array): Promise<Verdict>
  /** @throws CourierError as above */
  pairing(device: DeviceKey, addresses: readonly string[], request: Uint8Array): Promise<Uint8Array>
  /** Only what stands now; starts nothing. */
  connected(device: DeviceKey): boolean
  /** Multiaddrs others can dial, without our peer id; those through relays only while we can be called there. */
  addresses(): readonly string[]
  /** From now on we can be called through these and no others. */
  useRelays(relays: readonly RelayAt[]): void
  relays(): readonly { readonly peer: DeviceKey; readonly state: RelayState }[]
  /**
   * On: we listen nowhere, are told of only through relays, and call others only through relays. Takes effect at once, which ends
   * the connections that stand.
   */
  hideAddress(on: boolean): Promise<void>
  peerCount(): number
}

export class CourierError extends Error {
  override readonly name = 'CourierError'
  readonly code: 'unreachable' | 'timeout' | 'refused' | 'stopped'

  constructor(code: CourierError['code'], message: string) {
    super(message)
    this.code = code
  }
}

// ---------------------------------------------------------------- clock

export interface Clock {
  now(): number
  /** Runs once after `delay` ms unless the returned function is called first. */
  after(delay: number, run: () => void): () => void
}

export type { Random }
