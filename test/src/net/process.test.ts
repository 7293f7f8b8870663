import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cleanup, code, LOOPBACK, party, stopAll, until } from './support.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

interface Line {
  readonly event: string
  readonly device?: string
  readonly devices?: string[]
  readonly addresses?: string[]
}

function child(command: string, args: string[]): { process: ChildProcess; lines: Line[]; saw(event: string): Promise<Line> } {
  const made = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanup(() => void made.kill('SIGKILL'))
  const lines: Line[] = []
  if (made.stdout) createInterface(made.stdout).on('line', line => lines.push(JSON.parse(line) as Line))
  const saw = async (event: string): Promise<Line> => {
    await until(() => lines.some(line => line.event === event), `the other process says ${event}`, 15_000)
    return lines.find(line => line.event === event) as Line
  }
  return { process: made, lines, saw }
}

const courierProcess = (mode: string, listen = LOOPBACK) => child(process.execPath, [CHILD, mode, listen, '200'])

describe('a courier and another process', () => {
  afterEach(stopAll)

  it('rejects what is in flight when the process is killed, and delivers the same bytes to its successor (attack 97)', async () => {
    const a = await party()
    const first = courierProcess('hold')
    const { device = '', addresses = [] } = await first.saw('ready')
    const envelope = new Uint8Array(4096).fill(7)
    const sent = Array.from({ length: 10 }, () => assert.rejects(a.courier.send(device, addresses, envelope), code('unreachable', 'refused')))
    await first.saw('envelope')
    first.process.kill('SIGKILL')
    await Promise.all(sent)
    await until(() => !a.courier.connected(device), 'it vanished')
    await assert.rejects(a.courier.send(device, addresses, envelope), code('unreachable'))
    const second = courierProcess('store', addresses[0])
    await second.saw('ready')
    assert.equal(await a.courier.send(device, addresses, envelope), 'stored')
    assert.deepEqual(a.seen.map(event => event[0]), ['+', '-', '+'])
  })

  it('ends by itself once it is stopped: no timer and no socket keeps the process', async () => {
    const script = `
      import { createCourier } from ${JSON.stringify(new URL('../../../src/net/index.ts', import.meta.url).href)}
      const log = { info() {}, warn() {} }
      const courier = createCourier({ seed: new Uint8Array(32).fill(9), listen: ['${LOOPBACK}', '${LOOPBACK}/ws'], mdns: false, log })
      courier.serve({ admits: () => true, envelope: async () => 'stored', pairing: async (_, r) => r, appeared() {}, vanished() {}, networkChanged() {}, addressesChanged() {} })
      await courier.start()
      await courier.stop()`
    const { process: made } = child(process.execPath, ['--input-type=module', '-e', script])
    const exit = await new Promise<number | null>(resolve => made.on('exit', resolve))
    assert.equal(exit, 0)
  })

  const PREPARE = 'ip link set lo up multicast on && ip addr add 10.9.0.1/24 dev lo && ip route add 224.0.0.0/4 dev lo'
  const namespaces = process.platform === 'linux' && spawnSync('unshare', ['-n', 'sh', '-c', PREPARE]).status === 0
  if (!namespaces) console.log('      network namespaces are not available here: mDNS is tested only through its handler (discovery.test.ts)')
  else {
    it('meets contacts on the local network by mDNS, in a network namespace of its own, and leaves strangers alone', async () => {
      const lan = child('unshare', ['-n', 'sh', '-c', `${PREPARE} && exec "$0" "$@"`, process.execPath, CHILD, 'lan', '/ip4/0.0.0.0/tcp/0'])
      const { devices = [] } = await lan.saw('ready')
      const appeared = (): string[] => lan.lines.filter(({ event }) => event === 'appeared').map(({ device = '' }) => device)
      await until(() => devices.every(device => appeared().includes(device)), 'both met', 15_000)
      assert.deepEqual(new Set(appeared()), new Set(devices))
      const announced = lan.lines.flatMap(({ addresses = [] }) => addresses)
      assert.ok(announced.length > 0 && announced.every(address => address.startsWith('/ip4/10.9.0.1/tcp/')), announced.join())
    })
  }
})
