/** A relay's process that is killed, and one whose disk is full, met over real streams. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Mailboxes, MailboxNode } from '../../../src/messenger/mailboxes/ports.ts'
import { connect, network } from '../net/mailbox-support.ts'
import { cleanup, stopAll } from '../net/support.ts'
import { failingDisk } from '../../support/failing-disk.ts'
import { blockId, body, type Ends, tag, temporaryHome } from './support.ts'

const CHILD = path.join(import.meta.dirname, 'child.ts')
const DONE = { type: 'done' }
const BUSY = { type: 'refused', code: 'busy' }

interface Running {
  readonly node: MailboxNode
  readonly child: ChildProcess
}

async function start(home: string, lastCommit = 0, environment: NodeJS.ProcessEnv = {}): Promise<Running> {
  const child = spawn(process.execPath, [CHILD, home, String(lastCommit)], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] })
  cleanup(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  return { node: JSON.parse(line) as MailboxNode, child }
}

async function kill({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** What the recipient finds. With `settle` it is acknowledged. */
async function fetch(mailboxes: Mailboxes, node: MailboxNode, { recipient }: Ends, settle: boolean): Promise<number[]> {
  const bob = await connect(mailboxes, 'fetch', node)
  const subscribed = await bob.ask({ type: 'subscribe', id: recipient.id, tag: tag(1) }, recipient.as)
  assert.equal(subscribed.type, 'subscribed')
  const got: number[] = []
  for (let n = 0; n < (subscribed.type === 'subscribed' ? subscribed.blocks : 0); n++) {
    const delivered = await bob.delivery(recipient.as)
    got.push(delivered.kind === 'block' ? (delivered.body[0] ?? 0) : -1)
    if (settle) assert.deepEqual(await bob.ask({ type: 'acknowledge', id: recipient.id, seqs: [delivered.seq] }, recipient.as), DONE)
  }
  bob.stream.close()
  return got
}

describe("a relay's process", function () {
  this.timeout(120_000)
  afterEach(stopAll)

  it('that is killed between a commit and its reply has what it stored, and takes the resend for what it is (attack 64)', async () => {
    const [home, mailboxes] = [temporaryHome(), await network()]
    let running = await start(home)
    const maker = await connect(mailboxes, 'fetch', running.node)
    const ends = await maker.create()
    const blocks = Array.from({ length: 4 }, () => blockId())
    await kill(running)
    for (const [n, block] of blocks.entries()) {
      running = await start(home, 1)
      const ann = await connect(mailboxes, 'hand-in', running.node)
      const send = (id: Uint8Array, m: number): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: ends.sender.id, block: id, body: body(m) }, ends.sender.as)
      // A resend of what is there already changes nothing, and is no commit.
      for (const [m, earlier] of blocks.slice(0, n).entries()) assert.deepEqual(await send(earlier, m + 1), DONE)
      const gone = once(running.child, 'exit')
      await assert.rejects(send(block, n + 1), /the stream has ended/)
      await gone
    }
    running = await start(home)
    const ann = await connect(mailboxes, 'hand-in', running.node)
    for (const [n, block] of blocks.entries()) assert.deepEqual(await ann.ask({ type: 'send', id: ends.sender.id, block, body: body(n + 1) }, ends.sender.as), DONE)
    assert.deepEqual(await fetch(mailboxes, running.node, ends, false), [1, 2, 3, 4])
    await kill(running)
    // Killed before it could say that an acknowledgement is done: it is.
    running = await start(home, 2)
    await assert.rejects(fetch(mailboxes, running.node, ends, true), /the stream has ended/)
    await kill(running)
    running = await start(home)
    assert.equal((await fetch(mailboxes, running.node, ends, true)).length, 3)
    assert.deepEqual(await fetch(mailboxes, running.node, ends, true), [])
  })

  it('whose disk is full is busy, loses nothing, and goes on when there is room (attack 64)', async function () {
    const disk = failingDisk()
    if (!disk) return this.skip()
    cleanup(() => disk.remove())
    const [home, mailboxes] = [temporaryHome(), await network()]
    const { node, child } = await start(home, 0, disk.environment)
    const [bob, ann] = [await connect(mailboxes, 'fetch', node), await connect(mailboxes, 'hand-in', node)]
    const ends = await bob.create()
    const { recipient, sender } = ends
    const send = (n: number): ReturnType<typeof ann.ask> => ann.ask({ type: 'send', id: sender.id, block: blockId(9_000_000 + n), body: body(n) }, sender.as)
    assert.deepEqual(await send(1), DONE)
    await disk.fail(child.pid, 'rw/pwrite', 'ENOSPC')
    for (let n = 2; n < 5; n++) assert.deepEqual(await send(n), BUSY)
    assert.deepEqual(await send(1), DONE) // it is there, and that needs no room
    await disk.heal(child.pid, 'rw/pwrite')
    for (let n = 2; n < 5; n++) assert.deepEqual(await send(n), DONE)
    assert.deepEqual(await fetch(mailboxes, node, ends, true), [1, 2, 3, 4])
    assert.equal((await bob.ask({ type: 'info', id: recipient.id }, recipient.as)).type, 'info')
  })
})
