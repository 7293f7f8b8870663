/** A relay's node in a process of its own, which pulls its plug after a commit and before what it would have answered. */
import { writeSync } from 'node:fs'
import { openssl as suite, secureRandom as random } from '../../../src/crypto/index.ts'
import { createMailboxServer, createRelayNode } from '../../../src/net/index.ts'
import type { MailboxStore } from '../../../src/relay/mailbox/ports.ts'
import { createSessions } from '../../../src/relay/mailbox/sessions.ts'
import { openMailboxStore } from '../../../src/relay/store/open.ts'

const [, , home = '', lastCommit = '0'] = process.argv
const seed = new Uint8Array(32).fill(5)
const store = openMailboxStore(suite, home, seed)
let commits = 0
const mortal: MailboxStore = {
  ...store,
  async step(by, value, act) {
    let changes = false
    const result = await store.step(by, value, (queue, size) => {
      const acted = act(queue, size)
      changes = acted.change !== undefined
      return acted
    })
    if (changes && ++commits === Number(lastCommit)) process.kill(process.pid, 'SIGKILL')
    return result
  },
}
const sessions = createSessions({ suite, random, store: mortal, now: Date.now, quota: 1024 ** 3, queuesPerHost: 1_000, commandsPerQueue: 100_000, failed: (error) => writeSync(2, `${(error as Error).message}\n`) })
const node = await createRelayNode({ seed, listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], perHost: 2, parts: [createMailboxServer(sessions)] })
await node.start()
writeSync(1, `${JSON.stringify({ peer: node.key, addresses: node.addresses() })}\n`)
