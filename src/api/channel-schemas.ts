/** Shapes of what goes in and comes out about channels. See schemas.ts. */
import { list, object } from './schemas.ts'

const text = { type: 'string' } as const
const number = { type: 'number' } as const
const flag = { type: 'boolean' } as const

// ---------------------------------------------------------------- in

/** our name for a channel, an unambiguous start of it, or its id */
export const channelName = { type: 'string', minLength: 1, maxLength: 256 } as const
export const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const
/** base64 of a picture of 10 MiB */
const picture = { type: 'string', maxLength: 13_981_016, pattern: '^[A-Za-z0-9+/]*={0,2}$' } as const
const time = { type: 'integer', minimum: 0 } as const

export const postFields = {
  'title?': text,
  text,
  'links?': list(text),
  'media?': list(object({ bytes: picture, alt: text })),
  'event?': object({ start: time, end: time, place: text }),
  'offer?': object({ from: time, until: time, terms: text }),
}

export const manifestFields = {
  'description?': text,
  'logo?': picture,
  'languages?': list(text),
  'region?': text,
  'links?': list(text),
  'hours?': text,
  'domain?': text,
  'rate?': { type: 'integer' },
}

export const scope = { type: 'string', enum: ['text', 'pictures', 'events', 'offers', 'moderate'] } as const
/** Of exported evidence; two entries and what proves their keys. */
export const evidenceText = { type: 'string', minLength: 1, maxLength: 700_000, pattern: '^[A-Za-z0-9+/]*={0,2}$' } as const
/** The 24 words, with room for careless spacing. */
export const wordsText = { type: 'string', minLength: 1, maxLength: 1_024 } as const

// ---------------------------------------------------------------- out

const media = object({ hash: text, size: number, type: text, width: number, height: number, alt: text, held: flag })

export const post = object({
  id: text,
  channel: text,
  channelName: text,
  author: text,
  log: text,
  seq: number,
  at: number,
  kind: text,
  'title?': text,
  text,
  links: list(text),
  media: list(media),
  'event?': object({ start: number, end: number, place: text }),
  'offer?': object({ from: number, until: number, terms: text, state: text }),
  'editedAt?': number,
  'withdrawn?': object({ at: number, reason: text }),
  unread: flag,
})

export const posts = object({ posts: list(post), more: flag })

const domain = object({ domain: text, state: text, 'provenAt?': number, 'suspicious?': text })

export const channel = object({
  id: text,
  name: text,
  description: text,
  role: text,
  'following?': text,
  muted: flag,
  dailyLimit: number,
  unread: number,
  entries: number,
  held: number,
  languages: list(text),
  'region?': text,
  links: list(text),
  'hours?': text,
  'domain?': domain,
  'logo?': media,
  rate: number,
  peers: number,
  waiting: number,
  'frozen?': text,
  'lookalike?': text,
  'last?': post,
})

export const published = object({ 'post?': post, 'waiting?': text })

export const draft = object({ id: text, at: number, kind: text, text, waiting: text })

export const staff = object({ name: text, log: text, state: text, scope: list(text), entries: number, notAfter: number })

export const proof = object({
  id: text,
  name: text,
  entries: number,
  held: number,
  missing: list(object({ author: text, from: number, to: number, saidBy: text })),
  authors: list(staff),
  rootKey: text,
  rotations: number,
  'domain?': domain,
  'frozen?': text,
  lines: list(text),
})

export const evidence = object({ id: text, text, bytes: text })
export const checked = object({ text, channel: text })
export const link = object({ link: text })
export const words = object({ words: text })
export const invitation = object({ id: text, channel: text, channelName: text, from: text, scope: list(text), notAfter: number, at: number })
