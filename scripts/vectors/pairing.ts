/** Vectors of the pairing room, made by its readable twin. */
import { type Peer, link as channelLink, peer } from '../../test/reference/channel-sync.ts'
import { base32, code, commitment, frame, inviteId, type InviteInputs, inviteText, relayText } from '../../test/reference/pairing.ts'

const fill = (byte: string, length: number): string => byte.repeat(length)

const ADDRESSES = [
  { text: '/ip4/192.0.2.7/tcp/4001', coded: '01c0000207070fa1' },
  { text: '/ip4/192.0.2.7/tcp/4002/ws', coded: '01c0000207070fa209' },
  { text: '/ip6/2001:db8::1/udp/443/quic-v1', coded: '0220010db80000000000000000000000010801bb0c' },
  { text: '/dns4/node.example.org/tcp/443/wss', coded: `04${'10'}${Buffer.from('node.example.org').toString('hex')}0701bb0a` },
  {
    text: '/dns/relay.example.org/tcp/443/tls/ws/p2p/12D3KooWAHoEkEqnKzM5PXFygh2movVBCSX3k8tDsT2cneU68Gyt/p2p-circuit',
    coded: `03${'11'}${Buffer.from('relay.example.org').toString('hex')}0701bb0b090e${fill('07', 32)}0d`,
  },
  { text: '/ip6zone/eth0/ip6/fe80::1/tcp/1', coded: `00${Buffer.from('/ip6zone/eth0/ip6/fe80::1/tcp/1').toString('hex')}` },
  { text: '/ip6/1::2:0:0:3:4/tcp/1', coded: '0200010000000000020000000000030004070001' },
  { text: '/ip6/1:0:0:2::3:4/tcp/1', coded: `00${Buffer.from('/ip6/1:0:0:2::3:4/tcp/1').toString('hex')}` },
]

const base: InviteInputs = {
  inPerson: true,
  expires: 1_800_000_000,
  device: fill('11', 32),
  bundleHash: fill('22', 32),
  secret: '000102030405060708090a0b0c0d0e0f',
  addresses: ADDRESSES.slice(0, 3),
}

const MAILBOX = { node: fill('5e', 32), sender: fill('6f', 24), nodeKey: fill('70', 32) }

/** One thing wrong with each; `kind` names what the parser must say. */
function refused(): { name: string; error: string; text: string }[] {
  const table = (hex: string): string => `DURE:${base32(Buffer.from(hex, 'hex'))}`
  const fixed = { version: '01', kind: '01', shown: '01', expires: '6b49d200', keys: fill('11', 32) + fill('22', 32) + fill('33', 16), count: '00' }
  const invite = (change: Partial<typeof fixed>, after = ''): string => table(Object.values({ ...fixed, ...change }).join('') + after)
  const hint = (hex: string): string => invite({ count: '01' }, (hex.length / 2).toString(16).padStart(2, '0') + hex)
  const good = invite({})
  const mailbox = Object.values(MAILBOX).join('')
  return [
    { name: 'version 0', error: 'malformed', text: invite({ version: '00' }) },
    { name: 'version 2', error: 'newer-version', text: invite({ version: '02' }) },
    { name: 'kind 0', error: 'unknown-kind', text: invite({ kind: '00' }) },
    { name: 'a device link', error: 'other-kind', text: invite({ kind: '02' }) },
    { name: 'a channel', error: 'other-kind', text: invite({ kind: '03' }) },
    { name: 'a group', error: 'other-kind', text: invite({ kind: '04' }) },
    { name: 'a relay', error: 'other-kind', text: invite({ kind: '05' }) },
    { name: 'kind 6', error: 'unknown-kind', text: invite({ kind: '06' }) },
    { name: 'shown neither on a screen nor as a link', error: 'malformed', text: invite({ shown: '03' }) },
    { name: 'nine addresses', error: 'malformed', text: invite({ count: '09' }, '0501c0000207'.repeat(9)) },
    { name: 'fewer addresses than it says', error: 'malformed', text: invite({ count: '01' }) },
    { name: 'a byte after the end', error: 'malformed', text: invite({}, '00') },
    { name: 'a byte short', error: 'malformed', text: table(Object.values(fixed).join('').slice(0, -2)) },
    { name: 'a mailbox without an address', error: 'malformed', text: invite({}, `${mailbox}00`) },
    { name: 'a mailbox with five addresses', error: 'malformed', text: invite({}, `${mailbox}05${'0801c0000207070fa1'.repeat(5)}`) },
    { name: 'a mailbox whose address names its node at the end', error: 'malformed', text: invite({}, `${mailbox}012901c0000207070fa10e${MAILBOX.node}`) },
    { name: 'a mailbox cut short', error: 'malformed', text: invite({}, mailbox) },
    { name: 'a byte after the mailbox', error: 'malformed', text: invite({}, `${mailbox}010801c0000207070fa100`) },
    { name: 'an empty address', error: 'malformed', text: hint('') },
    { name: 'an unknown address component', error: 'malformed', text: hint('ff') },
    { name: 'an address cut inside a component', error: 'malformed', text: hint('01c00002') },
    { name: 'an address as text that has a shorter coding', error: 'malformed', text: hint(`00${Buffer.from('/tcp/1').toString('hex')}`) },
    { name: 'an address that names the device at its end', error: 'malformed', text: hint(`01c0000207070fa10e${fill('11', 32)}`) },
    { name: 'an address with userinfo', error: 'malformed', text: hint(`00${Buffer.from('/dns4/user@host/tcp/1').toString('hex')}`) },
    { name: 'an address with an escape', error: 'malformed', text: hint(`00${Buffer.from('/dns4/ho%73t/tcp/1').toString('hex')}`) },
    { name: 'an address in a script that looks like Latin', error: 'malformed', text: hint(`00${Buffer.from('/dns4/еxample.org/tcp/1').toString('hex')}`) },
    { name: 'no payload', error: 'malformed', text: 'DURE:' },
    { name: 'an authority', error: 'malformed', text: `dure://${good.slice(5)}` },
    { name: 'padding', error: 'malformed', text: `${good}=` },
    { name: 'case that changes', error: 'malformed', text: good.slice(0, 20) + good.slice(20).toLowerCase() },
    { name: 'another scheme', error: 'not-dure', text: `DURA:${good.slice(5)}` },
    { name: 'a web address around it', error: 'not-dure', text: `https://example.org/#${good}` },
  ]
}

const CHANNEL = fill('c1', 32)
const PEERS: readonly Peer[] = [
  { key: fill('07', 32), addresses: ADDRESSES.slice(0, 4) },
  { key: fill('08', 32), addresses: ADDRESSES.slice(4, 6) },
  { key: fill('09', 32), addresses: [] },
]

function refusedLinks(): { name: string; error: string; text: string }[] {
  const table = (hex: string): string => `DURE:${base32(Buffer.from(hex, 'hex'))}`
  const one = (coded: string): string => table(`0103${CHANNEL}01${fill('07', 32)}01${(coded.length / 2).toString(16).padStart(2, '0')}${coded}`)
  return [
    { name: 'version 2', error: 'newer-version', text: table(`0203${CHANNEL}00`) },
    { name: 'version 0', error: 'malformed', text: table(`0003${CHANNEL}00`) },
    { name: 'the kind of a contact', error: 'other-kind', text: inviteText(base) },
    { name: 'the kind of a group', error: 'other-kind', text: table(`0104${CHANNEL}00`) },
    { name: 'the kind of a relay', error: 'other-kind', text: table(`0105${CHANNEL}00`) },
    { name: 'kind 6', error: 'unknown-kind', text: table(`0106${CHANNEL}00`) },
    { name: 'a byte short', error: 'malformed', text: table(`0103${CHANNEL}`) },
    { name: 'a byte after the end', error: 'malformed', text: table(`0103${CHANNEL}0000`) },
    { name: 'five peers', error: 'malformed', text: table(`0103${CHANNEL}05${peer({ key: fill('09', 32), addresses: [] }).repeat(5)}`) },
    { name: 'fewer peers than it says', error: 'malformed', text: table(`0103${CHANNEL}02${peer({ key: fill('09', 32), addresses: [] })}`) },
    { name: 'a peer with five addresses', error: 'malformed', text: table(`0103${CHANNEL}01${fill('07', 32)}05${'0501c0000207'.repeat(5)}`) },
    { name: 'an address that names its peer at its end', error: 'malformed', text: one(`01c0000207070fa10e${fill('07', 32)}`) },
    { name: 'an address as text that has a shorter coding', error: 'malformed', text: one(`00${Buffer.from('/tcp/1').toString('hex')}`) },
    { name: 'an address with userinfo', error: 'malformed', text: one(`00${Buffer.from('/dns4/user@host/tcp/1').toString('hex')}`) },
    { name: 'more than a QR code holds', error: 'too-long', text: `DURE:${'A'.repeat(4_356)}` },
    { name: 'another scheme', error: 'not-dure', text: table(`0103${CHANNEL}00`).replace('DURE', 'DURA') },
  ]
}

const RELAY = fill('5e', 32)

function refusedRelays(): { name: string; error: string; text: string }[] {
  const table = (hex: string): string => `DURE:${base32(Buffer.from(hex, 'hex'))}`
  const address = '08' + '01c0000207070fa1'
  return [
    { name: 'version 2', error: 'newer-version', text: table(`0205${RELAY}01${address}`) },
    { name: 'version 0', error: 'malformed', text: table(`0005${RELAY}01${address}`) },
    { name: 'the kind of a contact', error: 'other-kind', text: inviteText(base) },
    { name: 'the kind of a channel', error: 'other-kind', text: channelLink(CHANNEL, []) },
    { name: 'kind 6', error: 'unknown-kind', text: table(`0106${RELAY}01${address}`) },
    { name: 'no address', error: 'malformed', text: table(`0105${RELAY}00`) },
    { name: 'nine addresses', error: 'malformed', text: table(`0105${RELAY}09${address.repeat(9)}`) },
    { name: 'fewer addresses than it says', error: 'malformed', text: table(`0105${RELAY}02${address}`) },
    { name: 'a byte short', error: 'malformed', text: table(`0105${RELAY}01${address.slice(0, -2)}`) },
    { name: 'a byte after the end', error: 'malformed', text: table(`0105${RELAY}01${address}00`) },
    { name: 'an address that names the relay at its end', error: 'malformed', text: table(`0105${RELAY}01${'29'}01c0000207070fa10e${RELAY}`) },
    { name: 'an address as text that has a shorter coding', error: 'malformed', text: table(`0105${RELAY}01${'07'}00${Buffer.from('/tcp/1').toString('hex')}`) },
    { name: 'another scheme', error: 'not-dure', text: table(`0105${RELAY}01${address}`).replace('DURE', 'DURA') },
  ]
}

export function vectors(): unknown {
  const secret = base.secret
  const transcript = Buffer.from(Array.from({ length: 64 }, (_, i) => i)).toString('hex')
  const nonces = ['00', '5a', 'ff'].map((byte) => fill(byte, 32))
  const envelope = fill('ee', 40)
  const id = inviteId(secret)
  const invites = [
    base,
    { ...base, inPerson: false, addresses: [] },
    { ...base, addresses: ADDRESSES.slice(3) },
    { ...base, inPerson: false, mailbox: { ...MAILBOX, addresses: ADDRESSES.slice(0, 2) } },
    { ...base, inPerson: false, addresses: [], mailbox: { ...MAILBOX, addresses: ADDRESSES.slice(3, 4) } },
  ]
  return {
    invites: invites.map((invite) => ({ ...invite, text: inviteText(invite) })),
    refused: refused(),
    links: [PEERS, PEERS.slice(2), []].map((peers) => ({ channel: CHANNEL, peers, text: channelLink(CHANNEL, peers) })),
    refusedLinks: refusedLinks(),
    relays: [ADDRESSES.slice(0, 1), ADDRESSES].map((addresses) => ({ key: RELAY, addresses, text: relayText(RELAY, addresses) })),
    refusedRelays: refusedRelays(),
    inviteId: { secret, id },
    shortCodes: nonces.map((nonce) => ({ transcript, nonce, commitment: commitment(nonce), code: code(transcript, nonce) })),
    frames: [
      { type: 'fetchBundle', inviteId: id, bytes: frame(1, id) },
      { type: 'fetchContactBundle', deviceList: envelope, bytes: frame(2, envelope) },
      { type: 'hello', inviteId: id, envelope, bytes: frame(3, id, envelope) },
      { type: 'left', device: fill('11', 32), inviteId: id, envelope, bytes: frame(4, fill('11', 32), id, envelope) },
      { type: 'bundle', commitment: fill('cc', 32), bundle: envelope, bytes: frame(0x81, fill('cc', 32), envelope) },
      { type: 'contactBundle', bundle: envelope, bytes: frame(0x82, envelope) },
      { type: 'pending', nonce: fill('dd', 32), envelope, bytes: frame(0x83, fill('dd', 32), envelope) },
      ...['unknown', 'expired', 'used', 'refused'].map((refusal, i) => ({ type: 'refused', code: refusal, bytes: frame(0x84, `0${i + 1}`) })),
    ],
  }
}
