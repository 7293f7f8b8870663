import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Doorway, openDoor, spawnDure } from '../../support/door.ts'

describe('bin/dure.js', () => {
  let door: Doorway
  beforeEach(async () => {
    door = await openDoor()
    door.messenger.befriend('Bob')
  })
  afterEach(() => door.close())

  it('sends, shows and fails as a process with its exit codes', async () => {
    const sent = await spawnDure(['send', 'Bob', '안녕', '--home', door.home])
    assert.deepEqual([sent.code, sent.err], [0, ''])
    const shown = await spawnDure(['history', 'Bob', '--home', door.home, '--json'])
    assert.equal(JSON.parse(shown.out).text, '안녕')
    assert.equal((await spawnDure(['history', 'Nobody', '--home', door.home])).code, 1)
    assert.equal((await spawnDure(['history', '--home', door.home])).code, 2)
    assert.equal((await spawnDure(['--version'])).code, 0)
  })

  it('watches as JSON lines until Ctrl-C', async () => {
    const child = spawn(process.execPath, ['bin/dure.js', 'watch', '--json', '--home', door.home], { stdio: ['ignore', 'pipe', 'inherit'] })
    while (door.messenger.listeners() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    door.messenger.receive('Bob', 'one')
    const [chunk] = await once(child.stdout, 'data')
    assert.equal(JSON.parse(String(chunk)).message.text, 'one')
    child.kill('SIGINT')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  it('ends a watch with an error when the node stops', async () => {
    const watching = spawnDure(['watch', '--home', door.home])
    while (door.messenger.listeners() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await door.stop()
    const { code, err } = await watching
    assert.deepEqual([code, err.split('\n')[0]], [1, 'dure: error: the node stopped'])
  })

  it('goes quietly when nobody reads on', async () => {
    for (let i = 0; i < 400; i++) door.messenger.receive('Bob', 'x'.repeat(1_000))
    const child = spawn('sh', ['-c', `"${process.execPath}" bin/dure.js history Bob --limit 400 --home "${door.home}" | head -n 1`], { stdio: ['ignore', 'pipe', 'pipe'] })
    let err = ''
    child.stderr.on('data', (chunk) => (err += chunk))
    await once(child, 'close')
    assert.equal(err, '')
  })

  it('loads neither the network, the database nor the protocols for a command that asks the node', async () => {
    // a loader that writes down what is resolved, in front of the real command
    const hook = `import { registerHooks } from 'node:module'
      registerHooks({ resolve(name, context, next) { const found = next(name, context); process.stderr.write(found.url + '\\n'); return found } })`
    const { err } = await spawnDure(['status', '--home', door.home], { env: { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(hook)}"` } })
    const loaded = err.split('\n').filter((line) => line.startsWith('file:'))
    assert.ok(loaded.some((url) => url.endsWith('/src/cli/commands/status.ts')), err)
    const heavy = loaded.filter((url) => /libp2p|sqlite|fastify|clack|noble|\/src\/(store|net|api|crypto|qr)\/|\/protocols\/|app\.ts$/.test(url))
    assert.deepEqual(heavy, [])
  })

  const others = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  const old = others.map((folder) => join(folder, 'node')).find((path) => existsSync(path) && !/^v2[4-9]/.test(spawnSync(path, ['--version']).stdout.toString()))
  if (old === undefined) console.log('no older Node.js on the PATH: the change to the pinned one was not tried')
  else {
    it('hands over to the pinned Node, with exit codes, input and signals', async () => {
      const sent = spawn(old, ['bin/dure.js', 'send', 'Bob', '--home', door.home], { stdio: ['pipe', 'ignore', 'inherit'] })
      sent.stdin.end('through a pipe')
      assert.deepEqual(await once(sent, 'exit'), [0, null])
      assert.deepEqual(door.messenger.calls, ['send Bob through a pipe'])
      const refused = spawn(old, ['bin/dure.js', 'accept', 'zzz', '--home', door.home], { stdio: 'ignore' })
      assert.deepEqual(await once(refused, 'exit'), [1, null])
      const watching = spawn(old, ['bin/dure.js', 'watch', '--home', door.home], { stdio: 'ignore' })
      while (door.messenger.listeners() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      watching.kill('SIGTERM')
      assert.deepEqual(await once(watching, 'exit'), [0, null])
    })

    it('does not outlive the older Node that started it (attack 97)', async () => {
      const watching = spawn(old, ['bin/dure.js', 'watch', '--home', door.home], { stdio: 'ignore' })
      while (door.messenger.listeners() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      watching.kill('SIGKILL')
      while (door.messenger.listeners() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    })
  }
})
