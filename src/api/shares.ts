/**
 * What a website or a program hands over to be sent, until a person has chosen to whom. It is kept in memory and for minutes: nothing is sent from
 * here, and nothing is asked of the address in it (attack 96).
 */
import { randomBytes } from 'node:crypto'
import { suspiciousDomain } from '../../protocols/lookalike/index.ts'
import { MessengerError } from '../messenger/errors.ts'

/** Characters. Fits in one message and one post, with words of the person's own beside it. */
export const MAX_SHARED_TEXT = 4_096
/** As long as the addresses that a conversation shows as such. */
export const MAX_SHARED_URL = 2_000
/** Long enough to find the page and unlock it. */
export const SHARE_LIFETIME_MS = 10 * 60_000
/** What one person can have begun at a time; the oldest goes. */
const MAX_SHARES = 16
const ID_BYTES = 24
/** What no line of text needs, and some terminals obey. */
const CONTROLS = /(?![\t\n])[\u0000-\u001f\u007f-\u009f]/g

export type ShareErrorCode = 'share-empty' | 'share-too-long' | 'share-address'

const HINTS: Readonly<Record<ShareErrorCode, string>> = {
  'share-empty': 'give `text`, `url` or both',
  'share-too-long': 'share an address that leads to the rest',
  'share-address': 'give the whole address of a web page, https:// or http://, without a user in it',
}

/** Neither text holds anything of what was handed over. */
export class ShareError extends Error {
  override readonly name = 'ShareError'
  readonly code: ShareErrorCode
  readonly hint: string

  constructor(code: ShareErrorCode, message: string) {
    super(message)
    this.code = code
    this.hint = HINTS[code]
  }
}

export interface ShareView {
  /** 32 characters */
  readonly id: string
  /** where a browser shows it, below the address of the page */
  readonly path: string
  readonly text: string
  readonly url: string | undefined
  /** where the url leads, as the network has it: letters that look like others show as what they are */
  readonly host: string | undefined
  /** its letters could be taken for others */
  readonly suspicious: boolean
}

export interface Shares {
  /** @throws ShareError */
  put(given: { readonly text?: string; readonly url?: string }): ShareView
  /** @throws MessengerError 'not-found' */
  get(id: string): ShareView
}

export function createShares(now: () => number): Shares {
  const kept = new Map<string, ShareView & { readonly ends: number }>()
  return {
    put(given) {
      const text = textOf(given.text ?? '')
      const url = urlOf(given.url?.trim() ?? '')
      if (text === '' && url === undefined) throw new ShareError('share-empty', 'there is nothing to share')
      const id = randomBytes(ID_BYTES).toString('base64url')
      const share = { id, path: `/#share=${id}`, text, url: url?.href, host: url?.host, suspicious: url !== undefined && isSuspicious(url) }
      kept.set(id, { ...share, ends: now() + SHARE_LIFETIME_MS })
      for (const oldest of kept.keys()) {
        if (kept.size <= MAX_SHARES) break
        kept.delete(oldest)
      }
      return share
    },
    get(id) {
      const share = kept.get(id)
      if (share && share.ends >= now()) return share
      kept.delete(id)
      throw new MessengerError('not-found', 'what was handed over is not here any more', 'share it once more where it came from')
    },
  }
}

function textOf(given: string): string {
  const text = given.replace(/\r\n?/g, '\n').replace(CONTROLS, '').toWellFormed().trim()
  if (text.length > MAX_SHARED_TEXT) throw new ShareError('share-too-long', `the text has ${text.length} characters; ${MAX_SHARED_TEXT} are the most`)
  return text
}

function urlOf(given: string): URL | undefined {
  if (given === '') return undefined
  const url = URL.parse(given)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new ShareError('share-address', 'this is no address of a web page')
  // a user before the host is there to be taken for it
  if (url.username !== '' || url.password !== '') throw new ShareError('share-address', 'the address names a user before its host')
  if (url.href.length > MAX_SHARED_URL) throw new ShareError('share-too-long', `the address has ${url.href.length} characters; ${MAX_SHARED_URL} are the most`)
  return url
}

/** What stands in brackets is a number. */
const isSuspicious = ({ hostname }: URL): boolean => !hostname.startsWith('[') && suspiciousDomain(hostname) !== undefined
