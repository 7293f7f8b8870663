/**
 * One GET over HTTPS to a name a stranger chose. So nothing of ours goes along (no cookie, no agent string), nobody is sent on
 * elsewhere, and no name leads into the network this device stands in (server-side request forgery): the addresses the name
 * resolves to are judged where the connection takes them, so that a second answer of the name server changes nothing.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Web, WebError } from '../messenger/channels/ports.ts'
import { isPublicAddress } from './address.ts'

const PATH = '/.well-known/dure.json'
/** 64 channels with their ids are 4 KB. */
const MAX_BODY_BYTES = 64 * 1024
/** From the first packet to the last byte: nobody waits for a badge, and a slow server must not hold a place here. */
const DEADLINE_MS = 5_000
/** Host names of RFC 1123 with a dot; a last label that begins with a letter, so that no form of an IP literal passes. */
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** For tests, whose servers stand on this machine with certificates of their own. */
export interface WebOptions {
  readonly ca?: string
  readonly port?: number
  readonly lookup?: (domain: string) => Promise<LookupAddress[]>
  readonly mayAsk?: (address: string) => boolean
  readonly deadlineMs?: number
}

export function createWeb(options: WebOptions = {}): Web {
  const { ca, port = 443, lookup = allAddresses, mayAsk = isPublicAddress, deadlineMs = DEADLINE_MS } = options

  const publicLookup: LookupFunction = (domain, { all }, done) => {
    lookup(domain).then(
      (found) => {
        const addresses = found.filter(({ address }) => mayAsk(address))
        const [first] = addresses
        if (!first) done(found.length > 0 ? new WebError('refused', 'the name leads to a private address') : unreachable(), '')
        else if (all) done(null, addresses)
        else done(null, first.address, first.family)
      },
      () => done(unreachable(), ''),
    )
  }

  return {
    wellKnown(domain) {
      if (!DOMAIN.test(domain)) return Promise.reject(new WebError('refused', 'not a domain name'))
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const asked = request({
        host: domain,
        port,
        path: PATH,
        agent: false, // one request, one connection, none kept
        rejectUnauthorized: true, // whatever the environment says
        lookup: publicLookup,
        headers: { accept: 'application/json', 'accept-encoding': 'identity' },
        ...(ca !== undefined && { ca }),
      })
      const deadline = setTimeout(() => asked.destroy(new WebError('unreachable', 'the server took too long')), deadlineMs)
      asked.on('response', (response) => {
        body(response).then(resolve, (error: unknown) => {
          asked.destroy()
          reject(error as Error)
        })
      })
      asked.on('error', (error) => {
        const { authorizationError } = (asked.socket ?? {}) as Partial<TLSSocket>
        if (error instanceof WebError) reject(error)
        else reject(authorizationError ? new WebError('refused', 'the certificate is not valid for this domain') : unreachable())
      })
      asked.end()
      return promise.finally(() => clearTimeout(deadline))
    },
  }
}

const unreachable = (): WebError => new WebError('unreachable', 'the server was not reached')

const allAddresses = (domain: string): Promise<LookupAddress[]> =>
  new Promise((resolve, reject) => systemLookup(domain, { all: true }, (error, found) => (error ? reject(error) : resolve(found))))

async function body(response: IncomingMessage): Promise<string> {
  const { statusCode = 0, headers } = response
  if (statusCode >= 300 && statusCode < 400) throw new WebError('refused', 'the server sends to another place')
  if (statusCode === 404 || statusCode === 410) throw new WebError('missing', 'there is no such file')
  if (statusCode !== 200) throw new WebError('unreachable', `the server answered ${statusCode}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new WebError('refused', 'the file came compressed')
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_BODY_BYTES) throw new WebError('too-large', `the file is over ${MAX_BODY_BYTES} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof WebError ? error : unreachable() // cut before its end
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new WebError('refused', 'the file is not UTF-8')
  }
}
