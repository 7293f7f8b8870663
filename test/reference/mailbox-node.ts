/**
 * The node of the mailbox room once more, from its README: queues in a list, one command after another, everything in hex. Forgets nothing, and
 * knows no quota of its own.
 */
import { authenticatorFor, handed, item, NO_ID, nodeFrame, number, publicOf, readCommand } from './mailbox.ts'

interface Kept {
  readonly seq: number
  readonly kind: 1 | 2 | 3
  readonly at: number
  readonly total: number
  readonly block: string
  readonly body: string
}

interface Queue {
  readonly kind: number
  readonly recipient: string
  readonly sender: string
  readonly recipientKey: string
  senderKey: string
  readonly nodeSecret: string
  tag: string
  suspended: boolean
  full: boolean
  nextSeq: number
  expired: number
  items: Kept[]
  readonly gone: string[]
  notice: string | undefined
  /** stream of the subscription, and what was pushed to it and is not acknowledged */
  watch: { stream: string; pushed: Set<number> } | undefined
  waiting: string | undefined
}

export interface Pushed {
  readonly stream: string
  readonly frame: string
}

const DAY = 24 * 3_600_000
const DENIED = '01'
const QUOTA = '02'

export class TwinNode {
  readonly #draw: (length: number) => string
  queues: Queue[] = []
  readonly #streams = new Map<string, { nonce: string; last: number }>()
  pushes: Pushed[] = []

  /** @param draw hex of so many random bytes */
  constructor(draw: (length: number) => string) {
    this.#draw = draw
  }

  connect(stream: string, now: number): string {
    const nonce = this.#draw(32)
    this.#streams.set(stream, { nonce, last: 0 })
    return nodeFrame('hello', 0, NO_ID, nonce + number(now, 8))
  }

  disconnect(stream: string): void {
    this.#streams.delete(stream)
    for (const queue of this.queues) {
      if (queue.watch?.stream === stream) queue.watch = undefined
      if (queue.waiting === stream) queue.waiting = undefined
    }
  }

  /** The reply; what is pushed gathers in `pushes`. */
  hear(stream: string, frame: string, now: number): string {
    const session = this.#streams.get(stream)
    const { type, place, id, auth, fields } = readCommand(frame)
    if (!session || place <= session.last) throw new Error('replayed')
    session.last = place
    if (type === 'create') return this.#create(place, fields)
    const bySender = type === 'send' || type === 'read'
    const queue = this.queues.find((each) => (bySender ? each.sender : each.recipient) === id)
    const clientKey = queue && (bySender ? queue.senderKey : queue.recipientKey)
    const right = queue && clientKey && auth === authenticatorFor(frame, session.nonce, { id, clientKey, nodeSecret: queue.nodeSecret })
    if (!queue || !right) return nodeFrame('refused', place, NO_ID, DENIED)
    this.#sweep(queue, now)
    const [reply, after] = this.#act(queue, type, stream, fields, now)
    if (this.queues.includes(queue)) this.#push(queue)
    if (reply !== 'notice') return nodeFrame(reply, place, NO_ID, after)
    return nodeFrame('notice', place, NO_ID, this.#hand('notice', place, NO_ID, queue, queue.senderKey, queue.sender, after))
  }

  #create(place: number, fields: string): string {
    const [kind, recipientKey, senderKey] = [parseInt(fields.slice(0, 2), 16), fields.slice(2, 66), fields.slice(66, 130)]
    const found = this.queues.find((each) => each.recipientKey === recipientKey)
    if (found && (found.kind !== kind || found.senderKey !== senderKey)) return nodeFrame('refused', place, NO_ID, DENIED)
    const queue: Queue = found ?? {
      kind,
      recipient: this.#draw(24),
      sender: this.#draw(24),
      recipientKey,
      senderKey,
      nodeSecret: this.#draw(32),
      tag: '00'.repeat(16),
      suspended: false,
      full: false,
      nextSeq: 1,
      expired: 0,
      items: [],
      gone: [],
      notice: undefined,
      watch: undefined,
      waiting: undefined,
    }
    if (!found) this.queues.push(queue)
    const sealed = this.#hand('created', place, NO_ID, queue, recipientKey, NO_ID, queue.recipient + queue.sender)
    return nodeFrame('created', place, NO_ID, publicOf(queue.nodeSecret) + sealed)
  }

  #act(queue: Queue, type: string, stream: string, fields: string, now: number): ['done' | 'refused' | 'subscribed' | 'info' | 'notice', string] {
    const blocks = queue.items.filter(({ kind }) => kind === 1)
    const capacity = queue.kind === 2 ? 8 : 128
    switch (type) {
      case 'secure':
        queue.senderKey = fields.slice(0, 64)
        return ['done', '']
      case 'subscribe': {
        if (queue.watch && queue.watch.stream !== stream) this.pushes.push({ stream: queue.watch.stream, frame: nodeFrame('evicted', 0, queue.recipient, '') })
        const before = queue.tag
        queue.tag = fields.slice(0, 32)
        queue.watch = { stream, pushed: new Set() }
        return ['subscribed', before + number(blocks.length, 4)]
      }
      case 'acknowledge': {
        const seqs = Array.from({ length: parseInt(fields.slice(0, 2), 16) }, (_, i) => parseInt(fields.slice(2 + 16 * i, 18 + 16 * i), 16))
        const gone = queue.items.filter(({ seq }) => seqs.includes(seq))
        queue.items = queue.items.filter((each) => !gone.includes(each))
        queue.gone.push(...gone.filter(({ kind }) => kind === 1).map(({ block }) => block))
        if (gone.some(({ kind }) => kind === 2)) this.#opens(queue)
        return ['done', '']
      }
      case 'suspend':
        queue.suspended = true
        return ['done', '']
      case 'delete':
        if (queue.watch && queue.watch.stream !== stream) this.pushes.push({ stream: queue.watch.stream, frame: nodeFrame('evicted', 0, queue.recipient, '') })
        this.queues = this.queues.filter((each) => each !== queue)
        return ['done', '']
      case 'info':
        return ['info', number(blocks.length, 4) + number(capacity, 4) + number(blocks[0]?.at ?? 0, 8) + (queue.full ? '01' : '00') + (queue.suspended ? '01' : '00')]
      case 'post':
        queue.notice = fields.slice(0, 2 * 16_480)
        return ['done', '']
      case 'read':
        return queue.notice === undefined || queue.suspended ? ['refused', DENIED] : ['notice', queue.notice]
      default:
        return this.#send(queue, stream, fields.slice(0, 32), fields.slice(32, 32 + 2 * 16_480), blocks, capacity, now)
    }
  }

  #send(queue: Queue, stream: string, block: string, body: string, blocks: readonly Kept[], capacity: number, now: number): ['done' | 'refused', string] {
    if (queue.suspended) return ['refused', DENIED]
    if (blocks.some((each) => each.block === block) || queue.gone.slice(-128).includes(block)) return ['done', '']
    if (!queue.full && blocks.length < capacity) {
      queue.items.push({ seq: queue.nextSeq++, kind: 1, at: now, total: 0, block, body })
      return ['done', '']
    }
    if (!queue.full) queue.items.push({ seq: queue.nextSeq++, kind: 2, at: now, total: 0, block: '', body: '' })
    queue.full = true
    queue.waiting = stream
    return ['refused', QUOTA]
  }

  #opens(queue: Queue): void {
    if (queue.waiting !== undefined) this.pushes.push({ stream: queue.waiting, frame: nodeFrame('room', 0, queue.sender, '') })
    queue.full = false
    queue.waiting = undefined
  }

  #sweep(queue: Queue, now: number): void {
    const old = queue.items.filter(({ kind, at }) => kind !== 3 && now - at >= 21 * DAY)
    const lost = old.filter(({ kind }) => kind === 1).length
    queue.items = queue.items.filter((each) => !old.includes(each))
    if (old.some(({ kind }) => kind === 2)) this.#opens(queue)
    if (lost === 0) return
    queue.expired += lost
    queue.items = [{ seq: queue.nextSeq++, kind: 3, at: now, total: queue.expired, block: '', body: '' }, ...queue.items.filter(({ kind }) => kind !== 3)]
  }

  #push(queue: Queue): void {
    const { watch, items } = queue
    if (!watch) return
    for (const seq of [...watch.pushed]) if (!items.some((each) => each.seq === seq)) watch.pushed.delete(seq)
    for (const each of items) {
      if (watch.pushed.size >= 64) return
      if (watch.pushed.has(each.seq)) continue
      watch.pushed.add(each.seq)
      const plaintext = item(each.kind, each.seq, each.at, each.total, each.body)
      const sealed = this.#hand('delivery', 0, queue.recipient, queue, queue.recipientKey, queue.recipient, plaintext)
      this.pushes.push({ stream: watch.stream, frame: nodeFrame('delivery', 0, queue.recipient, sealed) })
    }
  }

  #hand(type: 'created' | 'notice' | 'delivery', place: number, head: string, queue: Queue, clientKey: string, id: string, plaintext: string): string {
    return handed(type, place, head, { id, clientKey, nodeSecret: queue.nodeSecret }, this.#draw(32), plaintext)
  }
}
