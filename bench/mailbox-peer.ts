/** Another process of mailbox-load.ts: a relay's mailboxes on one store, and who uses them. It does what it is told, and says when that is done. */
import { openssl as suite, secureRandom as random } from '../src/crypto/index.ts'
import type { MailboxStore } from '../src/relay/mailbox/ports.ts'
import { openMailboxStore } from '../src/relay/store/open.ts'
import { openPostgresStore } from '../src/relay/store/postgres-open.ts'
import { blockId, body, connect, type Ends, tag } from '../test/support/mailbox-client.ts'
import { NO_QUOTA, sessionsOver } from './mailbox-sessions.ts'

export type ToPeer =
  | { readonly do: 'make'; readonly queues: number }
  /** the frames are made before they are sent: the figure is the relay's */
  | { readonly do: 'prepare'; readonly ends: readonly Ends[]; readonly blocks: number }
  | { readonly do: 'hand in' }
  | { readonly do: 'fetch'; readonly ends: readonly Ends[]; readonly blocks: number }
  | { readonly do: 'end' }
export type FromPeer = { readonly is: 'done'; readonly ends?: readonly Ends[] }

/** Blocks that are acknowledged at once. */
const STEP = 16

const [, , home = '', url] = process.argv
const store: MailboxStore =
  url === undefined
    ? openMailboxStore(suite, home, new Uint8Array(32))
    : await openPostgresStore({
        suite, random, url, home, quota: NO_QUOTA,
        reachable(code) {
          throw new Error(`the database went away: ${code}`)
        },
      })
const sessions = sessionsOver(store)
let ready: (() => Promise<void>)[] = []

async function make(queues: number): Promise<Ends[]> {
  const maker = connect(sessions)
  const ends: Ends[] = []
  for (let n = 0; n < queues; n++) ends.push(await maker.create())
  maker.end()
  return ends
}

async function prepare({ sender }: Ends, blocks: number): Promise<() => Promise<void>> {
  const client = connect(sessions)
  const frames: Uint8Array[] = []
  for (let n = 0; n < blocks; n++) frames.push(await client.ready({ type: 'send', id: sender.id, block: blockId(), body: body(n) }, sender.as))
  return async () => {
    for (const frame of frames) {
      client.send(frame)
      const reply = await client.reply()
      if (reply.type !== 'done') throw new Error(`a block was answered ${JSON.stringify(reply)}`)
    }
    client.end()
  }
}

async function fetchAll({ recipient: { id, as } }: Ends, blocks: number): Promise<void> {
  const client = connect(sessions)
  await client.ask({ type: 'subscribe', id, tag: tag(1) }, as)
  for (let left = blocks; left > 0; left -= STEP) {
    const seqs: number[] = []
    for (let n = 0; n < STEP; n++) seqs.push((await client.delivery(as)).seq)
    await client.ask({ type: 'acknowledge', id, seqs }, as)
  }
  client.end()
}

async function obey(said: ToPeer): Promise<readonly Ends[] | undefined> {
  if (said.do === 'make') return make(said.queues)
  if (said.do === 'prepare') ready = await Promise.all(said.ends.map((ends) => prepare(ends, said.blocks)))
  if (said.do === 'hand in') await Promise.all(ready.map((send) => send()))
  if (said.do === 'fetch') await Promise.all(said.ends.map((ends) => fetchAll(ends, said.blocks)))
  if (said.do === 'end') await store.close()
  return undefined
}

const tell = (message: FromPeer): void => void process.send?.(message)
process.on('message', (said: ToPeer) => {
  void obey(said).then((ends) => {
    tell({ is: 'done', ...(ends && { ends }) })
    if (said.do === 'end') process.disconnect()
  })
})
tell({ is: 'done' })
