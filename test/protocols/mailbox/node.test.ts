import assert from 'node:assert/strict'
import {
  answer,
  type Command,
  decodeNodeFrame,
  encodeNodeFrame,
  hear,
  MailboxError,
  newView,
  openBlock,
  openDelivery,
  openNotice,
  pushFrame,
  queueKeys,
  requestSecret,
  say,
  sealBlock,
  type Session,
  subscribe,
  subscribed,
  whose,
} from '../../../protocols/mailbox/index.ts'
import { authenticatorKey, share } from '../../../protocols/mailbox/keys.ts'
import { type Suite, toHex } from '../../../protocols/suite/index.ts'
import { openssl as suite } from '../../../src/crypto/index.ts'
import { seededRandom } from '../../support/seeded.ts'
import { Line, makeQueue, TestNode, T0 } from './people.ts'

const refusal = (code: string) => (error: unknown) => error instanceof MailboxError && error.code === code
const data = (length: number, byte = 7): Uint8Array => new Uint8Array(length).fill(byte)
const world = (seed = 1) => {
  const node = new TestNode(seededRandom(seed))
  return { node, queue: makeQueue(node), line: new Line(node) }
}

describe('a queue', () => {
  it('is made once, however often its making is repeated, and only for who has the recipient key', () => {
    const { node } = world()
    const own = suite.generate('x25519', node.random)
    const sender = suite.generate('x25519', node.random)
    const first = new Line(node).create('conversation', own, sender.publicKey)
    const again = new Line(node).create('conversation', own, sender.publicKey)
    assert.deepEqual(again, first)
    assert.equal(node.boxes.size, 2)
    assert.equal(new Line(node).create('conversation', own, own.publicKey), 'refused', 'with another sender it is not that queue')
    assert.throws(() => new Line(node).create('conversation', { ...own, secretKey: sender.secretKey }, sender.publicKey), refusal('seal'), 'a stranger who repeats it cannot read the ids')
  })

  it('is another one if it is of another kind', () => {
    const { node, queue } = world()
    assert.equal(new Line(node).create('request', queue.own, queue.keys.sender.publicKey), 'refused')
  })

  it('is made on a stream that goes on with other commands', () => {
    const { node, queue, line } = world()
    const sender = suite.generate('x25519', node.random).publicKey
    for (const kind of ['conversation', 'request'] as const) assert.notEqual(line.create(kind, suite.generate('x25519', node.random), sender), 'refused')
    assert.equal(line.ask({ type: 'info', id: queue.ids.recipient }, queue.recipient).type, 'info')
    assert.equal(line.stream.next, 4)
  })

  it('is not made with keys that must not be used', () => {
    const { node } = world()
    const own = suite.generate('x25519', node.random)
    for (const bad of [data(32, 0), data(32, 0xff), new Uint8Array([1, ...data(31, 0)])]) {
      assert.equal(new Line(node).create('conversation', own, bad), 'refused')
      assert.equal(new Line(node).create('conversation', { ...own, publicKey: bad }, own.publicKey), 'refused')
    }
    assert.equal(node.boxes.size, 1)
    const { queue, line } = world(2)
    assert.deepEqual(line.ask({ type: 'secure', id: queue.ids.recipient, senderKey: data(32, 0) }, queue.recipient), { type: 'refused', code: 'denied' })
  })

  it('gives its two ends ids and keys that have nothing in common', () => {
    const { queue } = world()
    const all = [queue.ids.recipient, queue.ids.sender, queue.own.publicKey, queue.keys.sender.publicKey, queue.ids.nodeKey].map(toHex)
    assert.equal(new Set(all).size, 5)
    assert.equal(queue.ids.recipient.length, 24)
  })

  it('takes another sender key from its recipient, and then only that', () => {
    const { node, queue, line } = world()
    const next = queueKeys(suite, node.random(32))
    const block = { type: 'send', id: queue.ids.sender, block: data(16), body: data(16_480) } as const
    assert.deepEqual(line.ask({ type: 'secure', id: queue.ids.recipient, senderKey: next.sender.publicKey }, queue.recipient), { type: 'done' })
    assert.deepEqual(line.ask(block, queue.sender), { type: 'refused', code: 'denied' })
    assert.equal(node.bodies.size, 0)
  })
})

describe('a command', () => {
  it('that was recorded is worth nothing: neither again, nor later, nor on another stream (attack 24)', () => {
    const { node, queue, line } = world()
    const said = say(suite, line.stream, { type: 'delete', id: queue.ids.recipient }, queue.recipient)
    const other = new Line(node)
    assert.equal(toHex(node.hear(other.session, said.frame)), toHex(encodeNodeFrame({ type: 'reply', number: 1, reply: { type: 'refused', code: 'denied' } })))
    assert.equal(node.boxes.size, 1)
    const info = say(suite, line.stream, { type: 'info', id: queue.ids.recipient }, queue.recipient)
    node.hear(line.session, info.frame)
    assert.throws(() => node.hear(line.session, info.frame), refusal('replayed'))
    assert.throws(() => node.hear(line.session, said.frame), refusal('replayed'), 'nor one that was held back and overtaken')
  })

  it('of which any byte was changed is refused', () => {
    const { node, queue, line } = world()
    const { frame } = say(suite, { ...line.stream, next: 5 }, { type: 'acknowledge', id: queue.ids.recipient, seqs: [1, 2] }, queue.recipient)
    const good = node.sessions.get(line.session) as Session
    const kinds = new Set<string>()
    for (let place = 0; place < 90; place++) {
      const changed = frame.slice()
      changed[place]! ^= 2
      try {
        const heard = hear(good, changed)
        const asked = whose(heard.asked)
        const answered = answer(suite, node.random, node.decoy, node.find(asked.by, asked.value), heard, T0)
        assert.equal(answered.reply?.[1], 0x86)
        kinds.add('denied')
      } catch (error) {
        assert.ok(error instanceof MailboxError, String(error))
        kinds.add(error.code)
      }
    }
    assert.deepEqual([...kinds].sort(), ['denied', 'malformed', 'newer-version'])
  })

  it('needs the key of its role: a sender cannot act as recipient, nor the other way round', () => {
    const { queue, line } = world()
    const denied = { type: 'refused', code: 'denied' }
    assert.deepEqual(line.ask({ type: 'info', id: queue.ids.recipient }, queue.sender), denied)
    assert.deepEqual(line.ask({ type: 'delete', id: queue.ids.sender }, queue.sender), denied)
    assert.deepEqual(line.ask({ type: 'read', id: queue.ids.sender }, queue.recipient), denied)
    assert.deepEqual(line.ask({ type: 'send', id: queue.ids.recipient, block: data(16), body: data(16_480) }, queue.recipient), denied)
  })
})

describe('what comes of a command', () => {
  const asked = (command: Command) => ({ session: { id: 's', nonce: data(32), last: 0 }, asked: { number: 1, command, signed: data(1), authenticator: data(32) } })

  it('that is denied, or makes a queue, is its reply alone', () => {
    const { node, queue } = world()
    const found = node.find('recipient', queue.ids.recipient)!
    const { reply: _, ...denied } = answer(suite, node.random, node.decoy, found, asked({ type: 'delete', id: queue.ids.recipient }), T0)
    assert.deepEqual(denied, { box: found, notice: undefined, pushes: [], kept: undefined, dropped: [] })
    const { reply: __, ...made } = answer(suite, node.random, node.decoy, found, asked({ type: 'create', kind: 'conversation', recipientKey: queue.own.publicKey, senderKey: queue.keys.sender.publicKey, pass: data(32) }), T0)
    assert.deepEqual(made, { box: found, notice: undefined, pushes: [], kept: undefined, dropped: [] })
  })

  it('is no refusal when it is a fault of ours', () => {
    const { node, queue } = world()
    const broken: Suite = { ...suite, dh: () => assert.fail('a fault of ours') }
    const create: Command = { type: 'create', kind: 'conversation', recipientKey: queue.own.publicKey, senderKey: queue.keys.sender.publicKey, pass: data(32) }
    assert.throws(() => answer(broken, node.random, node.decoy, undefined, asked(create), T0), { message: 'a fault of ours' })
  })

  it('is pushed to the sender by the sender’s id, and to the recipient by the recipient’s', () => {
    const { node, queue } = world()
    const { queue: kept } = node.find('recipient', queue.ids.recipient)!
    const pushed = (type: 'room' | 'evicted') => decodeNodeFrame(pushFrame(suite, node.random, kept, { to: 's', type }))
    assert.deepEqual([pushed('room'), pushed('evicted')], [{ type: 'room', id: queue.ids.sender }, { type: 'evicted', id: queue.ids.recipient }])
  })

  it('never is a delivery without its body', () => {
    const { node, queue } = world()
    const { queue: kept } = node.find('recipient', queue.ids.recipient)!
    const delivery = { to: 's', type: 'delivery', item: { kind: 'block', seq: 1, at: T0, block: data(16) }, shared: queue.recipient.shared } as const
    assert.throws(() => pushFrame(suite, node.random, kept, delivery), new RangeError('not the body of a block: undefined bytes'))
    assert.throws(() => pushFrame(suite, node.random, kept, delivery, data(5)), new RangeError('not the body of a block: 5 bytes'))
  })
})

describe('an id that is guessed (attack 62)', () => {
  /** Counts what the engine is asked to do. */
  function counting(): { suite: Suite; log: string[] } {
    const log: string[] = []
    const counted = new Proxy(suite, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown
        return typeof value !== 'function' ? value : (...args: unknown[]) => {
          log.push(`${String(name)} ${args.map((each) => (each instanceof Uint8Array ? each.length : '')).join(' ')}`)
          return (value as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
    return { suite: counted, log }
  }

  it('is answered byte for byte like a wrong key and a forbidden command, after the same sums; 10,000 samples', () => {
    const { node, queue, line } = world()
    const suspended = makeQueue(node)
    line.ask({ type: 'suspend', id: suspended.ids.recipient }, suspended.recipient)
    const session: Session = { ...(node.sessions.get(line.session) as Session), last: 0 }
    const wrong = makeQueue(new TestNode(seededRandom(9)))
    const { suite: counted, log } = counting()
    const sums = new Set<string>()
    const replies = new Set<string>()
    for (let i = 0; i < 10_000; i++) {
      const guess = node.random(24)
      const cases: [Exclude<Command, { type: 'create' }>, typeof queue.recipient][] = [
        [{ type: 'read', id: guess }, wrong.sender],
        [{ type: 'read', id: queue.ids.sender }, wrong.sender],
        [{ type: 'read', id: queue.ids.recipient }, queue.recipient],
        [{ type: 'read', id: suspended.ids.sender }, suspended.sender],
      ]
      const [command, as] = cases[i % 4]!
      const { frame } = say(suite, { nonce: session.nonce, next: 77 }, command, as)
      const heard = hear(session, frame)
      const asked = whose(heard.asked)
      const found = node.find(asked.by, asked.value)
      log.length = 0
      const answered = answer(counted, node.random, node.decoy, found, heard, T0)
      sums.add(log.join('\n'))
      replies.add(toHex(answered.reply!))
      assert.ok(!answered.kept && answered.dropped.length === 0 && answered.pushes.length === 0 && answered.box?.queue === found?.queue)
    }
    assert.equal(replies.size, 1)
    assert.equal(sums.size, 1)
    assert.match([...sums][0]!, /dh .*\nhkdf .*\nhmac .*\nequal .*\nequal /)
  })

  it('takes as long, of a queue that is there and of one that is not, as far as a clock can tell', function () {
    this.retries(3) // other work on the machine
    const { node, queue, line } = world()
    const session: Session = { ...(node.sessions.get(line.session) as Session), last: 0 }
    const wrong = makeQueue(new TestNode(seededRandom(9)))
    const heard = [queue.ids.recipient, node.random(24)].map((id) => hear(session, say(suite, { nonce: session.nonce, next: 1 }, { type: 'info', id }, wrong.recipient).frame))
    const found = [node.find('recipient', queue.ids.recipient), undefined]
    const times: [number[], number[]] = [[], []]
    for (let i = 0; i < 4_000; i++) {
      const from = process.hrtime.bigint()
      answer(suite, node.random, node.decoy, found[i % 2], heard[i % 2]!, T0)
      times[(i % 2) as 0 | 1].push(Number(process.hrtime.bigint() - from))
    }
    const [there, absent] = times.map((each) => each.sort((a, b) => a - b)[each.length >> 1]!) as [number, number]
    assert.ok(Math.abs(there - absent) < 0.25 * Math.max(there, absent), `${there} ns, ${absent} ns`)
  })
})

describe('a stolen recipient key (attack 63)', () => {
  it('used beside its owner evicts them, which they see', () => {
    const { node, queue, line } = world()
    line.ask({ type: 'subscribe', id: queue.ids.recipient, tag: data(16, 1) }, queue.recipient)
    const thief = new Line(node)
    thief.ask({ type: 'subscribe', id: queue.ids.recipient, tag: data(16, 2) }, queue.recipient)
    assert.deepEqual(line.pushed(), [{ type: 'evicted', id: queue.ids.recipient }])
  })

  it('used while they were away is seen when they come back', () => {
    const { node, queue } = world()
    let view = newView(queue.ids.recipient, 'conversation')
    const visit = (): boolean => {
      const line = new Line(node)
      const asked = subscribe(view, node.random, queue.ids.recipient)
      const reply = line.ask(asked.command, queue.recipient)
      assert.ok(reply.type === 'subscribed')
      const heard = subscribed(suite, asked.view, reply)
      view = heard.view
      line.close()
      return heard.stranger
    }
    assert.deepEqual([visit(), visit()], [false, false])
    const lost = new Line(node)
    const asked = subscribe(view, node.random, queue.ids.recipient)
    view = asked.view
    lost.ask(asked.command, queue.recipient)
    lost.close()
    assert.equal(visit(), false, 'our own whose reply was lost is ours')
    const thief = new Line(node)
    thief.ask({ type: 'subscribe', id: queue.ids.recipient, tag: data(16, 2) }, queue.recipient)
    thief.close()
    assert.deepEqual([visit(), visit()], [true, false])
  })

  it('does not open what was recorded of an invite or a block: those need the secret of the queue', () => {
    const { node, queue, line } = world()
    line.ask({ type: 'send', id: queue.ids.sender, block: data(16), body: sealBlock(suite, node.random, queue.keys, { what: 'nothing', number: 1 }) }, queue.sender)
    line.ask({ type: 'subscribe', id: queue.ids.recipient, tag: data(16, 2) }, queue.recipient)
    const [push] = line.pushed()
    assert.ok(push?.type === 'delivery')
    const delivered = openDelivery(suite, queue.recipient, push)
    assert.ok(delivered.kind === 'block')
    assert.throws(() => openBlock(suite, queueKeys(suite, data(32)), delivered.body), refusal('seal'))
    assert.deepEqual(openBlock(suite, queue.keys, delivered.body), { what: 'nothing', number: 1 })
  })
})

describe('what goes in and what comes out', () => {
  it('have no bytes in common, and twice the same block comes out differently (attack 66)', () => {
    const { node, queue, line } = world()
    const runs = (bytes: Uint8Array): Set<string> => new Set(Array.from({ length: bytes.length - 3 }, (_, i) => toHex(bytes.slice(i, i + 4))))
    const body = sealBlock(suite, node.random, queue.keys, { what: 'nothing', number: 1 })
    const said = say(suite, line.stream, { type: 'send', id: queue.ids.sender, block: data(16, 9), body }, queue.sender)
    node.hear(line.session, said.frame)
    const outs = [1, 2].map((tag) => {
      const reader = new Line(node)
      reader.ask({ type: 'subscribe', id: queue.ids.recipient, tag: data(16, tag) }, queue.recipient)
      return node.lines.get(reader.session)![0]!
    })
    const common = (a: Uint8Array, b: Uint8Array): string[] => {
      const there = runs(b.slice(34))
      return [...runs(a.slice(66))].filter((run) => run !== '00000000' && there.has(run))
    }
    // 16,000 x 16,000 runs of 32 random bits meet by chance one time in sixteen
    assert.ok(common(said.frame, outs[0]!).length <= 2)
    assert.ok(common(outs[0]!, outs[1]!).length <= 2)
    assert.deepEqual(outs.map(({ length }) => length), [16_640, 16_640])
  })

  it('have one size, whatever they carry', () => {
    const { node, queue, line } = world()
    const sizes = new Set<number>()
    const bodies = [{ what: 'nothing', number: 1 }, { what: 'notice', data: data(9) }, { what: 'notice', data: data(16_384) }] as const
    for (const [place, inside] of bodies.entries()) {
      const body = sealBlock(suite, node.random, queue.keys, inside)
      sizes.add(say(suite, line.stream, { type: 'send', id: queue.ids.sender, block: data(16, place), body }, queue.sender).frame.length)
      line.ask({ type: 'send', id: queue.ids.sender, block: data(16, place), body }, queue.sender)
    }
    node.now += 22 * 24 * 3600 * 1000
    line.ask({ type: 'subscribe', id: queue.ids.recipient, tag: data(16) }, queue.recipient)
    for (const frame of node.lines.get(line.session)!) sizes.add(frame.length)
    assert.deepEqual([...sizes], [16_640])
  })
})

describe('the queue of an invite', () => {
  const invite = data(16, 3)

  it('lets who scanned it fetch the bundle and say hello while the inviter is away', () => {
    const node = new TestNode(seededRandom(4))
    const made = makeQueue(node, 'request', requestSecret(suite, invite))
    const inviter = new Line(node)
    const bundle = data(5_900, 8)
    assert.equal(inviter.ask({ type: 'post', id: made.ids.recipient, body: sealBlock(suite, node.random, made.keys, { what: 'notice', data: bundle }) }, made.recipient).type, 'done')
    inviter.close()
    // The scanner has the invite's secret, the sender id and the node's key; the rest follows.
    const keys = queueKeys(suite, requestSecret(suite, invite))
    const scanner = new Line(node)
    const number = scanner.stream.next
    const reply = scanner.ask({ type: 'read', id: made.ids.sender }, made.sender)
    assert.ok(reply.type === 'notice')
    assert.deepEqual(openBlock(suite, keys, openNotice(suite, made.sender, number, reply)), { what: 'notice', data: bundle })
  })

  it('refuses whoever has no invite, and holds eight hellos of those who have (attack 61)', () => {
    const node = new TestNode(seededRandom(5))
    const made = makeQueue(node, 'request', requestSecret(suite, invite))
    const stranger = makeQueue(node)
    const line = new Line(node)
    const hello = (place: number) => ({ type: 'send', id: made.ids.sender, block: data(16, place), body: data(16_480, place) }) as const
    assert.deepEqual(line.ask(hello(0), stranger.sender), { type: 'refused', code: 'denied' })
    for (let i = 1; i <= 8; i++) assert.deepEqual(line.ask(hello(i), made.sender), { type: 'done' })
    assert.deepEqual(line.ask(hello(9), made.sender), { type: 'refused', code: 'quota' })
    assert.equal(node.bodies.size, 8)
  })

  it('without a notice, or suspended, says the same as one that is not there', () => {
    const node = new TestNode(seededRandom(6))
    const made = makeQueue(node, 'request')
    const line = new Line(node)
    assert.deepEqual(line.ask({ type: 'read', id: made.ids.sender }, made.sender), { type: 'refused', code: 'denied' })
    line.ask({ type: 'post', id: made.ids.recipient, body: data(16_480) }, made.recipient)
    line.ask({ type: 'suspend', id: made.ids.recipient }, made.recipient)
    assert.deepEqual(line.ask({ type: 'read', id: made.ids.sender }, made.sender), { type: 'refused', code: 'denied' })
  })
})

describe('the authenticator', () => {
  it('could have been made by the node: it proves nothing to a third', () => {
    const { node, queue, line } = world()
    const { frame } = say(suite, line.stream, { type: 'info', id: queue.ids.recipient }, queue.recipient)
    const { node: own, recipientKey, recipient } = node.find('recipient', queue.ids.recipient)!.queue
    // Nothing but what the node holds: its own secret and the client's public key.
    const shared = share(suite, own.secretKey, { id: recipient, client: recipientKey, node: own.publicKey, other: 'client' })
    const forged = say(suite, { ...line.stream, nonce: line.stream.nonce }, { type: 'info', id: recipient }, { shared, key: authenticatorKey(suite, shared) })
    assert.equal(toHex(forged.frame), toHex(frame))
  })
})
