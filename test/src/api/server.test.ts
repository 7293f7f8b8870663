import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connectPath, homeDirectory, privateDirectory, socketIn, socketNote } from '../../../src/config.ts'
import { call, newHome, openDoor } from '../../support/door.ts'

describe('the socket of the local door', () => {
  it('opens to nobody but its user: 0600 in a folder 0700', async () => {
    const home = newHome()
    chmodSync(home, 0o755)
    const door = await openDoor(home)
    assert.equal(statSync(socketIn(home)).mode & 0o777, 0o600)
    assert.equal(statSync(home).mode & 0o777, 0o700)
    await door.close()
  })

  it('is gone after the node stopped', async () => {
    const door = await openDoor()
    await door.stop()
    assert.equal(existsSync(door.door.socketPath), false)
    rmSync(door.home, { recursive: true })
  })

  it('takes the place of a socket that a killed node left behind', async () => {
    const home = newHome()
    const script = `require('net').createServer().listen(${JSON.stringify(socketIn(home))}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    assert.ok(existsSync(socketIn(home)))
    const door = await openDoor(home)
    assert.equal((await call(home, 'GET', '/v1/id')).status, 200)
    await door.close()
  })

  it('refuses a second node on the same profile (attack 102)', async () => {
    const door = await openDoor()
    await assert.rejects(openDoor(door.home), { name: 'ConfigError', message: /running already/ })
    assert.equal((await call(door.home, 'GET', '/v1/id')).status, 200)
    await door.close()
  })

  it('moves to a short path when the profile lies too deep, and is found there', async () => {
    const top = newHome()
    const home = join(top, 'a'.repeat(60), 'b'.repeat(60))
    mkdirSync(home, { recursive: true })
    const door = await openDoor(home)
    assert.notEqual(door.door.socketPath, socketIn(home))
    assert.equal(connectPath(home), door.door.socketPath)
    assert.equal(statSync(dirname(door.door.socketPath)).mode & 0o777, 0o700)
    assert.equal((await call(home, 'GET', '/v1/id')).status, 200)
    await door.close()
    assert.equal(existsSync(socketNote(socketIn(home))), false)
    rmSync(top, { recursive: true })
  })

  it('does not make its home in a folder that everybody shares', () => {
    assert.throws(() => privateDirectory(tmpdir()), { name: 'ConfigError' })
  })

  it('finds the profile where XDG says, ignoring a relative path', () => {
    assert.equal(homeDirectory(undefined, { XDG_DATA_HOME: '/data', HOME: '/home/a' }), '/data/dure')
    assert.equal(homeDirectory(undefined, { XDG_DATA_HOME: 'data', HOME: '/home/a' }), '/home/a/.local/share/dure')
    assert.equal(homeDirectory('/x/../y', {}), '/y')
  })
})
