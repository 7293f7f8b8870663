/** Strangers with relays, strangers who keep the DHT they announce themselves in, and people who were told nothing but where to begin. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { type Host, Network, whatPreventsNamespaces } from '../support/network.ts'
import { eventually, Home } from '../support/processes.ts'

interface Relay {
  readonly state: string
  readonly found: boolean
  readonly addresses: readonly string[]
}
interface Figures {
  readonly figures: { readonly announcement: { readonly announced: number } }
}

const LISTEN = ['--listen', '/ip4/0.0.0.0/tcp/4101']
const relaysOf = (home: Home): Promise<Relay[]> => home.json<Relay>('relay', 'list')
const heard = async (home: Home, from: string): Promise<string[]> =>
  (await home.json<{ text: string; direction: string }>('history', from)).filter(({ direction }) => direction === 'in').map(({ text }) => text)

/** Resolves with where a search may begin. */
async function strangers(at: Host, inside: readonly string[]): Promise<{ child: ChildProcess; entries: string[]; called: () => number }> {
  const [program = '', ...args] = [...at.launcher, process.execPath, path.join(import.meta.dirname, 'strangers.ts'), at.outside, ...inside]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  let called = 0
  lines.on('line', (line) => line === 'called' && called++)
  const [first] = (await once(lines, 'line')) as [string]
  return { child, entries: (JSON.parse(first) as string[]).flatMap((entry) => ['--bootstrap', entry]), called: () => called }
}

describe('people told of nothing but where to begin', function () {
  this.timeout(300_000)
  const prevents = whatPreventsNamespaces()
  if (prevents !== undefined) {
    it(`cannot be tried here: ${prevents}; src/net/search tries the parts`, function () {
      this.skip()
    })
    return
  }

  it('find relays of strangers and meet through them, one of a subnet (attack 79), and are led to nobody inside (attack 88); who keeps to a private network sends nothing', async () => {
    const network = new Network()
    const [dht, one, other, anns, bobs, canarys] = [
      network.host('none'), network.host('none', 10), network.host('none', 11), network.host('port-restricted'), network.host('symmetric'), network.host('port-restricted'),
    ] as [Host, Host, Host, Host, Host, Host]
    const relays = [one, other, other].map((host) => new Home({}, host.launcher))
    const [ann, bob, told, kept] = [anns, bobs, canarys, canarys].map((host) => new Home({}, host.launcher)) as [Home, Home, Home, Home]
    const silence = network.sent(canarys, 'meta l4proto { tcp, udp }')
    const inside = [network.sent(anns, 'ip daddr { 127.0.0.0/8, 192.168.0.0/16 } meta l4proto tcp'), network.sent(bobs, 'ip daddr { 127.0.0.0/8, 192.168.0.0/16 } meta l4proto tcp')]
    const { child, entries, called } = await strangers(dht, [anns, bobs].flatMap(({ outside }) => ['/ip4/127.0.0.1/tcp/4101', `/ip4/192.168.${outside.split('.')[2]}.1/tcp/8080`]))
    try {
      await Promise.all([told.startAt('Cho', ...LISTEN), kept.startAt('Dan', '--listen', '/ip4/0.0.0.0/tcp/4102')])
      await kept.json('settings', 'network', 'private')
      await kept.end()
      await kept.startAsKept('--listen', '/ip4/0.0.0.0/tcp/4102')

      await Promise.all(relays.map((relay, n) => relay.startRelay('--listen', `/ip4/${[one, other, other][n]?.outside}/tcp/40${n + 1}1`, '--network', 'public', ...entries)))
      for (const relay of relays) await eventually(async () => (await relay.json<Figures>('status'))[0]?.figures.announcement.announced === 1)
      await Promise.all([ann, bob].map((home, n) => home.startAt(['Ann', 'Bob'][n] ?? '', ...LISTEN, '--network', 'public', ...entries)))
      for (const home of [ann, bob]) await eventually(async () => (await relaysOf(home)).filter(({ state, found }) => found && state === 'reserved').length === 2, 120_000)
      for (const home of [ann, bob]) {
        const blocks = (await relaysOf(home)).map(({ addresses }) => addresses[0]?.split('.')[1])
        assert.deepEqual(blocks.toSorted(), ['10', '11'])
      }
      assert.equal((await ann.json('relay', 'find')).length, 2, 'of three, two of which are neighbours')

      const [invite] = await ann.json<{ link: string }>('invite', '--link')
      await bob.json('pair', invite?.link ?? '')
      await eventually(async () => (await ann.json('requests')).length === 1)
      await ann.json('accept', (await ann.json<{ id: string }>('requests'))[0]?.id ?? '')
      await eventually(async () => (await bob.json<{ state: string }>('contacts'))[0]?.state === 'accepted')
      await bob.json('send', 'Ann', 'who told you?')
      await eventually(async () => (await heard(ann, 'Bob')).includes('who told you?'))

      assert.ok(called() > 0, 'the liar was heard')
      assert.deepEqual(inside.map((packets) => packets()), [0, 0])
      for (const home of [told, kept]) {
        assert.match((await home.dure('relay', 'find')).stderr, /keeps to a private network/)
        assert.deepEqual(await relaysOf(home), [])
      }
      assert.equal(silence(), 0)
      await kept.json('settings', 'network', 'public')
      await kept.end()
      await kept.startAsKept('--listen', '/ip4/0.0.0.0/tcp/4102', ...entries)
      const finding = kept.dure('relay', 'find')
      await eventually(async () => silence() > 0) // it would have been counted
      await kept.end()
      await finding
    } finally {
      child.kill()
      await Promise.all([...relays, ann, bob, told, kept].map((home) => home.remove()))
      network.remove()
    }
  })
})
