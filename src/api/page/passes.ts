/**
 * What lets a browser in. A *ticket* is in the address Dure prints: it opens the page once, within minutes. For it a browser gets two halves of a
 * *session*: one in a cookie that scripts cannot read, one that the page sends along itself. Browsers hand a cookie to every port of this machine, so
 * the cookie alone opens nothing; and what another page can send has no second half (attacks 90, 92).
 *
 * Sessions are not kept: both halves follow from the session's id and the secret, which lives as long as its file. So they outlast a restart, and
 * a new secret ends them all.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Long enough to find the browser. */
export const TICKET_LIFETIME_MS = 10 * 60_000
/** Tickets not used yet; more are only ever asked for by mistake, and the oldest goes. */
const MAX_TICKETS = 16
/** A browser that was not opened for so long asks the person again. */
export const SESSION_LIFETIME_MS = 90 * 24 * 3600_000

const BYTES = 24

export interface Session {
  readonly cookie: string
  /** what the page sends beside it */
  readonly header: string
}

export interface Passes {
  /** For one use. */
  ticket(): string
  /** undefined when there is no such ticket (any more). */
  exchange(ticket: string): Session | undefined
  /** Both halves of one session that has not ended. */
  admits(cookie: string | undefined, header: string | undefined): boolean
}

/** @param secret 32 bytes */
export function createPasses(secret: Uint8Array, now: () => number): Passes {
  const tickets = new Map<string, number>()
  const half = (which: 'cookie' | 'header' | 'ticket', text: string): string => createHmac('sha256', secret).update(`${which} ${text}`).digest('base64url')

  return {
    ticket() {
      const ticket = randomBytes(BYTES).toString('base64url')
      tickets.set(half('ticket', ticket), now() + TICKET_LIFETIME_MS)
      for (const oldest of tickets.keys()) {
        if (tickets.size <= MAX_TICKETS) break
        tickets.delete(oldest)
      }
      return ticket
    },
    exchange(ticket) {
      // Looked up by its keyed hash: how long that takes says nothing of the ticket (attack 107).
      const name = half('ticket', ticket)
      const ends = tickets.get(name)
      tickets.delete(name)
      if (ends === undefined || ends < now()) return undefined
      const id = `${(now() + SESSION_LIFETIME_MS).toString(36)}.${randomBytes(BYTES).toString('base64url')}`
      return { cookie: `${id}.${half('cookie', id)}`, header: half('header', id) }
    },
    admits(cookie, header) {
      const [ends = '', random = '', mac = ''] = cookie?.split('.') ?? []
      const id = `${ends}.${random}`
      const right = equal(mac, half('cookie', id)) && equal(header ?? '', half('header', id))
      return right && Number.parseInt(ends, 36) > now()
    },
  }
}

/** In constant time for texts of one length; the length of a hash is no secret. */
function equal(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
