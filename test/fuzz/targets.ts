/** Everything that takes bytes from outside: what it is fed, and what it may throw. */
import {
  checkEvidence, decodeCertificate, decodeEdit, decodeEntry, decodeFindReply, decodeFindRequest, decodeGenesis, decodeManifest, decodePost, decodeRevocation, decodeRotation, decodeSyncFrame,
  decodeSyncRequest, decodeWithdrawal, encodeFindReply, encodeFindRequest, encodeSyncFrame, encodeSyncRequest, judge, openChannel, parseChannelText, parseWellKnown, sniffType,
} from '../../protocols/channel/index.ts'
import { decodeContent, encodeContent, shortenName } from '../../protocols/content/index.ts'
import { decodeEnvelope, unpad } from '../../protocols/envelope/index.ts'
import { peekPrekeyIds, respond, verifyBundle } from '../../protocols/handshake/index.ts'
import { entropyOf, verifyDeviceList } from '../../protocols/identity/index.ts'
import { appearances, mixedScript, skeleton, suspiciousDomain } from '../../protocols/lookalike/index.ts'
import { decodeAnnouncement, decodeCommand, decodeNodeFrame, EMPTY_INBOX, encodeAnnouncement, encodeNodeFrame, newView, openBlock, receive, sealBlock } from '../../protocols/mailbox/index.ts'
import { decodeReply, decodeRequest, encodeReply, encodeRequest, parseChannelLink, parseInvite, parseRelayLink } from '../../protocols/pairing/index.ts'
import { toHex, utf8 } from '../../protocols/suite/index.ts'
import { openssl as suite } from '../../src/crypto/index.ts'
import { judgeAddress, judgeCircuit } from '../../src/net/addresses.ts'
import { decodeVerdicts, FrameReader } from '../../src/net/framing.ts'
import { pictureHeader } from '../../src/qr/header.ts'
import { Line, makeQueue, TestNode } from '../protocols/mailbox/people.ts'
import { Brand, keyOf, NOW as TODAY, Peer, post } from '../protocols/channel/people.ts'
import { NOW, Person } from '../protocols/session/people.ts'
import { seededRandom } from '../support/seeded.ts'
import { bytesOf, textsOf } from './seeds.ts'

export interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  /** what it throws is a verdict on the input, or a fault */
  take(input: Uint8Array): unknown
  /** is it one of its verdicts? Without it: an error class of ours */
  throws?(error: unknown): boolean
}

const text = (input: Uint8Array): string => Buffer.from(input).toString('utf8')

const decoder = (room: string, name: string, take: (input: Uint8Array) => unknown): Target => ({ name: `${room}/${name}`, seeds: bytesOf(room), take })

/** A layout without choices: what is taken is what its reader would have written (attack 57). */
const layout = <T>(room: string, name: string, decode: (input: Uint8Array) => T, encode: (value: T) => Uint8Array): Target =>
  decoder(room, name, (input) => {
    if (toHex(encode(decode(input))) !== toHex(input)) throw new TypeError('taken, though it is another encoding of what was read')
  })

function decoders(): Target[] {
  return [
    decoder('identity', 'device list', (input) => verifyDeviceList(suite, input, NOW)),
    decoder('handshake', 'bundle', (input) => verifyBundle(suite, input, NOW)),
    decoder('handshake', 'prekey ids', peekPrekeyIds),
    layout('pairing', 'request', decodeRequest, encodeRequest),
    layout('pairing', 'reply', decodeReply, encodeReply),
    decoder('envelope', 'envelope', decodeEnvelope),
    decoder('envelope', 'padding', unpad),
    decoder('content', 'content', (input) => {
      const content = decodeContent(input)
      encodeContent(content)
    }),
    decoder('mailbox', 'command', decodeCommand),
    layout('mailbox', 'node frame', decodeNodeFrame, encodeNodeFrame),
    layout('mailbox', 'announcement', decodeAnnouncement, encodeAnnouncement),
    decoder('channel', 'entry', (input) => decodeEntry(suite, input)),
    decoder('channel', 'genesis', decodeGenesis),
    decoder('channel', 'manifest', decodeManifest),
    decoder('channel', 'certificate', decodeCertificate),
    decoder('channel', 'post', decodePost),
    decoder('channel', 'edit', decodeEdit),
    decoder('channel', 'withdrawal', decodeWithdrawal),
    decoder('channel', 'rotation', decodeRotation),
    decoder('channel', 'revocation', decodeRevocation),
    decoder('channel', 'evidence', (input) => checkEvidence(suite, input)),
    decoder('channel', 'opening', (input) => openChannel(suite, input, TODAY)),
    layout('channel', 'sync request', decodeSyncRequest, encodeSyncRequest),
    layout('channel', 'sync frame', decodeSyncFrame, encodeSyncFrame),
    layout('channel', 'find request', decodeFindRequest, encodeFindRequest),
    layout('channel', 'find reply', (input) => decodeFindReply(input, 3), encodeFindReply),
    decoder('channel', 'picture type', sniffType),
  ]
}

function texts(): Target[] {
  const links = textsOf('pairing', /^(DURE:|dure:|web\+dure:)/)
  const addresses = ['/ip4/192.0.2.7/tcp/4001', '/ip6/2001:db8::1/tcp/4001/ws', '/dns4/relay.example/tcp/443/wss', '/ip4/192.0.2.7/tcp/4001/p2p/12D3KooWGRUVh4SBhXDvXLmLZ2Tr6gFfMg2mLzxsaz7k9mPcyBdJ/p2p-circuit'].map(utf8)
  const around = { loopback: false, own: [] }
  return [
    { name: 'pairing/invite link', seeds: links, take: (input) => parseInvite(text(input), NOW) },
    { name: 'pairing/channel link', seeds: links, take: (input) => parseChannelLink(text(input)) },
    { name: 'pairing/relay link', seeds: links, take: (input) => parseRelayLink(text(input)) },
    { name: 'channel/id text', seeds: textsOf('channel', /^[a-z2-7]{10,}$/), take: (input) => parseChannelText(text(input)) },
    { name: 'channel/well-known', seeds: [utf8('{"dure":{"channels":["aaaa"]}}'), ...textsOf('channel', /^\{/)], take: (input) => parseWellKnown(text(input)) },
    { name: 'identity/phrase', seeds: textsOf('identity', / .* /), take: (input) => entropyOf(text(input)) },
    { name: 'content/name', seeds: [utf8('Bob'), utf8('Bоb ‮ 😀')], take: (input) => shortenName(text(input)) },
    {
      name: 'lookalike/names', seeds: [utf8('paypal.com'), utf8('xn--pple-43d.com'), utf8('Bоb')],
      take(input) {
        const name = text(input)
        return [skeleton(name), mixedScript(name), suspiciousDomain(name), appearances(name)]
      },
    },
    { name: 'net/address', seeds: addresses, take: (input) => judgeAddress(text(input), undefined, around) },
    { name: 'net/circuit address', seeds: addresses, take: (input) => judgeCircuit(text(input), '00'.repeat(32), around) },
  ]
}

function streams(): Target[] {
  const frames = (type: 'envelope' | 'verdicts' | 'request' | 'reply') => (input: Uint8Array) => {
    const reader = new FrameReader(type)
    const whole: Uint8Array[] = []
    // in pieces, as they come from a network
    for (let at = 0; at < input.length; at += 7) {
      reader.push(input.subarray(at, at + 7))
      for (let body = reader.next(); body; body = reader.next()) whole.push(body)
    }
    return whole.map((body) => (type === 'verdicts' ? decodeVerdicts(body) : body))
  }
  const seeds = [Uint8Array.of(0, 0, 0, 6, 2, 0, 0, 0, 1, 1), Uint8Array.of(0, 0, 0, 2, 3, 1, 0, 0, 0, 3, 3, 1, 2), Uint8Array.of(0, 0, 0, 6, 1, 0, 0, 0, 0, 9)]
  return (['envelope', 'verdicts', 'request', 'reply'] as const).map((type) => ({ name: `net/${type} frames`, seeds, take: frames(type) }))
}

/** Somebody with a session, a mailbox and a channel: what comes is judged against what they have. */
function handlers(): Target[] {
  const random = seededRandom(7)
  const [ann, bob] = [new Person(suite, random), new Person(suite, random)]
  ann.start(bob)
  const first = ann.send('hello')
  bob.receive(first, ann)
  ann.receive(bob.send('hello back'), bob)
  const second = ann.send('how are you')

  const brand = new Brand(suite)
  const follower = new Peer(suite, brand.of(brand.log)[0]?.bytes ?? new Uint8Array())
  const kim = keyOf(suite, 3)
  const certificate = brand.certify(kim)
  const said = [certificate, brand.write({ key: kim, certificate: certificate.id }, post('bread')), brand.rotate()].map(({ bytes }) => bytes)

  const node = new TestNode(random)
  const queue = makeQueue(node)
  const line = new Line(node)
  const view = newView(queue.ids.recipient, 'conversation')
  const block = sealBlock(suite, random, queue.keys, { what: 'nothing', number: 1 })
  return [
    {
      name: 'session/envelope', seeds: [first, second],
      take(input) {
        const before = bob.record
        bob.look(input, ann)
        if (bob.record !== before) throw new TypeError('looking changed the record')
      },
    },
    {
      name: 'handshake/first message', seeds: bytesOf('handshake'),
      take: (input) => respond(suite, { device: bob.device, prekeys: bob.prekeys, message: input, now: NOW }),
    },
    { name: 'channel/heard', seeds: [...said, ...bytesOf('channel')], take: (input) => judge(suite, follower.channel, input, TODAY) },
    { name: 'mailbox/node', seeds: bytesOf('mailbox'), take: (input) => node.hear(line.session, input) },
    { name: 'mailbox/block', seeds: [block], take: (input) => openBlock(suite, queue.keys, input) },
    {
      name: 'mailbox/delivered', seeds: [block],
      take: (input) => receive(suite, queue.keys, EMPTY_INBOX, view, { kind: 'block', seq: 1, at: NOW, body: input }, NOW),
    },
    { name: 'qr/picture header', seeds: [], take: pictureHeader },
  ]
}

export const targets = (): Target[] => [...decoders(), ...texts(), ...streams(), ...handlers()]
