/** The other process of path.ts: a whole node that says when messages arrive, and a bare libp2p node that echoes. */
import { createProfile, startApp } from '../src/app.ts'
import { bareListen } from './bare.ts'

export type ToPeer = { readonly do: 'accept' } | { readonly do: 'count'; readonly messages: number }
export type FromPeer =
  | { readonly is: 'ready'; readonly link: string; readonly bare: string }
  | { readonly is: 'arrived'; readonly at: number }
  | { readonly is: 'counted'; readonly at: number }

const home = process.argv[2] ?? ''
const tell = (message: FromPeer): void => void process.send?.(message)

await createProfile({ home, name: 'Bob', unlock: 'key-file' })
const { messenger } = await startApp({ home, unlock: 'key-file', listen: ['/ip4/127.0.0.1/tcp/0'], channelListen: [], mdns: false, dht: false, network: 'private', bootstrap: [], logLevel: 'silent', onStop: () => undefined })
let missing = 0
messenger.on((event) => {
  if (event.type !== 'message' || event.message.kind !== 'text') return
  const at = performance.timeOrigin + performance.now()
  if (missing === 0) tell({ is: 'arrived', at })
  else if (--missing === 0) tell({ is: 'counted', at })
})
process.on('message', (message: ToPeer) => {
  if (message.do === 'count') missing = message.messages
  else void messenger.accept(messenger.requests()[0]?.id ?? '')
})
process.on('disconnect', () => process.exit())
tell({ is: 'ready', link: (await messenger.invite({ inPerson: true })).link, bare: (await bareListen()).address })
