/**
 * JSON Schemas of what goes in and comes out. Answers are written by these schemas and nothing else, so a field that is
 * not listed here never leaves the process.
 */
export type Schema = Readonly<Record<string, unknown>>

const text = { type: 'string' } as const
const number = { type: 'number' } as const
const flag = { type: 'boolean' } as const

export const list = (items: Schema): Schema => ({ type: 'array', items })
/** Fields whose name ends in `?` may be missing. */
export function object(fields: Readonly<Record<string, Schema>>): Schema {
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  for (const [name, schema] of Object.entries(fields)) {
    const optional = name.endsWith('?')
    const bare = optional ? name.slice(0, -1) : name
    properties[bare] = schema
    if (!optional) required.push(bare)
  }
  return { type: 'object', properties, required, additionalProperties: false }
}

// ---------------------------------------------------------------- in

// Where the messenger has a limit and words for it, the shape alone is checked here: people read its error, with its hint.

export const messageText = { type: 'string', minLength: 1 } as const
/** a name we gave, an unambiguous start of one, or the hex account */
export const contactName = { type: 'string', minLength: 1, maxLength: 256 } as const
export const personName = { type: 'string', maxLength: 4_096 } as const
export const messageId = { type: 'string', pattern: '^[0-9a-f]{32}$' } as const
/** the start of its key, or its peer id */
export const relayId = { type: 'string', minLength: 4, maxLength: 64 } as const
export const tokenId = { type: 'string', pattern: '^[0-9a-f]{8}$' } as const
export const shareId = { type: 'string', pattern: '^[\\w-]{32}$' } as const
export const requestId = { type: 'string', minLength: 1, maxLength: 32 } as const
/** 32 emoji of a family would not fit in 64 bytes; '' takes the reaction back */
export const emoji = { type: 'string', maxLength: 64 } as const
export const linkText = { type: 'string', minLength: 1, maxLength: 8_192 } as const
/** base64 of 64 KiB */
export const pictureText = { type: ['string', 'null'], maxLength: 87_384, pattern: '^[A-Za-z0-9+/]*={0,2}$' } as const
export const timerSeconds = { type: 'integer' } as const
export const lifetimeSeconds = { type: 'integer' } as const
export const passphraseText = { type: ['string', 'null'], minLength: 1, maxLength: 1_024 } as const
export const passphrase = { type: 'string', minLength: 1, maxLength: 1_024 } as const
/** 24 words, with room for careless spacing */
const recoveryWords = { type: 'string', minLength: 1, maxLength: 1_024 } as const
export const firstRun = { name: personName, 'passphrase?': passphrase, 'words?': recoveryWords }
export const limitText = { type: 'string', pattern: '^[1-9][0-9]{0,3}$' } as const
export const searchText = { type: 'string', minLength: 1, maxLength: 256 } as const
/** of the page itself, or what was begun to be written to a contact (hex) or in a channel (its id) */
export const noteKey = { type: 'string', pattern: '^(page|draft:([0-9a-f]{64}|[a-z2-7]{52}))$' } as const
export const noteText = { type: 'string', maxLength: 65_536 } as const
export const freeText = text
export const yesOrNo = flag

// ---------------------------------------------------------------- out

export const networkKind = { type: 'string', enum: ['public', 'private'] } as const
const delivery = { type: 'string', enum: ['queued', 'held', 'mailbox', 'sent', 'delivered', 'read'] } as const

export const self = object({ name: text, account: text, fingerprint: text, peerId: text, device: text })

export const status = object({
  name: text,
  account: text,
  fingerprint: text,
  peerId: text,
  device: text,
  addresses: list(text),
  peers: number,
  contacts: number,
  requests: number,
  waiting: number,
  readReceipts: flag,
  hideAddress: flag,
  network: networkKind,
  relays: object({ reserved: number, used: number, found: number }),
  mailboxes: number,
  protection: text,
  wordsWaiting: flag,
})

export const relayFound = object({ id: text, link: text, addresses: list(text) })
export const relay = object({ id: text, peerId: text, addresses: list(text), state: text, found: flag, mailboxes: text, contacts: number, addedAt: number })

export const invite = object({ link: text, expires: number, inPerson: flag })

/** what to know about a name before believing it */
const likeness = { 'lookalike?': text, 'mixedScript?': flag }

export const pair = object({ name: text, account: text, 'code?': text, state: text, 'left?': flag, verified: flag, ...likeness })

export const request = object({ id: text, kind: text, name: text, account: text, 'code?': text, at: number, waiting: number, ...likeness })

export const message = object({
  id: text,
  contact: text,
  name: text,
  direction: text,
  kind: text,
  text,
  at: number,
  'replyTo?': text,
  'editedAt?': number,
  deleted: flag,
  reactions: list(object({ by: text, emoji: text })),
  'expiresAt?': number,
  'delivery?': delivery,
  'ledger?': list(object({ device: text, name: text, state: delivery, at: number, 'mailboxes?': list(object({ relay: text, at: number, keeps: flag })) })),
})

export const contact = object({
  account: text,
  name: text,
  profileName: text,
  state: text,
  verified: flag,
  fingerprint: text,
  online: flag,
  unread: number,
  muted: flag,
  'picture?': text,
  timer: number,
  devices: list(object({ device: text, name: text, addresses: list(text) })),
  'last?': message,
  ...likeness,
})

export const verification = object({ name: text, safetyNumber: text, verified: flag })

export const imported = object({ contacts: number, follows: number, messages: number, skipped: number })

export const note = object({ text })

export const token = object({ id: text, name: text, scopes: list(text), createdAt: number })
/** `token` itself is in no other answer */
export const newToken = object({ token: text, id: text, name: text, scopes: list(text), createdAt: number })

export const done = object({ ok: flag })

export const setupState = object({ state: { type: 'string', enum: ['new', 'locked', 'starting', 'running'] } })
export const firstWords = object({ 'words?': text })
export const link = object({ link: text })
export const share = object({ id: text, path: text, text, 'url?': text, 'host?': text, suspicious: flag })
