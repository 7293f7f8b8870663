import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isPublicAddress } from '../../../src/domains/address.ts'
import { createWeb, type WebOptions } from '../../../src/domains/index.ts'
import { type Certificate, selfSigned } from '../../support/certificate.ts'

const DOMAIN = 'bakery.example'
const LOOPBACK = [{ address: '127.0.0.1', family: 4 }]
const FILE = '{"dure":1,"channels":[]}'

describe('asking a domain for its file', () => {
  const servers: Server[] = []
  const certificate = selfSigned([DOMAIN])

  async function serve(answer: RequestListener, shown: Certificate = certificate): Promise<number> {
    const server = createServer({ cert: shown.cert, key: shown.key }, answer)
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const web = (port: number, options: WebOptions = {}) =>
    createWeb({ ca: certificate.cert, port, lookup: async () => LOOPBACK, mayAsk: () => true, ...options })
  const refuses = (asked: Promise<string>, code: string): Promise<void> => assert.rejects(asked, { name: 'WebError', code })

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  it('gets it over HTTPS, from the fixed place, saying nothing of itself', async () => {
    let seen: { method?: string; url?: string; headers?: Record<string, unknown> } = {}
    const port = await serve((request, response) => {
      seen = { method: request.method, url: request.url, headers: request.headers } as typeof seen
      response.end(FILE)
    })
    assert.equal(await web(port).wellKnown(DOMAIN), FILE)
    assert.equal(seen.method, 'GET')
    assert.equal(seen.url, '/.well-known/dure.json')
    assert.deepEqual(Object.keys(seen.headers ?? {}).sort(), ['accept', 'accept-encoding', 'connection', 'host'])
  })

  it('follows no redirect, wherever it leads', async () => {
    let asked = 0
    const port = await serve((_, response) => {
      asked++
      response.writeHead(302, { location: `https://${DOMAIN}/elsewhere` }).end()
    })
    await refuses(web(port).wellKnown(DOMAIN), 'refused')
    assert.equal(asked, 1)
  })

  it('trusts no certificate of another name, none that is over, and none nobody vouches for', async () => {
    const other = selfSigned(['other.example'])
    const old = selfSigned([DOMAIN], new Date(Date.now() - 1_000))
    const answer: RequestListener = (_, response) => response.end(FILE)
    await refuses(web(await serve(answer, other), { ca: other.cert }).wellKnown(DOMAIN), 'refused')
    await refuses(web(await serve(answer, old), { ca: old.cert }).wellKnown(DOMAIN), 'refused')
    await refuses(web(await serve(answer, selfSigned([DOMAIN]))).wellKnown(DOMAIN), 'refused')
  })

  it('leads nobody into the own network, whatever the name resolves to', async () => {
    let asked = 0
    const port = await serve((_, response) => {
      asked++
      response.end(FILE)
    })
    const strict = createWeb({ ca: certificate.cert, port, lookup: async () => LOOPBACK })
    await refuses(strict.wellKnown(DOMAIN), 'refused')
    assert.equal(asked, 0)
  })

  it('uses the public ones of several addresses', async () => {
    const port = await serve((_, response) => response.end(FILE))
    const mixed = web(port, { lookup: async () => [{ address: '10.0.0.1', family: 4 }, ...LOOPBACK], mayAsk: (address) => address === '127.0.0.1' })
    assert.equal(await mixed.wellKnown(DOMAIN), FILE)
  })

  it('takes no address for a name', async () => {
    const strict = web(1)
    for (const odd of ['127.0.0.1', '[::1]', '1.2.3', '0x7f.1', '2130706433', 'localhost', 'a.1', 'A.EXAMPLE', 'a..example', '-a.example', 'a.example:22', 'a.example/x', 'user@a.example', '', 'ä.example']) {
      await refuses(strict.wellKnown(odd), 'refused')
    }
  })

  it('stops reading what is too large, also when it never ends', async () => {
    const port = await serve((_, response) => {
      const more = (): void => void (response.destroyed || response.write('x'.repeat(16_384), more))
      more()
    })
    await refuses(web(port).wellKnown(DOMAIN), 'too-large')
  })

  it('waits for nobody: the deadline counts to the last byte', async () => {
    const silent = await serve(() => {})
    await refuses(web(silent, { deadlineMs: 200 }).wellKnown(DOMAIN), 'unreachable')
    const stalls = await serve((_, response) => void response.write('{'))
    await refuses(web(stalls, { deadlineMs: 200 }).wellKnown(DOMAIN), 'unreachable')
    const names = web(stalls, { lookup: () => new Promise(() => {}), deadlineMs: 200 })
    await refuses(names.wellKnown(DOMAIN), 'unreachable')
  })

  it('tells a file that is not there from a server that fails', async () => {
    const status = (code: number): RequestListener => (_, response) => void response.writeHead(code).end()
    await refuses(web(await serve(status(404))).wellKnown(DOMAIN), 'missing')
    await refuses(web(await serve(status(410))).wellKnown(DOMAIN), 'missing')
    await refuses(web(await serve(status(500))).wellKnown(DOMAIN), 'unreachable')
    await refuses(web(await serve((request) => request.socket.destroy())).wellKnown(DOMAIN), 'unreachable')
    await refuses(web(1).wellKnown(DOMAIN), 'unreachable')
    await refuses(web(1, { lookup: () => Promise.reject(new Error('no such name')) }).wellKnown(DOMAIN), 'unreachable')
    await refuses(web(1, { lookup: async () => [] }).wellKnown(DOMAIN), 'unreachable')
  })

  it('takes neither compressed bytes nor bytes that are no text', async () => {
    const packed = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'))
    await refuses(web(packed).wellKnown(DOMAIN), 'refused')
    const odd = await serve((_, response) => response.end(Buffer.from([0xff, 0xfe])))
    await refuses(web(odd).wellKnown(DOMAIN), 'refused')
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{', () => response.destroy())
    })
    await refuses(web(cut).wellKnown(DOMAIN), 'unreachable')
  })
})

describe('a public address', () => {
  it('is one that the whole internet sees', () => {
    for (const address of ['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1']) assert.ok(isPublicAddress(address), address)
    for (const address of [
      '127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1',
      '255.255.255.255', '192.0.2.1', '198.18.0.1', '::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:1.1.1.1',
      '64:ff9b::10.0.0.1', '2002:a00:1::', '2001:db8::1', '2001::1', 'fe80::1%eth0', 'bakery.example', '',
    ]) assert.ok(!isPublicAddress(address), address)
  })
})
