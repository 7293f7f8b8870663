import assert from 'node:assert/strict'
import { content as contentOf } from '../reference/content.ts'
import { number } from '../reference/mailbox.ts'
import { code, helloHash, inviteId, readInvite, unbase32 } from '../reference/pairing.ts'
import { bytesOf, hexOf, TwinInviter, TwinPerson, TwinScanner } from '../reference/pairing-walk.ts'
import { InteropDoor } from '../support/interop-door.ts'
import { NOW, OurPerson } from './people.ts'

const ADDRESSES = [
  { text: '/ip4/192.0.2.7/tcp/4001', coded: '01c0000207070fa1' },
  { text: '/dns4/node.example.org/tcp/443/wss', coded: `0410${Buffer.from('node.example.org').toString('hex')}0701bb0a` },
]
const EXPIRES = NOW / 1000 + 600
const greeting = (step: 'hello' | 'pending', name: string) => ({ kind: 'pairing', step, name, addresses: [ADDRESSES[0]!.text], id: '0b'.repeat(16), at: NOW })
const sized = (bytes: string): string => number(bytes.length / 2, 4) + bytes
const said = async (door: InteropDoor, bytes: string) => (await door.ask<{ content: { step?: string; name?: string } }>('content.decode', { bytes })).content

describe('a pairing over the interop door', () => {
  let door: InteropDoor
  before(() => (door = new InteropDoor()))
  after(() => door.end())

  it('goes from our code to the same digits on both screens, with the twin as scanner', async () => {
    const ann = await OurPerson.make(door, 'ann')
    const { prekeys } = await ann.bundle()
    const invite = await door.ask('pairing.invite', {
      seed: ann.seed(), device: ann.device, prekeys, addresses: ADDRESSES.map(({ text }) => text), inPerson: true, expires: EXPIRES,
    })
    const read = readInvite(invite.text!)
    assert.deepEqual(read.addresses, ADDRESSES.map(({ coded }) => coded), 'the twin reads what ours wrote')
    assert.equal(inviteId(read.secret), invite.id)

    const bob = new TwinPerson('bob', NOW)
    const scanner = new TwinScanner(bob, invite.text!)
    const from = bob.device
    const fetched = await door.ask('pairing.judgeFetch', { state: invite.state, from, now: NOW })
    assert.equal(fetched.verdict, 'serve')
    assert.equal((await door.ask<{ request: { inviteId: string } }>('pairing.readRequest', { frame: scanner.fetch })).request.inviteId, invite.id)

    const hello = scanner.hello(fetched.frame!, contentOf(greeting('hello', 'Bob')), NOW)
    const { request } = await door.ask<{ request: { envelope: string } }>('pairing.readRequest', { frame: hello })
    assert.equal((await door.ask('pairing.judgeHello', { state: invite.state, from, envelope: request.envelope, now: NOW })).verdict, 'first')
    const heard = await ann.open(request.envelope, from, { device: ann.device, prekeys, secret: invite.secret })
    assert.deepEqual(await said(door, heard.content).then(({ step, name }) => [step, name]), ['hello', 'Bob'])
    assert.equal(heard.isNewSession, true)

    const { bytes } = await door.ask('content.encode', { content: greeting('pending', 'Ann') })
    const answer = await ann.seal(bytes!)
    const used = await door.ask('pairing.useInvite', {
      state: invite.state, from, device: heard.peer.device, envelope: request.envelope, answer, transcript: heard.transcript,
    })
    assert.equal(scanner.pending(used.frame!), contentOf(greeting('pending', 'Ann')), 'the twin opens the answer, to the last byte of the content')
    assert.equal(scanner.code, used.code)

    const table = unbase32(invite.text!.slice('DURE:'.length)).toString('hex')
    assert.equal(invite.state, `0101${used.frame!.slice(4, 68)}${sized(table)}${sized(fetched.frame!.slice(68))}${sized(prekeys)}`, 'an open invite at rest')
    assert.equal(used.state, `0102${invite.id}${number(EXPIRES, 4)}${from}${helloHash(request.envelope)}${sized(used.frame!)}`, 'a used one')
    for (const [who, verdict] of [[from, 'late'], ['77'.repeat(32), 'used']] as const) {
      assert.deepEqual(await door.ask('pairing.judgeFetch', { state: used.state, from: who, now: NOW }), { verdict, frame: '018403' })
    }
    const again = await door.ask('pairing.judgeHello', { state: used.state, from, envelope: request.envelope, now: NOW + 1e9 })
    assert.deepEqual([again.verdict, again.frame], ['again', used.frame])
    const other = await door.ask('pairing.judgeHello', { state: used.state, from: '77'.repeat(32), envelope: request.envelope, now: NOW })
    assert.deepEqual([other.verdict, other.frame], ['used', '018403'])
  })

  it('goes from the twin\'s code to the same digits on both screens, with ours as scanner', async () => {
    const ann = new TwinPerson('ann', NOW)
    const inviter = new TwinInviter(ann, { inPerson: false, expires: EXPIRES, addresses: ADDRESSES })
    const bob = await OurPerson.make(door, 'bob')
    const parsed = await door.ask<{ frame: string; addresses: string[]; secret: string; device: string }>('pairing.parse', { text: inviter.text, now: NOW })
    assert.deepEqual(parsed.addresses, ADDRESSES.map(({ text }) => text))

    const reply = inviter.asked(parsed.frame, bob.signing, '', NOW)
    const { bundle, commitment } = await door.ask('pairing.checkBundle', { text: inviter.text, frame: reply, now: NOW })
    const started = await bob.start(bundle!, parsed.secret)
    const { bytes } = await door.ask('content.encode', { content: greeting('hello', 'Bob') })
    const hello = await bob.seal(bytes!)
    const asked = await door.ask('pairing.ask', {
      text: inviter.text, scanned: true, commitment, hello, transcript: started.transcript, device: bob.signing, now: NOW,
    })
    assert.equal(asked.authentic as unknown, false, 'a link shows nobody\'s key')

    const pending = inviter.asked(asked.frame!, bob.signing, contentOf(greeting('pending', 'Ann')), NOW)
    const answered = await door.ask('pairing.hearAnswer', { state: asked.state, frame: pending })
    const opened = await bob.open(answered.envelope!, ann.device)
    assert.deepEqual(await said(door, opened.content).then(({ step, name }) => [step, name]), ['pending', 'Ann'])
    assert.equal(answered.code, inviter.code)
    const scanned = `00${inviteId(parsed.secret)}${number(EXPIRES, 4)}${ann.device}`
    assert.equal(asked.state, `0103${scanned}${commitment}${started.transcript}${sized(hello)}`, 'a hello at rest')
    assert.equal(answered.state, `0104${scanned}${Buffer.from(inviter.code).toString('hex')}`, 'and what waits for the other person')
    assert.equal(inviter.code, (await door.ask('pairing.code', { transcript: started.transcript, nonce: pending.slice(4, 68) })).code)
    assert.equal(inviter.asked(asked.frame!, bob.signing, '', NOW + 1e9), pending, 'the same hello, the same answer')
    assert.equal(asked.left, `0104${bob.signing}${asked.frame!.slice(4)}`, 'left in a mailbox it says whose it is')
  })

  it('is refused for the same reasons by both', async () => {
    const ann = new TwinPerson('ann', NOW)
    const inviter = new TwinInviter(ann, { inPerson: true, expires: EXPIRES, addresses: [] })
    const later = 1000 * EXPIRES
    assert.equal(await door.refusal('pairing.parse', { text: inviter.text, now: later }), 'expired')
    const { frame } = await door.ask('pairing.parse', { text: inviter.text, now: NOW })
    assert.equal(inviter.asked(frame!, '11'.repeat(32), '', later), '018402')
    const other = new TwinInviter(new TwinPerson('eve', NOW), { inPerson: true, expires: EXPIRES, addresses: [] })
    const forged = inviter.asked(frame!, '11'.repeat(32), '', NOW).slice(0, 68) + other.prekeys.bundle
    assert.equal(await door.refusal('pairing.checkBundle', { text: inviter.text, frame: forged, now: NOW }), 'wrong-bundle')

    const bob = await OurPerson.make(door, 'bob')
    const { bundle, commitment } = await door.ask('pairing.checkBundle', { text: inviter.text, frame: inviter.asked(frame!, bob.signing, '', NOW), now: NOW })
    const started = await bob.start(bundle!, readInvite(inviter.text).secret)
    const hello = await bob.seal('')
    const asked = await door.ask('pairing.ask', { text: inviter.text, scanned: true, commitment, hello, transcript: started.transcript, device: bob.signing, now: NOW })
    assert.throws(() => inviter.asked(asked.frame!, '11'.repeat(32), '', NOW), /wrong-device/)
    const pending = inviter.asked(asked.frame!, bob.signing, '', NOW)
    const lying = `${pending.slice(0, 4)}${'22'.repeat(32)}${pending.slice(68)}`
    assert.equal(await door.refusal('pairing.hearAnswer', { state: asked.state, frame: lying }), 'wrong-nonce')
    assert.notEqual(code(hexOf(bytesOf(started.transcript)), '22'.repeat(32)), inviter.code)
  })
})
