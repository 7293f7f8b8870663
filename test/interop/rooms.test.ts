import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { bytes as field, content as contentOf, number as varint, type Said as Content } from '../reference/content.ts'
import { first, ordinary, padded, unpadded } from '../reference/envelope.ts'
import { handshake, initiate, type Inputs, publish, readBundle } from '../reference/handshake.ts'
import { fingerprint, judgeList, phrase, publicOf, type ReadList, readList, rootSeed, safetyNumber, signed } from '../reference/identity.ts'
import { link } from '../reference/channel-sync.ts'
import { blockId, command, handed as handedTo, inside, messageHash, NO_ID, nodeFrame, number, queueKeys, sealed } from '../reference/mailbox.ts'
import { commitment, inviteText, relayText } from '../reference/pairing.ts'
import { TwinRatchet, twins } from '../reference/ratchet.ts'
import { TwinSession } from '../reference/session.ts'
import { encoded, craft, hkdf, hmac, labelled, NOTHING, sha512, verify, x25519, x25519Public } from '../reference/suite.ts'
import { InteropDoor } from '../support/interop-door.ts'
import { NOW } from './people.ts'

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
let drawn = 0
const draw = (length: number): string => sha512(Buffer.from(`rooms ${drawn++}`).toString('hex')).slice(0, 2 * length)
const YEAR = 365 * 86_400

/** What a seed gives, as the documents say. */
function stream(seed: string): (length: number) => string {
  const block = (count: number): string => createHash('sha512').update(Buffer.from(seed, 'hex')).update(Buffer.from([0, 0, 0, count])).digest('hex')
  let pool = ''
  let count = 0
  return (length) => {
    while (pool.length < 2 * length) pool += block(count++)
    const taken = pool.slice(0, 2 * length)
    pool = pool.slice(2 * length)
    return taken
  }
}

describe('each room over the interop door', () => {
  let door: InteropDoor
  before(() => (door = new InteropDoor()))
  after(() => door.end())

  it('suite: hashes, derives, agrees and verifies as its twin', async () => {
    for (const length of [0, 1, 63, 64]) {
      const bytes = draw(length)
      assert.equal((await door.ask('suite.hash', { bytes })).hash, sha512(bytes))
      const key = draw(7)
      assert.equal((await door.ask('suite.hmac', { key, bytes })).mac, hmac(key, bytes))
      assert.equal((await door.ask('suite.hkdf', { salt: '', ikm: bytes, info: '01', length: 100 })).bytes, hkdf('', bytes, '01', 100))
    }
    assert.equal((await door.ask('suite.labelled', { label: 'dure/v1/handshake/root', fields: ['', 'aabb'] })).bytes, labelled('dure/v1/handshake/root', ['', 'aabb']))
    const [a, b] = [draw(32), draw(32)]
    assert.equal((await door.ask('suite.key', { kind: 'x25519', secret: a })).public, x25519Public(a))
    assert.equal((await door.ask('suite.dh', { secret: a, public: x25519Public(b) })).shared, x25519(b, x25519Public(a)))
    for (const bad of ['ff'.repeat(32), '00'.repeat(32)]) assert.equal(await door.refusal('suite.dh', { secret: a, public: bad }), x25519(a, bad))
    const made = craft(12_345n, 67_890n, 'aabbcc', { key: NOTHING, r: NOTHING })
    for (const signature of [made.signature, made.signature.replace(/.$/, '0'), made.signature.slice(0, 64) + encoded(1n)]) {
      const valid = verify(made.publicKey, made.message, signature)
      assert.equal((await door.ask('suite.verify', { public: made.publicKey, bytes: made.message, signature })).valid as unknown, valid)
    }
  })

  it('draws in the order of its documents: the twin makes the same bytes of the same seeds, from a device to an envelope', async () => {
    assert.equal((await door.ask('suite.draw', { seed: '2a', length: 200 })).bytes, stream('2a')(200))
    const people = [draw(3), draw(4)].map((seed) => {
      const drawing = stream(seed)
      const [signing, agreement, root] = [drawing(32), drawing(32), draw(32)]
      const devices = [{ signing: publicOf(signing), agreement: x25519Public(agreement), addedAt: 1, name: 'x' }]
      const deviceList = signed(root, { account: publicOf(root), version: 1, prev: '', issuedAt: NOW / 1000, notAfter: NOW / 1000 + YEAR, devices })
      return { seed, signing, agreement, deviceList, device: `01${signing}${agreement}`, party: { account: bytesOf(publicOf(root)), device: bytesOf(publicOf(signing)) } }
    })
    const [ann, bob] = people as [(typeof people)[number], (typeof people)[number]]
    for (const { seed, device } of people) assert.equal((await door.ask('identity.device', { seed })).device, device)

    const ids = { signedPrekey: 1, pqPrekey: 2, ratchet: 3, oneTimePrekey: 4 }
    const keys = stream('aa')
    const responder = { ...ann, signedPrekey: keys(32), pqPrekey: keys(64), ratchetDh: keys(32), ratchetKem: keys(64), oneTimePrekey: keys(32) }
    const published = publish({ oneTime: true, notAfter: NOW + 1, ids, responder })
    const made = await door.ask('handshake.bundle', { seed: 'aa', device: ann.device, list: ann.deviceList, notAfter: NOW + 1, ids })
    assert.deepEqual([made.bundle, made.prekeys], [published.bundle, published.secrets])

    const begins = stream('bb')
    const read = readBundle(published.bundle, NOW)
    assert.ok(typeof read !== 'string')
    const begun = initiate({ ...bob, ephemeral: begins(32), coins: begins(32) }, read, x25519Public(ann.agreement), undefined)
    const started = await door.ask('session.start', { seed: 'bb', device: bob.device, list: bob.deviceList, bundle: made.bundle, now: NOW })
    assert.equal(started.message, begun.message)
    assert.equal((await door.ask('handshake.initiate', { seed: 'bb', device: bob.device, list: bob.deviceList, bundle: made.bundle, now: NOW })).root, begun.root)

    const ratchet = new TwinRatchet(bytesOf(begun.root), bytesOf(begun.headerInitiator), bytesOf(begun.headerResponder))
    ratchet.peer = { dh: read.keys.ratchetDh, ek: read.keys.ratchetKem }
    const session = new TwinSession({ ratchet, transcript: bytesOf(begun.transcript), self: bob.party, peer: ann.party, first: bytesOf(begun.message) })
    let record = started.record
    for (const [seed, content, now] of [['cc', '6869', NOW], ['dd', '', NOW], ['ee', 'ab'.repeat(9_000), NOW - 5]] as const) {
      const drawing = stream(seed)
      const first = seed === 'cc' ? { step: { dh: bytesOf(drawing(32)), kem: bytesOf(drawing(64)), coins: bytesOf(drawing(32)) } } : {}
      const sealed = await door.ask('session.seal', { seed, record, content, now })
      record = sealed.record
      assert.equal(sealed.envelope, hexOf(session.seal(bytesOf(content), now, { ...first, salt: bytesOf(drawing(16)) })))
    }

    const invites = stream('ff')
    const text = inviteText({ inPerson: false, expires: 1_900_000_000, device: publicOf(ann.signing), bundleHash: read.hash, secret: invites(16), addresses: [] })
    const invite = await door.ask('pairing.invite', { seed: 'ff', device: ann.device, prekeys: made.prekeys, addresses: [], inPerson: false, expires: 1_900_000_000 })
    assert.equal(invite.text, text)
    assert.equal((await door.ask('pairing.judgeFetch', { state: invite.state, from: publicOf(bob.signing), now: NOW })).frame!.slice(4, 68), commitment(invites(32)))
  })

  it('draws for mailboxes in that order, too', async () => {
    const secret = draw(32)
    const { layer, names, sender } = queueKeys(secret)
    const message = draw(60)
    const part = await door.ask('mailbox.sealPart', { seed: '01', secret, message, index: 0, number: 7 })
    assert.deepEqual([part.body, part.block], [sealed(layer, stream('01')(32), inside('part', 7, message, 0)), blockId(names, messageHash(message), 7)])
    assert.equal((await door.ask('mailbox.sealNothing', { seed: '02', secret, number: 8 })).body, sealed(layer, stream('02')(32), inside('nothing', 8, '', 0)))
    assert.equal((await door.ask('mailbox.sealNotice', { seed: '03', secret, notice: message })).body, sealed(layer, stream('03')(32), inside('notice', 0, message, 0)))

    const { node } = await door.ask('mailbox.node', { seed: '04' })
    const hello = await door.ask('mailbox.connect', { node, seed: '05', now: NOW })
    assert.equal(hello.frame, nodeFrame('hello', 0, NO_ID, stream('05')(32) + number(NOW, 8)))
    const own = draw(32)
    const create = command('create', 1, NO_ID, `01${x25519Public(own)}${sender}${'00'.repeat(32)}`)
    assert.equal((await door.ask('mailbox.create', { number: 1, kind: 'conversation', recipientKey: x25519Public(own), senderKey: sender, pass: '00'.repeat(32) })).frame, create)
    const drawing = stream('06')
    const [ids, nodeSecret] = [drawing(24) + drawing(24), drawing(32)]
    const handed = handedTo('created', 1, NO_ID, { id: NO_ID, clientKey: x25519Public(own), nodeSecret }, drawing(32), ids)
    const { frame } = await door.ask('mailbox.hear', { node, stream: hello.stream, frame: create, seed: '06', now: NOW })
    assert.equal(frame, nodeFrame('created', 1, NO_ID, x25519Public(nodeSecret) + handed))
  })

  it('identity: makes and judges accounts and device lists as its twin', async () => {
    const entropy = draw(32)
    const { account = '' } = await door.ask('identity.account', { entropy })
    assert.deepEqual(await door.ask('identity.account', { entropy }), { account: publicOf(rootSeed(entropy)), phrase: phrase(entropy), fingerprint: fingerprint(account) })
    assert.equal((await door.ask('identity.words', { phrase: phrase(entropy).toUpperCase() })).entropy, entropy)
    const [first, second] = [draw(32), draw(32)].map((seed, i) => ({ signing: publicOf(seed), agreement: x25519Public(seed), addedAt: 1_700_000_000, name: ['desk', '전화'][i]! }))
    const { list: one = '' } = await door.ask('identity.firstList', { entropy, device: first, now: NOW })
    const seconds = NOW / 1000
    assert.equal(one, signed(rootSeed(entropy), { account, version: 1, prev: '', issuedAt: seconds, notAfter: seconds + 2 * YEAR, devices: [first!] }))
    const { list: two = '' } = await door.ask('identity.addDevice', { entropy, list: one, device: second, now: NOW })
    const { list: three = '' } = await door.ask('identity.removeDevice', { entropy, list: two, signing: first!.signing, now: NOW })
    const { list: again = '' } = await door.ask('identity.recoveredList', { entropy, device: second, now: NOW })
    const { list: renewed = '' } = await door.ask('identity.renewList', { entropy, list: one, now: NOW + 1000 })
    const lists = [one, two, three, again, renewed, signed(rootSeed(draw(32)), { account: publicOf(rootSeed(draw(32))), version: 9, prev: '', issuedAt: 1, notAfter: seconds + 9, devices: [second!] })]
    const last = lists.at(-1)!
    assert.deepEqual([await door.refusal('identity.readList', { list: last, now: NOW }), readList(last, NOW)], ['signature', 'signature'])
    for (const known of lists.slice(0, -1)) {
      for (const next of lists.slice(0, -1)) {
        const said = await door.say('identity.judgeList', { known, next, now: NOW })
        assert.equal(said.ok?.['verdict'] ?? said.error?.code, judgeList(readList(known, 0) as ReadList, readList(next, NOW) as ReadList))
      }
    }
    for (let at = 0; at < 110; at += 5) {
      const broken = `${two.slice(0, 2 * at)}${(0xff - parseInt(two.slice(2 * at, 2 * at + 2), 16)).toString(16).padStart(2, '0')}${two.slice(2 * at + 2)}`
      const ours = await door.say('identity.readList', { list: broken, now: NOW })
      assert.ok(ours.error, `byte ${at}`)
      assert.equal(typeof readList(broken, NOW), 'string', `byte ${at}`)
    }
    assert.equal(await door.refusal('identity.readList', { list: two, now: NOW + 2 * YEAR * 1000 }), readList(two, NOW + 2 * YEAR * 1000))
    assert.equal((await door.ask('identity.safetyNumber', { a: account, b: first!.signing })).number, safetyNumber(account, first!.signing))
  })

  it('handshake: agrees with its twin on either side, with and without a one-time prekey and a pairing secret', async () => {
    for (const oneTime of [true, false]) {
      for (const pairing of [undefined, draw(16)]) {
        const root = draw(32)
        const listOf = (signing: string, agreement: string): string =>
          signed(root, { account: publicOf(root), version: 1, prev: '', issuedAt: NOW / 1000, notAfter: NOW / 1000 + YEAR, devices: [{ signing: publicOf(signing), agreement: x25519Public(agreement), addedAt: 1, name: 'x' }] })
        const [signing, agreement, mine, own] = [draw(32), draw(32), draw(32), draw(32)]
        const responder = {
          signing, agreement, signedPrekey: draw(32), pqPrekey: draw(64), ratchetDh: draw(32), ratchetKem: draw(64), oneTimePrekey: draw(32), deviceList: listOf(signing, agreement),
        }
        const initiator = { signing: mine, agreement: own, ephemeral: draw(32), coins: draw(32), deviceList: listOf(mine, own) }
        const ids = { signedPrekey: 5, pqPrekey: 0xffff_ffff, ratchet: 7, oneTimePrekey: 8 }
        const inputs: Inputs = { oneTime, pairing, notAfter: NOW + 1, ids, responder, initiator }
        const want = handshake(inputs)
        const { bundle, secrets } = publish(inputs)
        const device = (sign: string, agree: string): string => `01${sign}${agree}`

        const ours = await door.ask('handshake.respond', { device: device(signing, agreement), prekeys: secrets, message: want.message, secret: pairing, now: NOW })
        assert.deepEqual([ours.transcript, ours.root, ours.headerInitiator, ours.headerResponder], [want.transcript, want.root, want.headerInitiator, want.headerResponder])
        assert.deepEqual([ours.dh, ours.kem, ours.device], [responder.ratchetDh, responder.ratchetKem, publicOf(mine)])
        const begun = await door.ask('handshake.initiate', { seed: draw(4), device: device(mine, own), list: initiator.deviceList, bundle, secret: pairing, now: NOW })
        const back = await door.ask('handshake.respond', { device: device(signing, agreement), prekeys: secrets, message: begun.message, secret: pairing, now: NOW })
        assert.equal(back.root, begun.root)
        const read = readBundle(bundle, NOW)
        assert.ok(typeof read !== 'string')
        assert.equal((await door.ask('handshake.readBundle', { bundle, now: NOW })).hash, read.hash)
        assert.equal(await door.refusal('handshake.readBundle', { bundle, now: NOW + 1 }), readBundle(bundle, NOW + 1))
      }
    }
  })

  it('ratchet: opens what its twin sealed and the other way round, in any order', async () => {
    const start = { root: draw(32), headerInitiator: draw(32), headerResponder: draw(32), dh: draw(32), kem: draw(64) }
    const both = twins({ root: bytesOf(start.root), headerInitiator: bytesOf(start.headerInitiator), headerResponder: bytesOf(start.headerResponder), dh: bytesOf(start.dh), kem: bytesOf(start.kem) })
    let { state = '' } = await door.ask('ratchet.responder', start)
    const associated = draw(32)
    const twin = both.initiator
    const next = (text: string): string =>
      hexOf(twin.encrypt(bytesOf(text), bytesOf(associated), { salt: bytesOf(draw(16)), step: { dh: bytesOf(draw(32)), kem: bytesOf(draw(64)), coins: bytesOf(draw(32)) } }))
    for (let round = 0; round < 3; round++) {
      const texts = ['00', draw(30), draw(60), '']
      const sealed = texts.map(next)
      for (const i of [2, 0, 3, 1]) {
        const read = await door.ask('ratchet.decrypt', { state, message: sealed[i], associated, now: NOW })
        assert.equal(read.plaintext, texts[i])
        state = read.state!
      }
      assert.equal(await door.refusal('ratchet.decrypt', { state, message: sealed[1], associated, now: NOW }), 'duplicate')
      const replies: string[] = []
      for (const plaintext of texts) {
        const said = await door.ask('ratchet.encrypt', { seed: draw(8), state, plaintext, associated })
        state = said.state!
        replies.push(said.message!)
      }
      for (const i of [1, 3, 0, 2]) assert.equal(hexOf(twin.decrypt(bytesOf(replies[i]!), bytesOf(associated))), texts[i])
    }
  })

  it('envelope: pads and wraps as its twin', async () => {
    for (const [length, overhead] of [[0, 2], [4_093, 2], [4_094, 2], [16_000, 1_000], [196_608, 65_535]] as const) {
      const content = 'ab'.repeat(length)
      const { padded: ours = '' } = await door.ask('envelope.pad', { content, overhead })
      assert.equal(ours, padded(content, overhead))
      assert.equal((await door.ask('envelope.unpad', { padded: ours })).content, unpadded(ours))
    }
    const [shake, rest] = ['cd'.repeat(90), 'ef'.repeat(4_096 - 4 - 90)]
    assert.equal((await door.ask('envelope.first', { handshake: shake, ratchet: rest })).envelope, first(shake, rest))
    assert.deepEqual(await door.ask('envelope.read', { envelope: ordinary('ef'.repeat(4_094)) }), { kind: 'ordinary', ratchet: 'ef'.repeat(4_094) })
    assert.equal(await door.refusal('envelope.first', { handshake: shake, ratchet: 'ef' }), 'range')
  })

  it('content: encodes every kind as its twin, and reads it back', async () => {
    const common = { id: draw(16), at: NOW }
    const contents: Content[] = [
      { ...common, kind: 'text', text: '안녕', expireAfter: 3_600 },
      { ...common, kind: 'text', text: 'again', replyTo: draw(16) },
      { ...common, kind: 'edit', target: draw(16), text: 'better' },
      { ...common, kind: 'delete', target: draw(16) },
      { ...common, kind: 'reaction', target: draw(16), emoji: '👍' },
      { ...common, kind: 'receipt', receipt: 'read', ids: [draw(16), draw(16)] },
      { ...common, kind: 'typing', active: true },
      { ...common, kind: 'timer', seconds: 86_400 },
      { ...common, kind: 'profile', name: 'Ann', picture: draw(40) },
      { ...common, kind: 'addresses', addresses: ['/ip4/192.0.2.7/tcp/4001'] },
      { ...common, kind: 'pairing', step: 'accepted', addresses: [], mailboxes: draw(20) },
      { ...common, kind: 'deviceList', bytes: draw(50) },
      { ...common, kind: 'staffOffer', link: 'DURE:AAAA', name: 'Bakery', author: 'Kim', scope: 3, notAfter: NOW },
      { ...common, kind: 'staffKey', channel: draw(32), key: draw(32), proof: draw(64) },
      { ...common, kind: 'staffRefused', channel: draw(32) },
      { ...common, kind: 'mailboxes', bytes: draw(30) },
      { ...common, kind: 'taken', ids: [draw(16)] },
    ]
    for (const content of contents) {
      const { bytes = '' } = await door.ask('content.encode', { content })
      assert.equal(bytes, contentOf(content), content.kind)
      assert.deepEqual((await door.ask<{ content: unknown }>('content.decode', { bytes })).content, content)
    }
    const raw = field(1, common.id) + varint(2, common.at) + field(50, '0a00')
    assert.deepEqual((await door.ask<{ content: unknown }>('content.decode', { bytes: raw })).content, { kind: 'unknown', ...common, raw }, 'of a kind to come')
  })

  it('pairing: writes links to channels and relays as its twin', async () => {
    const address = { text: '/ip4/192.0.2.7/tcp/4001', coded: '01c0000207070fa1' }
    const peers = [{ key: draw(32), addresses: [address] }, { key: draw(32), addresses: [] }]
    const channel = draw(32)
    const asked = { channel, peers: peers.map(({ key, addresses }) => ({ key, addresses: addresses.map(({ text }) => text) })) }
    assert.equal((await door.ask('pairing.channelLink', asked)).text, link(channel, peers))
    assert.deepEqual(await door.ask('pairing.parseChannelLink', { text: link(channel, peers) }), asked)
    const relay = { key: draw(32), addresses: [address.text] }
    assert.equal((await door.ask('pairing.relayLink', relay)).text, relayText(relay.key, [address]))
    assert.deepEqual(await door.ask('pairing.parseRelayLink', { text: relayText(relay.key, [address]) }), relay)
  })
})
