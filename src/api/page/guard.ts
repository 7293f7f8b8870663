/**
 * Who may speak to the port the page is served on. Any site a person visits can send requests to 127.0.0.1, and any name can be made to lead
 * there (DNS rebinding), so what a browser says of a request is judged before anything else looks at it (attacks 89, 90, 91).
 */
import type { IncomingHttpHeaders } from 'node:http'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export type Refusal = 'wrong-host' | 'foreign-origin' | 'foreign-site'

/** The names a browser has for this port; a host of another name was led here by somebody. */
export const hostsOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`]

/** @returns why nothing is answered, or undefined */
export function judge({ method, path, headers }: Asked, hosts: readonly string[]): Refusal | undefined {
  const { host, origin } = headers
  if (host === undefined || !hosts.includes(host)) return 'wrong-host'
  if (origin !== undefined && origin !== `http://${host}`) return 'foreign-origin'
  const site = headers['sec-fetch-site']
  // Programs that are no browsers say nothing of sites; a browser always does, and no page can make it lie.
  if (site === undefined || site === 'same-origin') return undefined
  return isVisit(method, path, headers) ? undefined : 'foreign-site'
}

/** Somebody types the address, or follows a link to it: that shows the page and does nothing. */
const isVisit = (method: string, path: string, headers: IncomingHttpHeaders): boolean =>
  method === 'GET' && !path.startsWith('/v1/') && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
