/** Vectors of the identity room, made by its readable twin: lists that hold, every rule broken once, and chains to judge. */
import {
  body,
  type DeviceFields,
  fingerprint,
  type ListFields,
  listHash,
  phrase,
  publicOf,
  rootSeed,
  safetyNumber,
  signBody,
  signed,
} from '../../test/reference/identity.ts'

const fill = (byte: string, length: number): string => byte.repeat(length)
const T = 1_800_000_000
const TWO_YEARS = 63_072_000

const ENTROPY = fill('7f', 32)
const SEED = rootSeed(ENTROPY)
const ACCOUNT = publicOf(SEED)
const OTHER_SEED = rootSeed(fill('80', 32))
const OTHER = publicOf(OTHER_SEED)

const laptop: DeviceFields = { signing: publicOf(fill('01', 32)), agreement: fill('a1', 32), addedAt: T, name: 'laptop' }
const phone: DeviceFields = { signing: publicOf(fill('02', 32)), agreement: fill('a2', 32), addedAt: T + 100, name: '전화기' }
const tablet: DeviceFields = { signing: publicOf(fill('03', 32)), agreement: fill('a3', 32), addedAt: T + 200, name: '' }
const inOrder = (...devices: DeviceFields[]): DeviceFields[] => devices.toSorted((a, b) => (a.signing < b.signing ? -1 : 1))

const first: ListFields = { account: ACCOUNT, version: 1, prev: '', issuedAt: T, notAfter: T + TWO_YEARS, devices: [laptop] }
const FIRST = signed(SEED, first)
const follows = (prev: string, version: number, devices: DeviceFields[]): ListFields => ({
  account: ACCOUNT,
  version,
  prev: listHash(prev),
  issuedAt: T + version,
  notAfter: T + version + TWO_YEARS,
  devices: inOrder(...devices),
})
const second = follows(FIRST, 2, [laptop, phone])
const SECOND = signed(SEED, second)
const third = follows(SECOND, 3, [phone])
const THIRD = signed(SEED, third)
const recovered: ListFields = { ...first, version: T + 500, issuedAt: T + 500, notAfter: T + 500 + TWO_YEARS, devices: [tablet] }
const RECOVERED = signed(SEED, recovered)
const full = follows(
  SECOND,
  3,
  Array.from({ length: 16 }, (_, i) => ({ signing: publicOf(fill(`1${i.toString(16)}`, 32)), agreement: fill(`b${i.toString(16)}`, 32), addedAt: T, name: fill('n', 64) })),
)

function phrases() {
  return [fill('00', 32), fill('7f', 32), fill('ff', 32), '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c'].map((entropy) => ({
    entropy,
    phrase: phrase(entropy),
    rootSeed: rootSeed(entropy),
    account: publicOf(rootSeed(entropy)),
  }))
}

function lists() {
  const cases = { first, second, third, recovered, 'as long as a list can be': full }
  return Object.entries(cases).map(([name, list]) => {
    const bytes = signed(SEED, list)
    return { name, list, bytes, hash: listHash(bytes) }
  })
}

/** Each signed by the account all the same: only the rule named is broken. */
function refused() {
  const wrong = (list: Partial<ListFields>): string => signed(SEED, { ...second, ...list })
  const twoDevices = second.devices as [DeviceFields, DeviceFields]
  const text = body(second)
  const cases: [string, string, string][] = [
    ['an empty input', '', 'malformed'],
    ['version 0 of the layout', signBody(SEED, `00${text.slice(2)}`), 'malformed'],
    ['version 2 of the layout', signBody(SEED, `02${text.slice(2)}`), 'newer-version'],
    ['list version 0', signed(SEED, { ...first, version: 0 }), 'malformed'],
    ['list version 2^53', signBody(SEED, body(first).replace('0000000000000001', '0020000000000000')), 'malformed'],
    ['version 1 that follows something', wrong({ version: 1 }), 'malformed'],
    ['a mark before prev that is neither 0 nor 1', signBody(SEED, `${body(first).slice(0, 82)}02${body(first).slice(84)}`), 'malformed'],
    ['no devices', wrong({ devices: [] }), 'malformed'],
    ['seventeen devices', wrong({ devices: inOrder(...full.devices, laptop) }), 'malformed'],
    ['devices in another order', wrong({ devices: [twoDevices[1], twoDevices[0]] }), 'malformed'],
    ['one device twice', wrong({ devices: [twoDevices[0], twoDevices[0]] }), 'malformed'],
    ['one device with two agreement keys', wrong({ devices: [twoDevices[0], { ...twoDevices[0], agreement: fill('a9', 32) }] }), 'malformed'],
    ['one agreement key twice', wrong({ devices: [twoDevices[0], { ...twoDevices[1], agreement: twoDevices[0].agreement }] }), 'malformed'],
    ['the root key as a device', wrong({ devices: [{ ...laptop, signing: ACCOUNT }] }), 'malformed'],
    ['a name of 65 bytes', wrong({ devices: [{ ...laptop, name: fill('n', 65) }] }), 'malformed'],
    ['a name that is not UTF-8', signBody(SEED, body(first).replace(Buffer.from('laptop').toString('hex'), 'ff61b0746f70')), 'malformed'],
    ['an end before the beginning', wrong({ notAfter: second.issuedAt }), 'malformed'],
    ['a byte too many in the body', signBody(SEED, `${text}00`), 'malformed'],
    ['a byte too many at the end', `${SECOND}00`, 'malformed'],
    ['no signature', text, 'malformed'],
    ['a signature of zeros', text + fill('00', 64), 'signature'],
    ['signed by another account', signBody(OTHER_SEED, text), 'signature'],
    ['the account exchanged', SECOND.replace(ACCOUNT, OTHER), 'signature'],
    ['past its end', signed(SEED, { ...first, issuedAt: T - TWO_YEARS, notAfter: T + 600 }), 'expired'],
  ]
  return cases.map(([name, bytes, code]) => ({ name, bytes, now: (T + 600) * 1000, code }))
}

function judged() {
  const fork = signed(SEED, { ...second, issuedAt: second.issuedAt + 1 })
  const afterFork = signed(SEED, follows(fork, 3, [laptop]))
  const gap = signed(SEED, { ...follows(FIRST, 3, [laptop]) })
  const cases: [string, string, string, string][] = [
    ['the same list', FIRST, FIRST, 'same'],
    ['the list that follows', FIRST, SECOND, 'newer'],
    ['the one after that', SECOND, THIRD, 'newer'],
    ['made from the phrase alone', THIRD, RECOVERED, 'recovered'],
    ['an older list', SECOND, FIRST, 'rollback'],
    ['a list from before the recovery, late', RECOVERED, THIRD, 'rollback'],
    ['the same number, another list', SECOND, fork, 'fork'],
    ['follows the other branch of a fork', SECOND, afterFork, 'unknown-prev'],
    ['one list was skipped', FIRST, THIRD, 'unknown-prev'],
    ['follows the known one but skips a number', FIRST, gap, 'unknown-prev'],
    ['another account', FIRST, signed(OTHER_SEED, { ...first, account: OTHER }), 'other-account'],
  ]
  return cases.map(([name, known, next, verdict]) => ({ name, known, next, verdict }))
}

export function vectors() {
  return {
    phrases: phrases(),
    refusedPhrases: [
      { phrase: phrase(ENTROPY).split(' ').slice(0, 12).join(' '), code: 'word-count' },
      { phrase: phrase(ENTROPY).replace(/^\w+/, 'dure'), code: 'unknown-word' },
      { phrase: fill('abandon ', 24).trim(), code: 'checksum' },
    ],
    deviceSecrets: [{ signing: fill('01', 32), agreement: fill('02', 32), bytes: `01${fill('01', 32)}${fill('02', 32)}` }],
    lists: lists(),
    refusedLists: refused(),
    judged: judged(),
    safetyNumbers: [
      { a: ACCOUNT, b: OTHER, number: safetyNumber(ACCOUNT, OTHER) },
      { a: OTHER, b: ACCOUNT, number: safetyNumber(OTHER, ACCOUNT) },
    ],
    fingerprints: [ACCOUNT, OTHER].map((account) => ({ account, fingerprint: fingerprint(account) })),
  }
}
