/**
 * `@libp2p/websockets` with the limits it has no options for. Its listener reads a socket's first byte without a time
 * limit and before counting it, lets the HTTP server under it wait for ever, hangs in `close` while such a socket is open,
 * accepts messages of 100 MiB from peers that have not authenticated, and lets the error of a malformed frame end the
 * process. And it resets a connection by a code no implementation sends, so that the socket stays open. Its inner servers are reached through fields it
 * calls private; when an update renames them, creating a listener fails loudly and the tests with it.
 */
import type { Server, Socket } from 'node:net'
import type { Listener, Transport } from '@libp2p/interface'
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets'
import { INBOUND_UPGRADE_TIMEOUT, MAX_SOCKETS, MAX_WEBSOCKET_MESSAGE, MAX_WRITE_BUFFER, SOCKET_INACTIVITY } from './limits.ts'

interface Closing {
  close(code?: number, reason?: string): void
  terminate?(): void
}
interface Upgraded extends Closing {
  on(event: 'error', listener: () => void): void
  terminate(): void
}
type Upgrade = (request: { socket: Socket }, socket: unknown, head: unknown, done: (upgraded: Upgraded, request: unknown) => void) => void

interface InnerTransport {
  _connect(...parameters: unknown[]): Promise<Closing>
}
interface Inner {
  readonly server: Server
  readonly wsServer: { readonly options: { maxPayload: number }; handleUpgrade: Upgrade }
}

export function hardenedWebSockets(maxSockets = MAX_SOCKETS): (components: WebSocketsComponents) => Transport {
  return components => {
    const transport = webSockets({ maxBufferedAmount: MAX_WRITE_BUFFER })(components)
    const inner = transport as unknown as InnerTransport
    if (!inner._connect) throw new TypeError('@libp2p/websockets changed inside: its sockets can not be ended')
    const connect = inner._connect.bind(inner)
    inner._connect = async (...parameters) => resettable(await connect(...parameters))
    const createListener = transport.createListener.bind(transport)
    transport.createListener = options => harden(createListener(options), maxSockets)
    return transport
  }
}

/** Reserved for what a socket says of itself: to close with it throws. */
const ABNORMAL = 1006

function resettable<T extends Closing>(socket: T): T {
  const close = socket.close.bind(socket)
  socket.close = (code, reason) => {
    if (code !== ABNORMAL) close(code, reason)
    else if (socket.terminate) socket.terminate()
    else close()
  }
  return socket
}

function harden(listener: Listener, maxSockets: number): Listener {
  const { server, wsServer } = listener as unknown as Partial<Inner>
  if (!server || !wsServer?.options || !wsServer.handleUpgrade) {
    throw new TypeError('@libp2p/websockets changed inside: its listener can not be limited')
  }
  server.maxConnections = maxSockets
  wsServer.options.maxPayload = MAX_WEBSOCKET_MESSAGE
  const sockets = new Set<Socket>()
  const waiting = new Map<Socket, NodeJS.Timeout>()
  server.on('connection', socket => {
    sockets.add(socket)
    waiting.set(socket, setTimeout(() => socket.destroy(), INBOUND_UPGRADE_TIMEOUT))
    socket.on('close', () => {
      sockets.delete(socket)
      clearTimeout(waiting.get(socket))
      waiting.delete(socket)
    })
  })
  const handleUpgrade = wsServer.handleUpgrade.bind(wsServer)
  wsServer.handleUpgrade = (request, socket, head, done) => handleUpgrade(request, socket, head, (upgraded, again) => {
    clearTimeout(waiting.get(request.socket))
    waiting.delete(request.socket)
    request.socket.setTimeout(SOCKET_INACTIVITY, () => request.socket.destroy())
    upgraded.on('error', () => upgraded.terminate())
    done(resettable(upgraded), again)
  })
  const close = listener.close.bind(listener)
  listener.close = async () => {
    const closed = close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return listener
}
