import assert from 'node:assert/strict'
import { encodePrekeySecrets, decodePrekeySecrets, initiate, respond, verifyBundle } from '../../../protocols/handshake/index.ts'
import {
  ask,
  authenticates,
  bundleReply,
  checkBundle,
  createInvite,
  decodeInviteState,
  decodeReply,
  decodeRequest,
  decodeScanState,
  encodeInvite,
  encodeInviteState,
  encodeScanState,
  fetchRequest,
  hearAnswer,
  helloRequest,
  inviteIdOf,
  judgeFetch,
  judgeHello,
  leftRequest,
  MAX_ADDRESSES,
  meets,
  type OpenInvite,
  parseInvite,
  type Reply,
  shortCode,
  useInvite,
} from '../../../protocols/pairing/index.ts'
import { openssl as suite } from '../../../src/crypto/index.ts'
import { LAST_RESORT, NOW, person, type Person, publish, shared, stream } from '../handshake/people.ts'

const EXPIRES = NOW / 1000 + 600
const answerEnvelope = new Uint8Array(50).fill(9)

function invited(owner: Person, inPerson = true, seed = 'invite'): OpenInvite {
  const { bundle, secrets } = publish(suite, owner)
  return createInvite(stream(seed), {
    device: owner.device.signing.publicKey,
    bundle,
    bundleHash: verifyBundle(suite, bundle, NOW).hash,
    prekeys: encodePrekeySecrets(suite, secrets),
    addresses: ['/ip4/192.0.2.7/tcp/4001'],
    inPerson,
    expires: EXPIRES,
  })
}

const reply = <T extends Reply['type']>(bytes: Uint8Array, type: T): Extract<Reply, { type: T }> => {
  const decoded = decodeReply(bytes)
  assert.equal(decoded.type, type)
  return decoded as Extract<Reply, { type: T }>
}

/** The scanner's side up to its hello. The handshake message stands in for the envelope around it. */
function scan(who: Person, link: string, bundleFrame: Uint8Array, scanned = true) {
  const invite = parseInvite(link, NOW)
  const { bundle: bytes, commitment } = reply(bundleFrame, 'bundle')
  const bundle = verifyBundle(suite, bytes, NOW)
  checkBundle(suite, invite, { hash: bundle.hash, device: bundle.bundle.device })
  const { message, secret } = initiate(suite, stream(`ephemeral of ${who.device.signing.publicKey.join()}`), {
    device: who.device,
    deviceList: who.deviceList,
    bundle,
    secret: invite.secret,
  })
  return { state: ask(suite, invite, { scanned, commitment, hello: message, transcript: secret.transcript }), secret }
}

/** The inviter's side from a first hello on. */
function hear(owner: Person, state: OpenInvite, from: Uint8Array, envelope: Uint8Array) {
  const prekeys = decodePrekeySecrets(suite, state.prekeys)
  const { peer, secret } = respond(suite, { device: owner.device, prekeys, secret: state.invite.secret, message: envelope, now: NOW })
  const used = useInvite(suite, state, { from, device: peer.device, envelope, answer: answerEnvelope, transcript: secret.transcript })
  return { ...used, secret }
}

describe('pairing', () => {
  const alice = person(suite, 'alice')
  const bob = person(suite, 'bob')
  const mallory = person(suite, 'mallory')
  const deviceOf = (who: Person): Uint8Array => who.device.signing.publicKey

  it('walks from a code on a screen to the same short code on both', () => {
    const open = invited(alice)
    const link = encodeInvite(open.invite)
    const fetch = decodeRequest(fetchRequest(suite, parseInvite(link, NOW)))
    assert.deepEqual(fetch, { type: 'fetchBundle', inviteId: inviteIdOf(suite, open) })
    assert.equal(judgeFetch(suite, open, { from: deviceOf(bob), now: NOW }), 'serve')
    const asked = scan(bob, link, bundleReply(suite, open))
    const hello = decodeRequest(helloRequest(asked.state))
    assert.ok(hello.type === 'hello')
    assert.equal(judgeHello(suite, open, { from: deviceOf(bob), envelope: hello.envelope, now: NOW }), 'first')
    const heard = hear(alice, open, deviceOf(bob), hello.envelope)
    assert.deepEqual(shared(heard.secret), shared(asked.secret))
    const pending = hearAnswer(suite, asked.state, reply(heard.reply, 'pending'))
    assert.equal(pending.code, heard.code)
    assert.deepEqual(inviteIdOf(suite, heard.state), inviteIdOf(suite, open), 'the id stays when the secret is gone')
  })

  it('answers the same hello again with the same bytes, before and after expiry (attack 9)', () => {
    const open = invited(alice)
    const { state } = scan(bob, encodeInvite(open.invite), bundleReply(suite, open))
    const heard = hear(alice, open, deviceOf(bob), state.hello)
    for (const now of [NOW, EXPIRES * 1000, NOW - 1e9]) {
      assert.equal(judgeHello(suite, heard.state, { from: deviceOf(bob), envelope: state.hello, now }), 'again')
    }
    assert.deepEqual(heard.state.reply, heard.reply)
  })

  it('leaves the very hello in the mailbox of the invite when its device is away, and says whose it is', () => {
    const open = invited(alice)
    const { state } = scan(bob, encodeInvite(open.invite), bundleReply(suite, open))
    assert.deepEqual(decodeRequest(leftRequest(state, deviceOf(bob))), { type: 'left', device: deviceOf(bob), inviteId: inviteIdOf(suite, open), envelope: state.hello })
  })

  it('is for one: a second, different use is told to both sides (attacks 33, 34)', () => {
    const open = invited(alice)
    const link = encodeInvite(open.invite)
    const first = scan(mallory, link, bundleReply(suite, open))
    const second = scan(bob, link, bundleReply(suite, open))
    const { state } = hear(alice, open, deviceOf(mallory), first.state.hello)
    const judge = (from: Person, envelope: Uint8Array) => judgeHello(suite, state, { from: deviceOf(from), envelope, now: NOW })
    assert.equal(judge(bob, second.state.hello), 'used')
    assert.equal(judge(bob, first.state.hello), 'used', 'the same bytes from another device')
    assert.equal(judge(mallory, second.state.hello), 'used', 'other bytes from the same device')
    assert.equal(judgeFetch(suite, state, { from: deviceOf(bob), now: NOW }), 'used')
    assert.equal(judgeFetch(suite, state, { from: deviceOf(mallory), now: NOW }), 'late')
  })

  it('expires, by the clock it is given (attack 34)', () => {
    const open = invited(alice)
    const hello = { from: deviceOf(bob), envelope: new Uint8Array(9) }
    assert.equal(judgeHello(suite, open, { ...hello, now: EXPIRES * 1000 - 1 }), 'first')
    assert.equal(judgeHello(suite, open, { ...hello, now: EXPIRES * 1000 }), 'expired')
    assert.equal(judgeFetch(suite, open, { from: deviceOf(bob), now: EXPIRES * 1000 }), 'expired')
    assert.equal(judgeHello(suite, undefined, { ...hello, now: NOW }), 'unknown')
    assert.equal(judgeFetch(suite, undefined, { from: deviceOf(bob), now: NOW }), 'unknown')
  })

  it('is not used up by garbage: the open state changes only by a hello that opened (attack 10)', () => {
    const open = invited(alice)
    const before = encodeInviteState(open)
    for (let i = 0; i < 50; i++) assert.equal(judgeHello(suite, open, { from: deviceOf(mallory), envelope: stream(`noise ${i}`)(900), now: NOW }), 'first')
    assert.throws(() => hear(alice, open, deviceOf(mallory), new Uint8Array(900)), { name: 'HandshakeError' })
    assert.deepEqual(encodeInviteState(open), before)
  })

  it('refuses a handshake in the name of another device than the one on the stream (attacks 7, 25)', () => {
    const open = invited(alice)
    const { state } = scan(bob, encodeInvite(open.invite), bundleReply(suite, open))
    assert.throws(() => hear(alice, open, deviceOf(mallory), state.hello), { name: 'PairingError', code: 'wrong-device' })
  })

  it('refuses another bundle than the code promised (attack 33)', () => {
    const open = invited(alice)
    const forged = invited(mallory)
    assert.throws(() => scan(bob, encodeInvite(open.invite), bundleReply(suite, forged)), { name: 'PairingError', code: 'wrong-bundle' })
    const invite = parseInvite(encodeInvite(open.invite), NOW)
    const { hash } = verifyBundle(suite, open.bundle, NOW)
    assert.throws(() => checkBundle(suite, invite, { hash, device: deviceOf(mallory) }), { code: 'wrong-bundle' })
    const { hash: another } = verifyBundle(suite, publish(suite, alice, LAST_RESORT).bundle, NOW)
    assert.throws(() => checkBundle(suite, invite, { hash: another, device: deviceOf(alice) }), { code: 'wrong-bundle' })
  })

  it('shows different codes when a link was exchanged for one of somebody between them (attack 33)', () => {
    const real = invited(alice, false)
    const forged = invited(mallory, false, 'mallory')
    const bobs = scan(bob, encodeInvite(forged.invite), bundleReply(suite, forged), false)
    const mallorys = scan(mallory, encodeInvite(real.invite), bundleReply(suite, real), false)
    const atAlice = hear(alice, real, deviceOf(mallory), mallorys.state.hello)
    const atMallory = hear(mallory, forged, deviceOf(bob), bobs.state.hello)
    const atBob = hearAnswer(suite, bobs.state, reply(atMallory.reply, 'pending'))
    assert.notEqual(atBob.code, atAlice.code)
    // now that she knows Alice's code she looks for a nonce that gives it to Bob; two digits are enough to show it
    let nonce = stream('try')(32)
    for (let i = 0; shortCode(suite, bobs.state.transcript, nonce).slice(-2) !== atAlice.code.slice(-2); i++) nonce = stream(`try ${i}`)(32)
    assert.throws(() => hearAnswer(suite, bobs.state, { type: 'pending', nonce, envelope: answerEnvelope }), { name: 'PairingError', code: 'wrong-nonce' })
  })

  it('needs no comparing when a code was read from a screen, and on both sides when both scanned', () => {
    const alices = invited(alice)
    const bobs = invited(bob)
    const asked = scan(bob, encodeInvite(alices.invite), bundleReply(suite, alices))
    assert.equal(asked.state.authentic, true)
    const { state } = hear(alice, alices, deviceOf(bob), asked.state.hello)
    const invite = parseInvite(encodeInvite(bobs.invite), NOW)
    assert.equal(meets(suite, invite, true, state), true, 'she reads the code of the one who answered hers')
    assert.equal(meets(suite, invite, false, state), false, 'received as a link')
    assert.equal(meets(suite, parseInvite(encodeInvite(invited(bob, false).invite), NOW), true, state), false, 'made to be sent')
    assert.equal(meets(suite, parseInvite(encodeInvite(invited(mallory).invite), NOW), true, state), false, 'somebody else')
    assert.equal(meets(suite, invite, true, alices), false, 'nobody has answered yet')
  })

  it('is authentic only when made for a screen and read by a camera', () => {
    for (const inPerson of [true, false]) {
      for (const scanned of [true, false]) assert.equal(authenticates(invited(alice, inPerson).invite, scanned), inPerson && scanned)
    }
  })

  it('draws a new secret and nonce for every invite and leaves out addresses beyond the limit', () => {
    const random = stream('one')
    const options = { device: deviceOf(alice), bundle: new Uint8Array(1), bundleHash: new Uint8Array(32), prekeys: new Uint8Array(1), inPerson: true, expires: EXPIRES }
    const many = Array.from({ length: 20 }, (_, i) => `/ip4/192.0.2.${i}/tcp/4001`)
    const [one, two] = [createInvite(random, { ...options, addresses: many }), createInvite(random, { ...options, addresses: [] })]
    assert.notDeepEqual(one.invite.secret, two.invite.secret)
    assert.notDeepEqual(one.nonce, two.nonce)
    assert.deepEqual(one.invite.addresses, many.slice(0, MAX_ADDRESSES))
  })

  it('keeps every state in the store without loss, and refuses what is cut or longer', () => {
    const open = invited(alice)
    const asked = scan(bob, encodeInvite(open.invite), bundleReply(suite, open)).state
    const used = hear(alice, open, deviceOf(bob), asked.hello)
    const pending = hearAnswer(suite, asked, reply(used.reply, 'pending'))
    const inviter = [open, used.state].map((state) => [state, encodeInviteState(state), decodeInviteState] as const)
    const scanner = [asked, pending].map((state) => [state, encodeScanState(state), decodeScanState] as const)
    for (const [state, bytes, decode] of [...inviter, ...scanner]) {
      assert.deepEqual(decode(bytes), state)
      assert.throws(() => decode(bytes.slice(0, -1)), { code: 'malformed' })
      assert.throws(() => decode(new Uint8Array([...bytes, 0])), { code: 'malformed' })
      assert.throws(() => decode(new Uint8Array([2, ...bytes.slice(1)])), { code: 'newer-version' })
    }
    for (const [, bytes] of inviter) assert.throws(() => decodeScanState(bytes), { name: 'PairingError' })
    for (const [, bytes] of scanner) assert.throws(() => decodeInviteState(bytes), { name: 'PairingError' })
    const holds = (bytes: Uint8Array, part: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.from(part))
    assert.ok(holds(encodeInviteState(open), open.invite.secret))
    assert.ok(!holds(encodeInviteState(used.state), open.invite.secret), 'the secret is gone once it was used')
    assert.ok(!holds(encodeInviteState(used.state), open.prekeys.slice(2, 34)), 'and so are the prekeys')
  })
})
