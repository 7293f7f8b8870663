/** Vectors of the handshake room, made by its readable twin. */
import { firstDeviceList, publicDevice, rootKey } from '../../protocols/identity/index.ts'
import { noble, toHex } from '../../protocols/suite/index.ts'
import { handshake, type Inputs } from '../../test/reference/handshake.ts'

/** Seeds that are easy to type into another implementation: one byte, repeated. */
const seed = (byte: number, length = 32): string => byte.toString(16).padStart(2, '0').repeat(length)
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

const NOW = 1_800_000_000_000

function deviceList(root: number, signing: string, agreement: string, name: string): string {
  const device = { signing: noble.importSecret('ed25519', bytes(signing)), agreement: noble.importSecret('x25519', bytes(agreement)) }
  return toHex(firstDeviceList(noble, rootKey(noble, bytes(seed(root))), publicDevice(device, name, NOW), NOW))
}

const inputs: Inputs = {
  oneTime: true,
  pairing: '000102030405060708090a0b0c0d0e0f',
  notAfter: NOW + 600_000,
  ids: { signedPrekey: 1, pqPrekey: 2, ratchet: 3, oneTimePrekey: 0xfffffffe },
  responder: {
    signing: seed(0x11),
    agreement: seed(0x12),
    signedPrekey: seed(0x13),
    pqPrekey: seed(0x14, 64),
    ratchetDh: seed(0x15),
    ratchetKem: seed(0x16, 64),
    oneTimePrekey: seed(0x17),
    deviceList: deviceList(0x10, seed(0x11), seed(0x12), 'desk'),
  },
  initiator: {
    signing: seed(0x21),
    agreement: seed(0x22),
    ephemeral: seed(0x23),
    coins: seed(0x24),
    deviceList: deviceList(0x20, seed(0x21), seed(0x22), 'phone'),
  },
}

/** Edits of the first case; one thing wrong with each. `at` counts from the end when negative. */
const REFUSED = {
  bundles: [
    { name: 'version 0', error: 'malformed', at: 0, put: '00' },
    { name: 'version 2', error: 'newer-version', at: 0, put: '02' },
    { name: 'a handshake message in its place', error: 'malformed', at: 1, put: '21' },
    { name: 'called last-resort, so that the one-time prekey is left over', error: 'malformed', at: 1, put: '12' },
    { name: 'another device', error: 'unlisted-device', at: 2, put: 'ff' },
    { name: 'later expiry', error: 'signature', at: 39, put: 'ff' },
    { name: 'expiry beyond 2^53', error: 'malformed', at: 34, put: 'ff' },
    { name: 'another signed prekey id', error: 'signature', at: 45, put: '09' },
    { name: 'signed prekey id 0', error: 'malformed', at: 42, put: '00000000' },
    { name: 'another signed prekey', error: 'signature', at: 46, put: '00' },
    { name: 'another KEM prekey id', error: 'signature', at: 81, put: '09' },
    { name: 'another KEM prekey', error: 'signature', at: 82, put: '0000' },
    { name: 'another ratchet key', error: 'signature', at: 1654, put: '00' },
    { name: 'another one-time prekey', error: 'signature', at: 2874, put: '00' },
    { name: 'a longer device list than there is', error: 'malformed', at: 2906, put: '0800' },
    { name: 'a changed signature', error: 'signature', at: -64, put: '00' },
    { name: 'a byte after the end', error: 'malformed', append: '00' },
    { name: 'without its signature', error: 'malformed', drop: 64 },
    { name: 'empty', error: 'malformed', drop: 1_000_000 },
  ],
  messages: [
    { name: 'version 0', error: 'malformed', at: 0, put: '00' },
    { name: 'version 2', error: 'newer-version', at: 0, put: '02' },
    { name: 'a bundle in its place', error: 'malformed', at: 1, put: '11' },
    { name: 'called last-resort with a one-time prekey id', error: 'malformed', at: 1, put: '22' },
    { name: 'called last-resort', error: 'wrong-prekeys', at: 1, put: '22', and: { at: 1678, put: '00000000' } },
    { name: 'another bundle', error: 'wrong-prekeys', at: 2, put: '00' },
    { name: 'another device', error: 'unlisted-device', at: 34, put: 'ff' },
    { name: 'an all-zero ephemeral', error: 'key', at: 66, put: seed(0) },
    { name: 'an ephemeral of order 8', error: 'key', at: 66, put: 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800' },
    { name: 'an ephemeral with its high bit set', error: 'key', at: 97, put: 'ff' },
    { name: 'another signed prekey id', error: 'wrong-prekeys', at: 1669, put: '02' },
    { name: 'KEM prekey id 0', error: 'malformed', at: 1670, put: '00000000' },
    { name: 'another ratchet id', error: 'wrong-prekeys', at: 1677, put: '04' },
    { name: 'another one-time prekey id', error: 'wrong-prekeys', at: 1678, put: '00000001' },
    { name: 'a changed device list', error: 'device-list', at: -1, put: 'ff' },
    { name: 'a byte after the end', error: 'malformed', append: '00' },
    { name: 'a byte short', error: 'malformed', drop: 1 },
    { name: 'empty', error: 'malformed', drop: 1_000_000 },
  ],
}

export function vectors(): unknown {
  const cases = [
    { name: 'one-time prekeys, with the secret of an invite', inputs },
    { name: 'one-time prekeys, without an invite', inputs: { ...inputs, pairing: undefined } },
    { name: 'last resort: three DH', inputs: { ...inputs, oneTime: false, pairing: undefined } },
    { name: 'last resort, with the secret of an invite', inputs: { ...inputs, oneTime: false } },
  ]
  return { now: NOW, cases: cases.map((one) => ({ ...one, outputs: handshake(one.inputs) })), refused: REFUSED }
}
