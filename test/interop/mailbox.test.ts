import assert from 'node:assert/strict'
import {
  announcement, blockId, command, handed, inside, messageHash, NO_ID, number, opened, openHanded, publicOf, queueKeys, readItem, readNodeFrame, requestSecret, sealed,
} from '../reference/mailbox.ts'
import { TwinNode } from '../reference/mailbox-node.ts'
import { sha512 } from '../reference/suite.ts'
import { InteropDoor } from '../support/interop-door.ts'
import { seededRandom } from '../support/seeded.ts'
import { NOW } from './people.ts'

const DAY = 24 * 3_600_000
const PART = 16_384
const ZERO_PASS = '00'.repeat(32)

let drawn = 0
const draw = (length: number): string => sha512(Buffer.from(`mailbox ${drawn++}`).toString('hex')).slice(0, 2 * length)
const messageOf = (text: string, length = 4_096): string => Buffer.from(text).toString('hex').padEnd(2 * length, '5a')

/** Somebody whose frames go to a node, whichever node it is. */
interface Line {
  readonly nonce: string
  hear(frame: string): Promise<{ frame: string; pushed: readonly string[] }>
}

/** A stream to our node behind the door. What is pushed to other streams waits for them. */
class OurNode {
  readonly door: InteropDoor
  node = ''
  now = NOW
  readonly pushed = new Map<string, string[]>()

  constructor(door: InteropDoor) {
    this.door = door
  }

  async line(): Promise<Line & { readonly name: string; more(): readonly string[] }> {
    if (this.node === '') this.node = (await this.door.ask('mailbox.node', { seed: draw(8) })).node!
    const { stream = '', frame = '' } = await this.door.ask('mailbox.connect', { node: this.node, seed: draw(8), now: this.now })
    const hello = readNodeFrame(frame)
    assert.equal(hello.type, 'hello')
    const more = (): string[] => (this.pushed.get(stream) ?? []).splice(0)
    return {
      name: stream,
      nonce: hello.fields.slice(0, 64),
      more,
      hear: async (said) => {
        const heard = await this.door.ask<{ frame: string; pushes: { stream: string; frame: string }[] }>('mailbox.hear', {
          node: this.node, stream, frame: said, seed: draw(8), now: this.now,
        })
        this.deliver(heard.pushes)
        return { frame: heard.frame, pushed: more() }
      },
    }
  }

  deliver(pushes: readonly { stream: string; frame: string }[]): void {
    for (const push of pushes) this.pushed.set(push.stream, [...(this.pushed.get(push.stream) ?? []), push.frame])
  }
}

/** The same of the twin. */
class ReferenceNode {
  readonly node = new TwinNode(draw)
  now = NOW
  #streams = 0

  async line(): Promise<Line & { more(): readonly string[] }> {
    const stream = `stream ${++this.#streams}`
    const nonce = readNodeFrame(this.node.connect(stream, this.now)).fields.slice(0, 64)
    const more = (): string[] => {
      const mine = this.node.pushes.filter((push) => push.stream === stream)
      this.node.pushes = this.node.pushes.filter((push) => push.stream !== stream)
      return mine.map(({ frame }) => frame)
    }
    return { nonce, more, hear: async (said) => ({ frame: this.node.hear(stream, said, this.now), pushed: more() }) }
  }
}

/** What a move comes to, at one node: said in a way that is the same for all nodes that are right. */
class Played {
  readonly node: OurNode | ReferenceNode
  readonly ends: Ends
  readonly reader: TwinClient
  readonly writer: TwinClient
  readonly lines: { more(): readonly string[] }[]
  /** seqs that were delivered to the last subscription and not acknowledged */
  seqs: number[] = []

  private constructor(node: OurNode | ReferenceNode, ends: Ends, reader: TwinClient, writer: TwinClient, lines: { more(): readonly string[] }[]) {
    this.node = node
    this.ends = ends
    this.reader = reader
    this.writer = writer
    this.lines = lines
  }

  static async at(node: OurNode | ReferenceNode, secret: string): Promise<Played> {
    const [reading, writing] = [await node.line(), await node.line()]
    const reader = new TwinClient(reading)
    return new Played(node, await createdBy(reader, '02', secret), reader, new TwinClient(writing), [reading, writing])
  }

  async does({ type, by, fields }: { type: Parameters<typeof command>[0]; by: 'recipient' | 'sender'; fields: string }): Promise<unknown[]> {
    const client = by === 'recipient' ? this.reader : this.writer
    const reply = await client.say(type, this.ends[by], fields)
    if (type === 'subscribe') this.seqs = []
    const shown = reply.type === 'notice' ? 'a notice' : reply.fields
    return [reply.type, shown, ...[...reply.pushed, ...this.lines.flatMap((line) => line.more())].map((frame) => this.#shown(frame))]
  }

  #shown(frame: string): unknown {
    const { type, id } = readNodeFrame(frame)
    if (type !== 'delivery') return [type, id === (type === 'room' ? this.ends.sender.id : this.ends.recipient.id)]
    const { kind, seq, at, total, inside: part } = deliveryIn(this.ends, frame)
    this.seqs.push(seq)
    return [kind, at, total, part?.number]
  }
}

/** The twin as a client of some node: numbers its commands and signs them by hand. */
class TwinClient {
  readonly line: Line
  #place = 0

  constructor(line: Line) {
    this.line = line
  }

  async say(type: Parameters<typeof command>[0], as: { id: string; clientSecret: string; nodeKey: string } | undefined, fields: string) {
    const frame = command(type, ++this.#place, as?.id ?? NO_ID, fields, as && { ...as, nonce: this.line.nonce })
    const heard = await this.line.hear(frame)
    const reply = readNodeFrame(heard.frame)
    assert.equal(reply.place, this.#place)
    return { ...reply, pushed: heard.pushed }
  }
}

interface Ends {
  readonly secret: string
  readonly keys: ReturnType<typeof queueKeys>
  readonly recipient: { readonly id: string; readonly clientSecret: string; readonly nodeKey: string }
  readonly sender: { readonly id: string; readonly clientSecret: string; readonly nodeKey: string }
}

async function createdBy(client: TwinClient, kind: '01' | '02', secret = draw(32)): Promise<Ends> {
  const [own, keys] = [draw(32), queueKeys(secret)]
  const reply = await client.say('create', undefined, kind + publicOf(own) + keys.sender + ZERO_PASS)
  assert.equal(reply.type, 'created')
  const nodeKey = reply.fields.slice(0, 64)
  const ids = openHanded('created', reply.place, NO_ID, { id: NO_ID, clientSecret: own, nodeKey }, reply.fields.slice(64, 64 + 2 * (32 + 64)))
  assert.ok(ids, 'only who has the recipient key reads the ids')
  return {
    secret,
    keys,
    recipient: { id: ids.slice(0, 48), clientSecret: own, nodeKey },
    sender: { id: ids.slice(48), clientSecret: keys.senderSecret, nodeKey },
  }
}

/** All blocks of a message, numbered from `first`. */
function blocksOf({ keys }: Ends, message: string, first: number): { id: string; body: string }[] {
  return Array.from({ length: Math.ceil(message.length / 2 / PART) }, (_, index) => ({
    id: blockId(keys.names, messageHash(message), first + index),
    body: sealed(keys.layer, draw(32), inside('part', first + index, message, index)),
  }))
}

const deliveryIn = ({ recipient, keys }: Ends, frame: string) => {
  const push = readNodeFrame(frame)
  assert.equal(push.type, 'delivery')
  const plaintext = openHanded('delivery', 0, push.id, recipient, push.fields.slice(0, 2 * (32 + 16_517)))
  assert.ok(plaintext, 'it was handed to this client')
  const item = readItem(plaintext)
  return { ...item, inside: item.kind === 1 ? opened(keys.layer, item.body) : undefined }
}

describe('a mailbox over the interop door', () => {
  let door: InteropDoor
  before(() => (door = new InteropDoor()))
  after(() => door.end())

  it('of ours keeps and hands out what the twin leaves, in order and once', async () => {
    const node = new OurNode(door)
    const [reader, writer] = [new TwinClient(await node.line()), new TwinClient(await node.line())]
    const ends = await createdBy(reader, '01')
    assert.equal((await reader.say('subscribe', ends.recipient, draw(16))).fields.slice(0, 40), '00'.repeat(20), 'nobody before, nothing waits')

    const messages = [messageOf('short'), messageOf('long', 2 * PART + 5), messageOf('last', 1)]
    let place = 1
    const seqs: number[] = []
    for (const message of messages) {
      const blocks = blocksOf(ends, message, place)
      for (const { id, body } of blocks) {
        for (const time of ['first', 'again']) assert.equal((await writer.say('send', ends.sender, id + body)).type, 'done', time)
      }
      place += blocks.length
    }
    const arrived = (await reader.line.hear(command('info', 100, ends.recipient.id, '', { ...ends.recipient, nonce: reader.line.nonce }))).pushed
    const deliveries = arrived.map((frame) => deliveryIn(ends, frame))
    assert.deepEqual(deliveries.map((each) => each.inside?.number), [1, 2, 3, 4, 5], 'a resend is kept once')
    const whole = new Map<string, string>()
    for (const { seq, inside: part } of deliveries) {
      seqs.push(seq)
      whole.set(part!.hash, (whole.get(part!.hash) ?? '') + part!.data)
    }
    assert.deepEqual([...whole], messages.map((message) => [messageHash(message), message]))

    const again = new TwinClient(await node.line())
    const tag = draw(16)
    const taken = await again.say('subscribe', ends.recipient, tag)
    assert.equal(parseInt(taken.fields.slice(32, 40), 16), 5)
    assert.equal(taken.pushed.length, 5, 'what is not acknowledged comes again')
    assert.equal((await again.say('acknowledge', ends.recipient, number(5, 1) + seqs.map((seq) => number(seq, 8)).join(''))).type, 'done')
    const info = await again.say('info', ends.recipient, '')
    assert.equal(info.fields.slice(0, 16), number(0, 4) + number(128, 4))
  })

  it('of ours says in the twin\'s words when it is full, has room, expires, is suspended, and is not there', async () => {
    const node = new OurNode(door)
    const [readerLine, writerLine] = [await node.line(), await node.line()]
    const [reader, writer] = [new TwinClient(readerLine), new TwinClient(writerLine)]
    const ends = await createdBy(reader, '02', requestSecret('0c'.repeat(16)))
    const leave = async (place: number) => {
      const { id, body } = blocksOf(ends, messageOf(`hello ${place}`), place)[0]!
      return writer.say('send', ends.sender, id + body)
    }
    for (let place = 1; place <= 8; place++) assert.equal((await leave(place)).type, 'done')
    for (const time of ['full', 'still full']) assert.deepEqual(await leave(9).then(({ type, fields }) => [type, fields.slice(0, 2)]), ['refused', '02'], time)
    const subscribed = await reader.say('subscribe', ends.recipient, draw(16))
    const items = subscribed.pushed.map((frame) => deliveryIn(ends, frame))
    assert.deepEqual(items.map(({ kind }) => kind), [1, 1, 1, 1, 1, 1, 1, 1, 2], 'eight blocks, and where the sender was refused')
    await reader.say('acknowledge', ends.recipient, number(2, 1) + number(items[0]!.seq, 8) + number(items[8]!.seq, 8))
    const room = writerLine.more().map(readNodeFrame)
    assert.deepEqual(room.map(({ type, id }) => [type, id]), [['room', ends.sender.id]])

    node.now += 21 * DAY
    const { pushes } = await door.ask<{ pushes: { stream: string; frame: string }[] }>('mailbox.sweep', { node: node.node, seed: draw(8), now: node.now })
    const expired = pushes.map(({ frame }) => deliveryIn(ends, frame))
    assert.deepEqual(expired.map(({ kind, total }) => [kind, total]), [[3, 7]])

    const body = sealed(ends.keys.layer, draw(32), inside('notice', 0, messageOf('a bundle', 5_000), 0))
    assert.deepEqual(await writer.say('read', ends.sender, '').then(({ type, fields }) => [type, fields.slice(0, 2)]), ['refused', '01'], 'nothing lies there')
    assert.equal((await reader.say('post', ends.recipient, body)).type, 'done')
    const notice = await writer.say('read', ends.sender, '')
    assert.equal(openHanded('notice', notice.place, NO_ID, ends.sender, notice.fields.slice(0, 2 * (32 + 16_496))), body)

    const stranger = { ...ends.sender, id: draw(24) }
    const denials = [await writer.say('send', stranger, draw(16) + body), await writer.say('info', { ...ends.sender, id: ends.recipient.id }, '')]
    await reader.say('suspend', ends.recipient, '')
    denials.push(await leave(10), await writer.say('read', ends.sender, ''))
    await reader.say('delete', ends.recipient, '')
    denials.push(await reader.say('info', ends.recipient, ''))
    for (const { type, fields } of denials) assert.deepEqual([type, fields], ['refused', '01'.padEnd(fields.length, '0')], 'one answer for all that is not allowed')
  })

  it('of the twin is used by our recipient and our sender', async () => {
    const node = new TwinNode(draw)
    const streams = { reader: nonceOf(node.connect('reader', NOW)), writer: nonceOf(node.connect('writer', NOW)) }
    const places = { reader: 0, writer: 0 }
    const own = draw(32)
    const secret = draw(32)
    const { sender: senderKey = '', senderSecret = '' } = await door.ask('mailbox.keys', { secret })
    const say = async (stream: 'reader' | 'writer', key: string, nodeKey: string, said: Record<string, unknown>): Promise<string> => {
      const { frame } = await door.ask('mailbox.command', { nonce: streams[stream], number: ++places[stream], key, nodeKey, command: said })
      return node.hear(stream, frame!, NOW)
    }
    const recipientKey = (await door.ask('suite.key', { kind: 'x25519', secret: own })).public
    const { frame } = await door.ask('mailbox.create', { number: ++places.reader, kind: 'conversation', recipientKey, senderKey, pass: ZERO_PASS })
    const ids = await door.ask<{ recipient: string; sender: string; nodeKey: string }>('mailbox.openCreated', { key: own, frame: node.hear('reader', frame!, NOW) })

    const queue = { id: ids.recipient, kind: 'conversation', key: own, nodeKey: ids.nodeKey, secret }
    const { recipient } = await door.ask('mailbox.recipient', { queues: [queue] })
    const { tag } = await door.ask('mailbox.subscribe', { recipient, id: ids.recipient, seed: draw(8) })
    const subscribed = await say('reader', own, ids.nodeKey, { type: 'subscribe', id: ids.recipient, tag })
    assert.deepEqual(await door.ask('mailbox.subscribed', { recipient, id: ids.recipient, frame: subscribed }), { stranger: false })

    const { sender } = await door.ask('mailbox.sender', { id: ids.sender, secret })
    const messages = Array.from({ length: 7 }, (_, i) => messageOf(`message ${i}`, i % 3 === 1 ? 2 * PART + 100 : 4_096))
    for (const message of messages) await door.ask('mailbox.start', { sender, message })
    const finished: unknown[] = []
    for (let round = 0; finished.length < messages.length; round++) {
      const { pieces } = await door.ask<{ pieces: { number: number; command: Record<string, unknown> }[] }>('mailbox.due', { sender, seed: draw(8), now: NOW })
      assert.ok(pieces.length > 0 && round < 10)
      if (round === 0) {
        for (const piece of pieces.slice(0, 3)) await say('writer', senderSecret, ids.nodeKey, piece.command)
        await door.ask('mailbox.interrupted', { sender }) // the replies were lost: what was stored is sent again, and kept once
        continue
      }
      for (const piece of pieces) {
        const reply = await say('writer', senderSecret, ids.nodeKey, piece.command)
        assert.equal(readNodeFrame(reply).type, 'done')
        const heard = await door.ask<{ finished: string | null }>('mailbox.heard', { sender, number: piece.number, said: 'done', seed: draw(8), now: NOW })
        if (heard.finished !== null) finished.push(heard.finished)
      }
    }
    assert.deepEqual(finished, messages.map(messageHash))

    const received: string[] = []
    for (const push of node.pushes.splice(0).filter(({ stream }) => stream === 'reader')) {
      const taken = await door.ask<{ message: string | null; notes: unknown[]; acknowledge: { id: string; seqs: number[] }[] }>('mailbox.receive', { recipient, frame: push.frame, now: NOW })
      assert.deepEqual(taken.notes, [])
      if (taken.message !== null) received.push(taken.message)
      for (const settled of taken.acknowledge) assert.equal(readNodeFrame(await say('reader', own, ids.nodeKey, { type: 'acknowledge', ...settled })).type, 'done')
    }
    assert.deepEqual(received, messages)
    assert.equal(node.queues[0]?.items.length, 0, 'nothing is left at the node')
    const read = await say('writer', senderSecret, ids.nodeKey, { type: 'read', id: ids.sender })
    assert.deepEqual(readNodeFrame(read).type, 'refused')

    const dropped = { kind: 1, seq: 900, at: NOW, body: sealed(queueKeys(secret).layer, draw(32), inside('part', 40, messageOf('after a gap'), 0)) }
    const delivery = (item: { seq: number; at: number; body: string }): string =>
      `0190${'00'.repeat(8)}${ids.recipient}${handed('delivery', 0, ids.recipient, { id: ids.recipient, clientKey: publicOf(own), nodeSecret: node.queues[0]!.nodeSecret }, draw(32), number(item.seq, 8) + number(1, 1) + number(item.at, 8) + number(0, 4) + item.body)}`.padEnd(2 * 16_640, '0')
    const gap = await door.ask<{ message: string; notes: unknown[] }>('mailbox.receive', { recipient, frame: delivery(dropped), now: NOW })
    assert.deepEqual(gap.notes, [{ type: 'gap', gap: { from: 12, to: 39 } }], 'the numbers tell what the node left out')
    const swapped = { ...dropped, seq: 901, body: sealed(draw(32), draw(32), inside('part', 41, messageOf('of another queue'), 0)) }
    assert.deepEqual((await door.ask<{ notes: unknown[] }>('mailbox.receive', { recipient, frame: delivery(swapped), now: NOW })).notes, [{ type: 'foreign' }])
  })

  for (const seed of [21, 22, 23]) {
    it(`does the same at ours and at the twin's, whatever is done with it (seed ${seed})`, async () => {
      const random = seededRandom(seed)
      const below = (n: number): number => random(1)[0]! % n
      const secret = draw(32)
      const ours = new OurNode(door)
      const both = [await Played.at(ours, secret), await Played.at(new ReferenceNode(), secret)] as const
      const body = (what: 'part' | 'notice', place: number): string => sealed(both[0].ends.keys.layer, draw(32), inside(what, place, messageOf(`${place}`), 0))
      const at = both.map(({ node }) => node)
      for (let move = 0; move < 60; move++) {
        const chance = below(20)
        const place = 1 + below(14)
        const [days, pick] = [chance === 0 ? below(12) : 0, below(3)]
        for (const node of at) node.now += days * DAY
        const says = both.map(({ seqs }) => {
          if (chance < 9) return { type: 'send', by: 'sender', fields: blockId(both[0].ends.keys.names, messageHash(messageOf(`${place}`)), place) + body('part', place) } as const
          if (chance < 14) {
            const settled = [...seqs.splice(pick % Math.max(1, seqs.length), 1), 9_999] // and one that never was
            return { type: 'acknowledge', by: 'recipient', fields: number(settled.length, 1) + settled.map((seq) => number(seq, 8)).join('') } as const
          }
          if (chance < 16) return { type: 'subscribe', by: 'recipient', fields: number(move, 16) } as const
          if (chance < 17) return { type: 'post', by: 'recipient', fields: body('notice', place) } as const
          if (chance < 18) return { type: 'read', by: 'sender', fields: '' } as const
          if (move > 50 && chance === 19) return { type: 'suspend', by: 'recipient', fields: '' } as const
          return { type: 'info', by: 'recipient', fields: '' } as const
        })
        assert.deepEqual(await both[0].does(says[0]!), await both[1].does(says[1]!), `move ${move}: ${says[0]!.type}`)
      }
      assert.deepEqual(await door.ask('mailbox.forgetNode', { node: ours.node }), { forgotten: true })
    })
  }

  it('is announced in the same bytes', async () => {
    const queues = [0, 1].map((priority) => ({ node: draw(32), sender: draw(24), nodeKey: draw(32), secret: draw(32), priority, addresses: ['/ip4/192.0.2.7/tcp/4001', '/dns4/a.example/tcp/443/wss'] }))
    const { bytes } = await door.ask('mailbox.announcement', { revision: NOW, queues })
    assert.equal(bytes, announcement(NOW, queues))
    assert.deepEqual(await door.ask('mailbox.readAnnouncement', { bytes }), { revision: NOW, queues })
  })
})

const nonceOf = (hello: string): string => readNodeFrame(hello).fields.slice(0, 64)
