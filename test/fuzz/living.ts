/** Targets with somebody behind them: what a person imports, and every body that a program sends to the door. */
import { utf8 } from '../../protocols/suite/index.ts'
import { routes } from '../../src/api/routes.ts'
import { call, type Doorway, openDoor } from '../support/door.ts'
import { World } from '../support/world.ts'
import type { Target } from './targets.ts'

const text = (input: Uint8Array): string => Buffer.from(input).toString('utf8')

/** Archives as `dure import` takes them: one's own, and the log of a channel, which is only checked. */
export async function imports(): Promise<Target[]> {
  const world = new World({ seed: 11 })
  const [ann, bob] = [await world.person('Ann'), await world.person('Bob')]
  await world.pair(ann, bob)
  await ann.messenger.send('Bob', 'hello')
  const { channel: { name } } = await ann.messenger.channels.create({ name: 'Seoul Bakery', languages: ['ko'] })
  await world.settle()
  const [archive, log] = [ann.messenger.exportArchive(), ann.messenger.channels.exportChannel(name)].map((lines) => utf8([...lines].join('\n')))
  const lines = (input: Uint8Array): string[] => text(input).split('\n')
  return [
    { name: 'messenger/archive', seeds: [archive as Uint8Array], take: (input) => ann.messenger.importArchive(lines(input)) },
    { name: 'messenger/channel log', seeds: [log as Uint8Array], take: (input) => ann.messenger.channels.importChannel(lines(input), { keep: false }) },
  ]
}

/** Ends the node, which is what it is for. */
const NOT_FED = ['/v1/stop']
const BODIES = [
  '{"name":"Bob"}', '{"link":"DURE:X","scanned":false}', '{"text":"hi","media":[{"bytes":"AAAA","alt":"x"}]}', '{"scope":["text"],"notAfter":1,"contact":"Bob"}', '{"seconds":60}', '{"emoji":"👍"}',
  '{"from":1,"to":2,"terms":"x"}', '{"lines":["{}"]}', '{"url":"https://x.example/","text":"x"}', '{"passphrase":"p"}',
]

/** Everything in the table that takes a body, fed some: the first byte says which. An answer of 500 and above is a fault. */
export async function door(): Promise<Target & { close(): Promise<void> }> {
  const open: Doorway = await openDoor()
  open.messenger.befriend('Bob')
  open.messenger.channels.stock('Bakery')
  const fed = routes.filter(({ method, path }) => ['POST', 'PUT', 'PATCH'].includes(method) && !NOT_FED.includes(path))
  return {
    name: 'api/bodies',
    seeds: BODIES.flatMap((body, n) => [Uint8Array.of(n, ...utf8(body)), Uint8Array.of(n + 20, ...utf8(body))]),
    async take(input) {
      const route = fed[(input[0] ?? 0) % fed.length]
      if (!route) return
      const path = route.path.replace(/:(\w+)/g, (_, part: string) => (part === 'name' ? (route.path.includes('channels') ? 'Bakery' : 'Bob') : '0'.repeat(32)))
      const answer = await call(open.home, route.method, path, text(input.subarray(1)))
      if (answer.status >= 500) throw new TypeError(`${route.method} ${route.path} answered ${answer.status}: ${answer.text}`)
      if (answer.status >= 400 && !answer.type.startsWith('application/problem+json')) throw new TypeError(`${route.method} ${route.path} answered ${answer.type}`)
    },
    close: () => open.close(),
  }
}
