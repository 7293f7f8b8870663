/** Figures for Prometheus and a health check, on loopback only. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../config.ts'

type Figures = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface Metrics {
  readonly url: string
  close(): Promise<void>
}

const LOCAL_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/

/** @throws ConfigError when the port is taken */
export async function serveMetrics(port: number, figures: () => Figures): Promise<Metrics> {
  const server = createServer((request, response) => {
    const say = (status: number, text: string): void => void response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end(text)
    // A page in the operator's browser whose name points here has another host (attack 89).
    if (!LOCAL_HOST.test(request.headers.host ?? '')) return say(403, 'not from there\n')
    if (request.method !== 'GET') return say(405, 'only GET\n')
    if (request.url === '/metrics') return say(200, prometheus(figures()))
    if (request.url === '/health') return say(200, 'ok\n')
    return say(404, '/metrics or /health\n')
  })
  await listen(server, port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The text format: names that end in `_total` only grow, all others go up and down. */
export function prometheus(figures: Figures): string {
  return Object.entries(figures)
    .flatMap(([service, values]) =>
      Object.entries(values).flatMap(([name, value]) => {
        const full = `dure_${service}_${name}`
        return [`# TYPE ${full} ${name.endsWith('_total') ? 'counter' : 'gauge'}`, `${full} ${value}`]
      }),
    )
    .join('\n')
    .concat('\n')
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    throw new ConfigError(`port ${port} of this machine is taken`, 'choose another --metrics-port')
  }
}
