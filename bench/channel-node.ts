/** One of the two processes of channel-sync.ts: a whole node, which serves or follows, and measures what it does. */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { startApp } from '../src/app.ts'
import type { ChannelView } from '../src/messenger/channels/views.ts'

export type ToNode =
  | { readonly do: 'link'; readonly channel: string }
  | { readonly do: 'follow'; readonly link: string }
  /** says how fast they came when there are so many; `wholeOf` asks for all there are of that channel */
  | { readonly do: 'await'; readonly what: 'entries' | 'held'; readonly to: number; readonly wholeOf?: string }
export type FromNode =
  | { readonly is: 'ready' }
  | { readonly is: 'link'; readonly link: string }
  | { readonly is: 'followed'; readonly ms: number; readonly bytes: number; readonly posts: number }
  | { readonly is: 'came'; readonly entries: number; readonly ms: number; readonly cpuMs: number; readonly rss: readonly number[] }

/** Posts a reader sees at once. */
const FIRST_PAGE = 50
const MB = 1e6

const home = process.argv[2] ?? ''
const tell = (message: FromNode): void => void process.send?.(message)

/** What the other side sent, with all the transport puts around it. */
const sockets = new Set<Socket>()
const noteSocket = (message: unknown): void => void sockets.add((message as { socket: Socket }).socket)
subscribe('net.client.socket', noteSocket)
subscribe('net.server.socket', noteSocket)
const received = (): number => [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0)

const listen = ['/ip4/127.0.0.1/tcp/0']
const { messenger } = await startApp({ home, unlock: 'key-file', listen, channelListen: listen, mdns: false, dht: false, network: 'private', bootstrap: [], logLevel: 'warn', onStop: () => undefined })
const { channels } = messenger

async function follow(link: string): Promise<void> {
  const before = received()
  const begun = performance.now()
  const { name } = await channels.follow(link, { private: false })
  const { posts } = await channels.read(name, { limit: FIRST_PAGE })
  tell({ is: 'followed', ms: performance.now() - begun, bytes: received() - before, posts: posts.length })
}

/** Counted from the first that is committed to the last: connecting is not the figure. Memory at every tenth of the way. */
async function came({ what, to, wholeOf }: Extract<ToNode, { do: 'await' }>): Promise<void> {
  const rss: number[] = []
  let first: { readonly have: number; readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined
  const last = Promise.withResolvers<FromNode>()
  const progress = (channel: ChannelView): void => {
    const have = channel[what]
    first ??= { have, at: performance.now(), cpu: process.cpuUsage() }
    const tenth = Math.floor((10 * (have - first.have)) / Math.max(1, to - first.have))
    while (rss.length <= tenth) rss.push(process.memoryUsage.rss() / MB)
    if (have < to) return
    const { user, system } = process.cpuUsage(first.cpu)
    last.resolve({ is: 'came', entries: to - first.have, ms: performance.now() - first.at, cpuMs: (user + system) / 1000, rss })
  }
  messenger.on((event) => {
    if (event.type === 'channel') progress(event.channel)
  })
  // It also checks everything once more, which is not waited for here.
  if (wholeOf !== undefined) {
    channels.verify(wholeOf, { all: true }).then(({ held }) => {
      if (held < to) last.reject(new Error(`only ${held} of ${to} entries came`))
    }, last.reject)
  }
  tell(await last.promise)
}

process.on('message', (message: ToNode) => {
  switch (message.do) {
    case 'link': return tell({ is: 'link', link: channels.link(message.channel) })
    case 'follow': return void follow(message.link)
    case 'await': return void came(message)
  }
})
process.on('disconnect', () => process.exit())
tell({ is: 'ready' })
