/**
 * `@libp2p/websockets` with the limits it has no options for. Its listener reads a socket's first byte without a time
 * limit and before counting it, lets the HTTP server under it wait for ever, hangs in `close` while such a socket is open,
 * and accepts messages of 100 MiB from peers that have not authenticated. Its inner servers are reached through fields it
 * calls private; when an update renames them, creating a listener fails loudly and the tests with it.
 */
import type { Server, Socket } from 'node:net'
import type { Listener, Transport } from '@libp2p/interface'
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets'
import { INBOUND_UPGRADE_TIMEOUT, MAX_SOCKETS, MAX_WEBSOCKET_MESSAGE, MAX_WRITE_BUFFER, SOCKET_INACTIVITY } from './limits.ts'

interface Inner {
  readonly server: Server
  readonly wsServer: {
    readonly options: { maxPayload: number }
    on(event: 'connection', listener: (socket: unknown, request: { socket: Socket }) => void): void
  }
}

export function hardenedWebSockets(): (components: WebSocketsComponents) => Transport {
  return components => {
    const transport = webSockets({ maxBufferedAmount: MAX_WRITE_BUFFER })(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = options => harden(createListener(options))
    return transport
  }
}

function harden(listener: Listener): Listener {
  const { server, wsServer } = listener as unknown as Partial<Inner>
  if (!server || !wsServer?.options) throw new TypeError('@libp2p/websockets changed inside: its listener can not be limited')
  server.maxConnections = MAX_SOCKETS
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
  wsServer.on('connection', (_, { socket }) => {
    clearTimeout(waiting.get(socket))
    waiting.delete(socket)
    socket.setTimeout(SOCKET_INACTIVITY, () => socket.destroy())
  })
  const close = listener.close.bind(listener)
  listener.close = async () => {
    const closed = close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return listener
}
