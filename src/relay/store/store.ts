/** `MailboxStore` on the encrypted SQLite file. */
import { decodeQueue, encodeQueue, type Queue } from '../../../protocols/mailbox/index.ts'
import { type Suite, toHex } from '../../../protocols/suite/index.ts'
import { Commits } from '../../store/commits.ts'
import { type Connection, reading } from '../../store/database.ts'
import { StoreError } from '../../store/errors.ts'
import { dueAt, type MailboxStore, type Name, type QueueChange, type StoreSize } from '../mailbox/ports.ts'

interface Row {
  readonly ref: number
  readonly name: Uint8Array
  readonly keys: Uint8Array
}

/** Of a subscription. */
const TAG = 16
const FIRST_OF_ALL = new Uint8Array(0)
const COLUMN: Readonly<Record<Name, string>> = { recipient: 'recipient', sender: 'sender', recipientKey: 'recipient_key' }

/** @param release called when the file is closed */
export function createStore(suite: Suite, db: Connection, release: () => void): MailboxStore {
  // Who asks for a queue that is not there makes the same way through the index, and reads the row of the next one, or of the first (attack 62).
  const finding = (by: Name): ((value: Uint8Array) => Row | undefined) => {
    const next = db.prepare<[Uint8Array], Row>(`SELECT ref, ${COLUMN[by]} AS name, keys FROM queue WHERE ${COLUMN[by]} >= ? ORDER BY ${COLUMN[by]} LIMIT 1`)
    return (value) => next.get(value) ?? next.get(FIRST_OF_ALL)
  }
  const rows = { recipient: finding('recipient'), sender: finding('sender'), recipientKey: finding('recipientKey') }
  const refOf = db.prepare<[Uint8Array], number>('SELECT ref FROM queue WHERE recipient = ?').pluck()
  const stateOf = db.prepare<[number], Uint8Array>('SELECT state FROM state WHERE queue = ?').pluck()
  const bodyOf = db.prepare<[Uint8Array, number], Uint8Array>('SELECT body FROM block WHERE queue = (SELECT ref FROM queue WHERE recipient = ?) AND seq = ?').pluck()
  const dueBy = db.prepare<[number, number], Uint8Array>('SELECT recipient FROM state JOIN queue ON queue = ref WHERE due <= ? ORDER BY due LIMIT ?').pluck()
  const addQueue = db.prepare<[Uint8Array, Uint8Array, Uint8Array, Uint8Array]>('INSERT INTO queue (recipient, sender, recipient_key, keys) VALUES (?, ?, ?, ?)')
  const putKeys = db.prepare<{ ref: number; keys: Uint8Array }>('UPDATE queue SET keys = @keys WHERE ref = @ref AND keys <> @keys')
  const putState = db.prepare<[number, number, Uint8Array]>('INSERT INTO state (queue, due, state) VALUES (?, ?, ?) ON CONFLICT (queue) DO UPDATE SET due = excluded.due, state = excluded.state')
  const dropState = db.prepare<[number]>('DELETE FROM state WHERE queue = ?')
  const dropQueue = db.prepare<[number]>('DELETE FROM queue WHERE ref = ?')
  const addBlock = db.prepare<[number, number, Uint8Array]>('INSERT INTO block (queue, seq, body) VALUES (?, ?, ?)')
  const dropBlock = db.prepare<[number, number]>('DELETE FROM block WHERE queue = ? AND seq = ?')
  const dropBlocks = db.prepare<[number]>('DELETE FROM block WHERE queue = ?')
  const readTotal = db.prepare<[], StoreSize>('SELECT queues, blocks FROM total')
  const putTotal = db.prepare<[number, number]>('UPDATE total SET queues = ?, blocks = ?')

  let durable: StoreSize = readTotal.get() ?? { queues: 0, blocks: 0 }
  let size = durable
  /** Of the open group, by recipient id: written once, however often a queue changed in it. */
  const changed = new Map<string, { readonly ref: number; readonly queue: Queue }>()

  function apply({ id, queue, kept, dropped }: QueueChange): void {
    const known = refOf.get(id)
    if (!queue) {
      if (known === undefined) return
      size = { queues: size.queues - 1, blocks: size.blocks - dropBlocks.run(known).changes }
      dropState.run(known)
      dropQueue.run(known)
      changed.delete(toHex(id))
      return
    }
    const ref = known ?? Number(addQueue.run(queue.recipient, queue.sender, queue.recipientKey, keysOf(suite, queue)).lastInsertRowid)
    let { queues, blocks } = size
    if (known === undefined) queues++
    if (kept) {
      addBlock.run(ref, kept.seq, kept.body)
      blocks++
    }
    for (const seq of dropped) blocks -= dropBlock.run(ref, seq).changes
    size = { queues, blocks }
    changed.set(toHex(id), { ref, queue })
  }

  const commits = new Commits<QueueChange>(db, {
    apply,
    complete() {
      for (const { ref, queue } of changed.values()) {
        putState.run(ref, dueAt(queue), encodeQueue(suite, queue))
        putKeys.run({ ref, keys: keysOf(suite, queue) })
      }
      changed.clear()
      putTotal.run(size.queues, size.blocks)
      durable = size
    },
    forget() {
      changed.clear()
      size = durable = readTotal.get() ?? durable
    },
    checkpoint: () => undefined,
    broken: () => undefined,
  })

  /** Its keys are read at once; what is in it, when somebody looks. */
  function lazy({ ref, keys }: Row): Queue {
    const bare = decodeQueue(suite, bytes(keys))
    const { kind, recipient, sender, recipientKey, senderKey, node } = bare
    let whole: Queue | undefined
    const rest = (): Queue => (whole ??= decodeQueue(suite, bytes(stateOf.get(ref) ?? keys)))
    return {
      kind, recipient, sender, recipientKey, senderKey, node,
      get tag() { return rest().tag },
      get suspended() { return rest().suspended },
      get full() { return rest().full },
      get nextSeq() { return rest().nextSeq },
      get expired() { return rest().expired },
      get items() { return rest().items },
      get recent() { return rest().recent },
      get notice() { return rest().notice },
      get visited() { return rest().visited },
    }
  }

  function find(by: Name, value: Uint8Array): Queue | undefined {
    const row = rows[by](value)
    if (!row) return undefined
    // Read before it is compared (attack 62).
    const queue = lazy(row)
    const newest = changed.get(toHex(queue.recipient))?.queue ?? queue
    return suite.equal(row.name, value) ? newest : undefined
  }

  return {
    async step(by, value, act) {
      const { change, result } = act(reading(() => find(by, value)), size)
      if (change || commits.open || commits.over) await commits.commit(change ? [change] : [])
      return result
    },
    async body(id, seq) {
      const body = reading(() => bodyOf.get(id, seq))
      return body && bytes(body)
    },
    async due(now, most) {
      commits.flush()
      return reading(() => dueBy.all(now, most).map(bytes))
    },
    size: () => size,
    onRollback: (listener) => commits.onRollback(listener),
    // The file is locked for one process.
    onChanged: () => undefined,
    async close() {
      commits.flush()
      commits.end(new StoreError('closed', 'the store is closed'))
      commits.checkpoint('TRUNCATE')
      db.close()
      release()
    },
  }
}

/** Without the ways of a Buffer, whose slices are no copies. */
const bytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

/** What it takes to judge who commands: the queue as it was before anything happened in it. */
export function keysOf(suite: Suite, { kind, recipient, sender, recipientKey, senderKey, node }: Queue): Uint8Array {
  const empty = { tag: new Uint8Array(TAG), suspended: false, full: false, nextSeq: 1, expired: 0, items: [], recent: [], notice: undefined, visited: 0 }
  return encodeQueue(suite, { kind, recipient, sender, recipientKey, senderKey, node, ...empty })
}
