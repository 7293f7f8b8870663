/**
 * The readable twin of protocols/channel: an entry written byte by byte, and its judgement from the whole history each time. Keeps
 * nothing but the entries; own layouts, own trees, own arithmetic. Writes too. Knows no light start, no pages, no stored form.
 */
import { createHash } from 'node:crypto'
import { noble } from '../../protocols/suite/index.ts'
import { mth } from './channel-merkle.ts'

type Bytes = Uint8Array

const join = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts))
export const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')
const field = (bytes: Bytes): Bytes => join(number(bytes.length, 4), bytes)
const label = (name: string, ...fields: Bytes[]): Bytes => join(field(Buffer.from(`dure/v1/channel/${name}`)), ...fields.map(field))
const sha512 = (bytes: Bytes): Bytes => new Uint8Array(createHash('sha512').update(bytes).digest())
const short = (name: string, ...fields: Bytes[]): Bytes => sha512(label(name, ...fields)).slice(0, 32)
export const zeros: Bytes = new Uint8Array(32)

export function number(value: number | bigint, length: number): Bytes {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value))
  return new Uint8Array(out.subarray(8 - length))
}

const read = (bytes: Bytes): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`))

// ---------------------------------------------------------------- keys

export interface TwinKey {
  readonly public: Bytes
  readonly sign: (message: Bytes) => Bytes
}

export function twinKey(seed: Bytes): TwinKey {
  const { publicKey, secretKey } = noble.importSecret('ed25519', seed)
  return { public: publicKey, sign: (message) => noble.sign(secretKey, message) }
}

export const rootSeed = (entropy: Bytes, generation: number): Bytes => noble.hkdf(new Uint8Array(0), entropy, label('root-key', number(generation, 4)), 32)
export const commitment = (key: Bytes): Bytes => short('next-root', key)
export const channelId = (genesis: Bytes): Bytes => short('id', genesis)
export const logId = (channel: Bytes, postingKey: Bytes): Bytes => short('log', channel, postingKey)

// ---------------------------------------------------------------- entries

export interface TwinHead {
  readonly log: Bytes
  readonly size: number | bigint
  readonly root: Bytes
}

export interface TwinEntry {
  readonly kind: number
  readonly channel: Bytes
  readonly log: Bytes
  readonly seq: number | bigint
  readonly time: number | bigint
  readonly root: Bytes
  readonly certificate: Bytes
  readonly seen: readonly TwinHead[]
  readonly body: Bytes
}

/** Any entry, right or wrong. */
export function encode(entry: TwinEntry, key: TwinKey): Bytes {
  const unsigned = join(
    number(1, 1),
    number(entry.kind, 1),
    entry.channel,
    entry.log,
    number(entry.seq, 8),
    number(entry.time, 8),
    entry.root,
    entry.certificate,
    number(entry.seen.length, 1),
    ...entry.seen.map(({ log, size, root }) => join(log, number(size, 8), root)),
    field(entry.body),
  )
  return join(unsigned, key.sign(label('entry', unsigned)))
}

export const idOf = (entry: Bytes): Bytes => new Uint8Array(createHash('sha256').update(join(number(0, 1), entry)).digest())

interface Read extends TwinEntry {
  readonly bytes: Bytes
  readonly signature: Bytes
}

class Broken extends Error {}
const broken = (verdict: string): Broken => new Broken(verdict)
const rule = (name: string): Broken => broken(`reject: ${name}`)

function decode(bytes: Bytes): Read {
  if (bytes.length > 65536) throw rule('too-large')
  if (bytes.length < 147 + 4 + 64) throw rule('malformed')
  if (bytes[0] !== 1) throw rule('version')
  if (bytes[1] === 0) throw rule('kind')
  const count = bytes[146] as number
  const bodyAt = 147 + 72 * count + 4
  const signatureAt = bytes.length - 64
  if (bodyAt > signatureAt || read(bytes.slice(bodyAt - 4, bodyAt)) !== BigInt(signatureAt - bodyAt)) throw rule('malformed')
  if (count > 32) throw rule('seen')
  const u64 = (at: number): bigint => {
    const value = read(bytes.slice(at, at + 8))
    if (value > 2n ** 53n - 1n) throw rule('malformed')
    return value
  }
  const [seq, time] = [u64(66), u64(74)]
  const seen = Array.from({ length: count }, (_, i): TwinHead => {
    const at = 147 + 72 * i
    return { log: bytes.slice(at, at + 32), size: u64(at + 32), root: bytes.slice(at + 40, at + 72) }
  })
  for (const [i, head] of seen.entries()) {
    const before = seen[i - 1]
    if (head.size === 0n || (before && hex(before.log) >= hex(head.log))) throw rule('seen')
  }
  return {
    kind: bytes[1] as number,
    channel: bytes.slice(2, 34),
    log: bytes.slice(34, 66),
    seq,
    time,
    root: bytes.slice(82, 114),
    certificate: bytes.slice(114, 146),
    seen,
    body: bytes.slice(bodyAt, signatureAt),
    bytes,
    signature: bytes.slice(signatureAt),
  }
}

const signedBy = (key: Bytes, { bytes, signature }: Read): boolean => noble.verify(key, label('entry', bytes.slice(0, -64)), signature)

// ---------------------------------------------------------------- bodies

/** [tag, shortest, longest, how often, must be there, what its value must be] */
type Row = readonly [tag: number, least: number, most: number, times: number, required: boolean, value?: (value: Bytes) => boolean]

const text = (value: Bytes): string | undefined => {
  const said = Buffer.from(value).toString('utf8')
  return Buffer.from(said, 'utf8').equals(Buffer.from(value)) ? said : undefined
}
const isText = (value: Bytes): boolean => text(value) !== undefined
const isLine = (value: Bytes): boolean => isText(value) && !/[\u0000-\u001f\u007f-\u009f]/.test(text(value) as string)
const matches = (form: RegExp) => (value: Bytes): boolean => isText(value) && form.test(text(value) as string)
const isLink = matches(/^(https?:\/\/|dure:)[!-~]+$/i)
const isNumber = (value: Bytes): boolean => read(value) < 2n ** 53n
const isPicture = (value: Bytes): boolean => {
  const size = read(value.slice(32, 36))
  const type = value[36] as number
  const sides = [value.slice(37, 39), value.slice(39, 41)]
  return size >= 1n && size <= 10485760n && type >= 1 && type <= 4 && sides.every((side) => read(side) > 0n) && isLine(value.slice(41))
}
const isSpan = (rest: (value: Bytes) => boolean) => (value: Bytes): boolean => {
  const [from, to] = [value.slice(0, 8), value.slice(8, 16)]
  return isNumber(from) && isNumber(to) && read(from) <= read(to) && rest(value.slice(16))
}

const MANIFEST: readonly Row[] = [
  [16, 1, 128, 1, true, isLine],
  [17, 1, 4096, 1, false, isText],
  [18, 41, 41 + 512, 1, false, isPicture],
  [19, 2, 35, 16, false, matches(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/)],
  [20, 2, 2, 1, false, matches(/^[A-Z]{2}$/)],
  [21, 1, 2048, 16, false, isLink],
  [22, 1, 1024, 1, false, isLine],
  [23, 1, 253, 1, false, matches(/^(?=.{4,})([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)],
  [24, 4, 4, 1, false, (value) => read(value) >= 1n && read(value) <= 100000n],
]
const ROTATION: readonly Row[] = [[1, 32, 32, 1, true], [2, 32, 32, 1, true]]
const CERTIFICATE: readonly Row[] = [
  [1, 32, 32, 1, true],
  [2, 1, 128, 1, true, isLine],
  [3, 2, 2, 1, true, (value) => read(value) > 0n],
  ...[4, 5, 6, 7].map((tag): Row => [tag, 8, 8, 1, true, isNumber]),
]
const REVOCATION: readonly Row[] = [[1, 32, 32, 1, true], [2, 8, 8, 1, true, isNumber], [3, 32, 32, 1, true], [4, 1, 256, 1, false, isLine]]
const POST: readonly Row[] = [
  [1, 1, 256, 1, false, isLine],
  [2, 1, 32768, 1, false, isText],
  [3, 1, 2048, 8, false, isLink],
  [4, 41, 41 + 512, 8, false, isPicture],
  [5, 16, 16 + 512, 1, false, isSpan(isLine)],
  [6, 16, 16 + 4096, 1, false, isSpan(isText)],
]
const isTarget = (value: Bytes): boolean => isNumber(value.slice(32, 40))
const EDIT: readonly Row[] = [[1, 72, 72, 1, true, isTarget], [2, 1, 65536, 1, true]]
const WITHDRAWAL: readonly Row[] = [[1, 72, 72, 1, true, isTarget], [2, 1, 256, 1, false, isLine]]

export type TwinField = readonly [tag: number, value: Bytes]
export const body = (...fields: TwinField[]): Bytes => join(...fields.map(([tag, value]) => join(number(tag, 1), field(value))))

function fieldsOf(bytes: Bytes, rows: readonly Row[]): Map<number, Bytes[]> {
  const found: [number, Bytes][] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 5 > bytes.length || found.length === 256) throw rule('body')
    const length = Number(read(bytes.slice(at + 1, at + 5)))
    if (at + 5 + length > bytes.length) throw rule('body')
    found.push([bytes[at] as number, bytes.slice(at + 5, at + 5 + length)])
    at += 5 + length
  }
  // First how the fields stand, then which are there, then what they say.
  for (const [i, [tag, value]] of found.entries()) {
    if (i > 0 && tag < (found[i - 1] as [number, Bytes])[0]) throw rule('non-canonical')
    const row = rows.find(([known]) => known === tag)
    if (!row) continue
    const times = found.slice(0, i + 1).filter(([other]) => other === tag).length
    if (times > row[3] || value.length < row[1] || value.length > row[2]) throw rule('body')
  }
  const fields = new Map<number, Bytes[]>()
  for (const [tag, value] of found) fields.set(tag, [...(fields.get(tag) ?? []), value])
  for (const [tag, , , , required] of rows) if (required && !fields.has(tag)) throw rule('body')
  for (const [tag, , , , , value] of rows) if (value && !(fields.get(tag) ?? []).every(value)) throw rule('body')
  return fields
}

const first = (fields: Map<number, Bytes[]>, tag: number): Bytes => (fields.get(tag) as [Bytes])[0]

function manifestOf(fields: Map<number, Bytes[]>): { name: string; rate: bigint } {
  const rate = fields.get(24)?.[0]
  if (rate && read(rate) === 50n) throw rule('non-canonical')
  return { name: text(first(fields, 16)) as string, rate: rate ? read(rate) : 50n }
}

function certificateOf(bytes: Bytes): { key: Bytes; name: string; scope: bigint; seqs: [bigint, bigint]; times: [bigint, bigint] } {
  const fields = fieldsOf(bytes, CERTIFICATE)
  const [from, end, before, after] = [4, 5, 6, 7].map((tag) => read(first(fields, tag))) as [bigint, bigint, bigint, bigint]
  if (end <= from || after <= before) throw rule('body')
  return { key: first(fields, 1), name: text(first(fields, 2)) as string, scope: read(first(fields, 3)), seqs: [from, end], times: [before, after] }
}

function postScope(bytes: Bytes): bigint {
  const fields = fieldsOf(bytes, POST)
  if (![1, 2, 3, 4, 5, 6].some((tag) => fields.has(tag))) throw rule('body')
  return (fields.has(4) ? 2n : 0n) | (fields.has(5) ? 4n : 0n) | (fields.has(6) ? 8n : 0n) || 1n
}

/** What its certificate must allow. */
function scopeNeeded(entry: Read): bigint {
  const moderate = (fields: Map<number, Bytes[]>): bigint => (hex(first(fields, 1).slice(0, 32)) === hex(entry.log) ? 0n : 16n)
  if (entry.kind === 16) return postScope(entry.body)
  if (entry.kind === 17) {
    const fields = fieldsOf(entry.body, EDIT)
    return moderate(fields) | postScope(first(fields, 2))
  }
  return entry.kind === 18 ? moderate(fieldsOf(entry.body, WITHDRAWAL)) : 0n
}

/** 'right', or what is wrong with a body of that kind. */
export function bodyVerdict(kind: number, bytes: Bytes): string {
  try {
    if (kind === 1) manifestOf(fieldsOf(bytes, [...ROTATION, ...MANIFEST]))
    if (kind === 2) manifestOf(fieldsOf(bytes, MANIFEST))
    if (kind === 3) certificateOf(bytes)
    if (kind === 4) fieldsOf(bytes, REVOCATION)
    if (kind === 5) fieldsOf(bytes, ROTATION)
    if (kind >= 16) scopeNeeded({ kind, body: bytes, log: zeros } as Read)
    return 'right'
  } catch (error) {
    if (error instanceof Broken) return error.message.replace('reject: ', '')
    throw error
  }
}

// ---------------------------------------------------------------- judging

const DAY = 86_400_000n

/** A day's worth of ms for each entry; at most `rate` of them saved up. undefined: some entry found too little. */
function bucketAfter(entries: readonly { time: bigint; rate: bigint | undefined }[]): bigint | undefined {
  let level: bigint | undefined // undefined: full
  let last = 0n
  for (const { time, rate } of entries) {
    if (rate !== undefined) {
      const most = rate * DAY
      const brought = (time - last) * rate
      level = level === undefined || level > most ? most : level
      level = (level + brought > most ? most : level + brought) - DAY
      if (level < 0n) return undefined
    }
    last = time
  }
  return level ?? 0n
}

interface Certified extends ReturnType<typeof certificateOf> {
  readonly log: Bytes
  readonly seq: bigint
}

export class TwinChannel {
  readonly id: Bytes
  root: Read[]
  readonly logs = new Map<string, Read[]>()
  readonly forks = new Map<string, bigint>()
  frozen: bigint | undefined

  /** The entry must be a right genesis: see `genesisVerdict`. */
  constructor(genesis: Bytes) {
    this.id = channelId(genesis)
    this.root = [decode(genesis)]
  }

  /** Root keys with the numbers from which they hold. */
  keys(root = this.root): { from: bigint; key: Bytes; next: Bytes }[] {
    return root.filter(({ kind }) => kind === 1 || kind === 5).map((entry) => {
      const fields = fieldsOf(entry.body, entry.kind === 1 ? [...ROTATION, ...MANIFEST] : ROTATION)
      return { from: entry.seq as bigint, key: first(fields, 1), next: first(fields, 2) }
    })
  }

  /** The manifest after so many root entries. */
  manifest(size = BigInt(this.root.length)): { name: string; rate: bigint } {
    const entry = this.root.filter(({ kind, seq }) => (kind === 1 || kind === 2) && (seq as bigint) < size).at(-1) as Read
    return manifestOf(fieldsOf(entry.body, entry.kind === 1 ? [...ROTATION, ...MANIFEST] : MANIFEST))
  }

  certificates(): Map<string, Certified> {
    return new Map(this.root.filter(({ kind }) => kind === 3).map((entry) => {
      const certificate = certificateOf(entry.body)
      return [hex(idOf(entry.bytes)), { ...certificate, log: logId(this.id, certificate.key), seq: entry.seq as bigint }]
    }))
  }

  cuts(): Map<string, { size: bigint; root: Bytes; seq: bigint }> {
    return new Map(this.root.filter(({ kind }) => kind === 4).map((entry) => {
      const fields = fieldsOf(entry.body, REVOCATION)
      return [hex(first(fields, 1)), { size: read(first(fields, 2)), root: first(fields, 3), seq: entry.seq as bigint }]
    }))
  }

  treeRoot(size: number | bigint, entries = this.root): Bytes | undefined {
    return size <= entries.length ? mth(entries.slice(0, Number(size)).map(({ bytes }) => bytes)) : undefined
  }

  head(log: Bytes): TwinHead {
    const entries = this.of(log)
    return { log, size: entries.length, root: this.treeRoot(entries.length, entries) as Bytes }
  }

  of(log: Bytes): Read[] {
    return hex(log) === hex(this.id) ? this.root : (this.logs.get(hex(log)) ?? [])
  }

  private hasRoot(head: TwinHead): boolean {
    const root = this.treeRoot(head.size)
    return root !== undefined && hex(root) === hex(head.root)
  }

  judge(bytes: Bytes, now: number): string {
    try {
      const entry = decode(bytes)
      if (hex(entry.channel) !== hex(this.id)) {
        if (entry.kind === 1 && hex(entry.channel) === hex(zeros) && hex(channelId(bytes)) === hex(this.id)) return 'known'
        throw rule('channel')
      }
      if ((entry.time as bigint) > BigInt(now) + 300_000n) throw broken('ignore: early')
      const ofRoot = hex(entry.log) === hex(this.id)
      if (this.frozen !== undefined && !(ofRoot && entry.kind === 5)) throw broken('ignore: frozen')
      return ofRoot ? this.judgeRoot(entry) : this.judgeAuthor(entry)
    } catch (error) {
      if (error instanceof Broken) return error.message
      throw error
    }
  }

  private judgeAuthor(entry: Read): string {
    const seq = entry.seq as bigint
    const time = entry.time as bigint
    if (entry.kind < 16) throw rule('kind')
    if (entry.seen.some(({ log }) => hex(log) === hex(entry.log))) throw rule('seen')
    const rootHead = entry.seen.find(({ log }) => hex(log) === hex(this.id))
    if (!rootHead) throw rule('seen')
    const rootSize = rootHead.size as bigint
    const certificates = this.certificates()
    const certificate = certificates.get(hex(entry.certificate))
    if (!certificate) throw this.hasRoot(rootHead) ? rule('certificate') : broken('ignore: root-behind')
    if (hex(certificate.log) !== hex(entry.log)) throw rule('log')
    if (certificate.seq >= rootSize) throw rule('seen')
    if (seq < certificate.seqs[0] || seq >= certificate.seqs[1]) throw rule('window')
    if (time < certificate.times[0]) throw rule('not-yet')
    if (time >= certificate.times[1]) throw rule('expired')
    if (!signedBy(certificate.key, entry)) throw rule('signature')
    if (rootSize > this.root.length) throw broken('ignore: root-behind')
    const cut = this.cuts().get(hex(entry.log))
    if (cut && seq >= cut.size) throw rootSize > cut.seq && this.hasRoot(rootHead) ? rule('revoked') : broken('ignore: revoked')
    const fork = this.forks.get(hex(entry.log))
    if (fork !== undefined && !cut && seq >= fork) throw broken('ignore: frozen')
    const needed = scopeNeeded(entry)
    if ((needed & certificate.scope) !== needed) throw rule('scope')

    const held = this.of(entry.log)
    const rates = [...held, entry].map((each) => ({ time: each.time as bigint, rate: this.manifest(each.seen.find(({ log }) => hex(log) === hex(this.id))?.size as bigint).rate }))
    if (seq < held.length) return 'known'
    if (seq > held.length) {
      const last = rates.at(-2)
      const { rate } = rates.at(-1) as { rate: bigint }
      if (last === undefined) return 'ahead'
      const level = bucketAfter(rates.slice(0, -1)) as bigint
      const saved = level > rate * DAY ? rate * DAY : level
      if ((seq + 1n - BigInt(held.length)) * DAY > saved + (time - last.time) * rate) throw rule('rate')
      return 'ahead'
    }
    const before = held.at(-1)
    this.place(entry, held)
    if (bucketAfter(rates) === undefined) throw rule('rate')
    if (before && hex(before.certificate) !== hex(entry.certificate) && (certificates.get(hex(before.certificate))?.seq ?? Infinity) > certificate.seq) throw rule('certificate')
    if (cut && seq + 1n === cut.size && hex(mth([...held.map(({ bytes }) => bytes), entry.bytes])) !== hex(cut.root)) throw broken('ignore: other-history')
    return 'accept'
  }

  private place(entry: Read, held: readonly Read[]): void {
    if (hex(entry.root) !== hex(this.treeRoot(held.length, [...held]) as Bytes)) throw held.length === 0 ? rule('root') : broken('ignore: other-history')
    if ((entry.time as bigint) < ((held.at(-1)?.time as bigint | undefined) ?? 0n)) throw rule('time')
  }

  private judgeRoot(entry: Read): string {
    const seq = entry.seq as bigint
    if (entry.kind >= 16 || entry.kind === 1) throw rule('kind')
    if (hex(entry.certificate) !== hex(zeros)) throw rule('certificate')
    if (entry.seen.some(({ log }) => hex(log) === hex(this.id))) throw rule('seen')
    if (seq === 0n) throw rule('sequence')
    if (seq >= 4096n) throw rule('limit')
    if (entry.kind === 5) return this.judgeRotation(entry)
    const keys = this.keys()
    const inForce = keys.findLastIndex(({ from }) => from <= seq)
    if (!signedBy((keys[inForce] as { key: Bytes }).key, entry)) {
      const older = keys[inForce - 1]
      throw older && signedBy(older.key, entry) ? broken('ignore: root-key') : rule('signature')
    }
    if (entry.kind === 2) manifestOf(fieldsOf(entry.body, MANIFEST))
    else if (entry.kind === 3) certificateOf(entry.body)
    else if (entry.kind === 4) fieldsOf(entry.body, REVOCATION)
    else throw broken('ignore: newer-version')
    if (seq !== BigInt(this.root.length)) return seq < this.root.length ? 'known' : 'ahead'
    this.place(entry, this.root)
    // Rotations stand outside of the bucket.
    if (bucketAfter([...this.root, entry].map(({ kind, time }) => ({ time: time as bigint, rate: kind === 5 ? undefined : 256n }))) === undefined) throw rule('rate')
    const logs = new Set([...this.certificates().values()].map(({ log }) => hex(log)))
    const cuts = this.cuts()
    if (entry.kind === 3) {
      const log = hex(logId(this.id, certificateOf(entry.body).key))
      if (cuts.has(log)) throw rule('revoked')
      if (!logs.has(log) && logs.size - cuts.size >= 32) throw rule('limit')
    }
    if (entry.kind === 4) {
      const fields = fieldsOf(entry.body, REVOCATION)
      const size = read(first(fields, 2))
      const cut = cuts.get(hex(first(fields, 1)))
      if (!logs.has(hex(first(fields, 1)))) throw rule('log')
      if (cut && size > cut.size) throw rule('revoked')
      if (size === 0n && hex(first(fields, 3)) !== hex(mth([]))) throw rule('body')
    }
    return 'accept'
  }

  private judgeRotation(entry: Read): string {
    const seq = entry.seq as bigint
    const key = first(fieldsOf(entry.body, ROTATION), 1)
    const keys = this.keys()
    const last = keys.at(-1) as { from: bigint; next: Bytes }
    const standsHere = this.hasRoot({ log: this.id, size: seq, root: entry.root })
    if (hex(commitment(key)) !== hex(last.next)) {
      const known = keys.find((each) => hex(each.key) === hex(key))
      if (!known) {
        if (seq > this.root.length) throw broken('ignore: root-behind')
        throw seq <= last.from || standsHere ? rule('rotation') : broken('ignore: other-history')
      }
      if (!signedBy(key, entry)) throw rule('signature')
      if (known.from === seq && seq > 0n) return 'known'
      throw rule('rotation')
    }
    if (!signedBy(key, entry)) throw rule('signature')
    if (seq <= last.from) throw rule('rotation')
    if (keys.length > 100) throw rule('limit')
    if (this.frozen !== undefined && seq > this.frozen) throw broken('ignore: frozen')
    if (seq > this.root.length) return 'ahead'
    if (!standsHere) throw broken('ignore: other-history')
    if (seq < this.root.length) return 'supersede'
    this.place(entry, this.root)
    return 'accept'
  }

  /** What was judged `accept` or `supersede`, with all that follows from it. */
  take(bytes: Bytes): void {
    const entry = decode(bytes)
    if (hex(entry.log) !== hex(this.id)) {
      this.logs.set(hex(entry.log), [...this.of(entry.log), entry])
      return
    }
    this.root = [...this.root.slice(0, Number(entry.seq)), entry]
    if (entry.kind === 5) this.frozen = undefined
    const certificates = this.certificates()
    const certified = new Set([...certificates.values()].map(({ log }) => hex(log)))
    for (const [log, held] of this.logs) {
      const cut = this.cuts().get(log)
      const kept = held.slice(0, cut && Number(cut.size))
      const standing = kept.slice(0, kept.findLastIndex(({ certificate }) => certificates.has(hex(certificate))) + 1)
      const otherBranch = cut && standing.length === Number(cut.size) && hex(mth(standing.map(({ bytes: each }) => each))) !== hex(cut.root)
      this.logs.set(log, otherBranch ? [] : standing)
    }
    for (const log of this.forks.keys()) if (!certified.has(log) || this.cuts().has(log)) this.forks.delete(log)
  }

  /** Somebody shows all that was kept of a log which was ended at more than is here. What is here of another branch gives way. */
  keep(log: Bytes, kept: readonly Bytes[]): string {
    const held = this.of(log).map(({ bytes }) => hex(bytes))
    const cut = this.cuts().get(hex(log))
    if (!cut) return 'reject: log'
    if (held.length === 0 || held.length >= cut.size) return 'reject: sequence'
    if (BigInt(kept.length) !== cut.size || hex(mth(kept)) !== hex(cut.root)) return 'reject: root'
    if (held.every((ours, i) => ours === hex(kept[i] as Bytes))) return 'goes on'
    this.logs.set(hex(log), kept.map(decode))
    return 'begins again'
  }
}

/** The twin with these entries, in this order; each must be accepted. */
export function twinWith(entries: readonly Bytes[], now: number): TwinChannel {
  const [genesis, ...rest] = entries as [Bytes, ...Bytes[]]
  const twin = new TwinChannel(genesis)
  for (const bytes of rest) {
    const verdict = twin.judge(bytes, now)
    if (verdict !== 'accept' && verdict !== 'supersede') throw new Error(`the twin does not accept its own entry: ${verdict}`)
    twin.take(bytes)
  }
  return twin
}

/** 'right', or what is wrong with a first entry. */
export function genesisVerdict(bytes: Bytes, now: number): string {
  try {
    const entry = decode(bytes)
    if (entry.kind !== 1) throw rule('kind')
    if (hex(entry.channel) !== hex(zeros)) throw rule('channel')
    if (hex(entry.log) !== hex(zeros)) throw rule('log')
    if (entry.seq !== 0n) throw rule('sequence')
    if (hex(entry.certificate) !== hex(zeros)) throw rule('certificate')
    if (entry.seen.length > 0) throw rule('seen')
    if ((entry.time as bigint) > BigInt(now) + 300_000n) throw rule('early')
    const fields = fieldsOf(entry.body, [...ROTATION, ...MANIFEST])
    manifestOf(fields)
    if (!signedBy(first(fields, 1), entry)) throw rule('signature')
    if (hex(entry.root) !== hex(mth([]))) throw rule('root')
    return 'right'
  } catch (error) {
    if (error instanceof Broken) return error.message.replace('reject: ', '')
    throw error
  }
}

// ---------------------------------------------------------------- writing

/** The next entry of a log, as its author knows the channel. */
export function next(channel: TwinChannel, log: Bytes, key: TwinKey, certificate: Bytes, said: { kind: number; body: Bytes }, now: number): Bytes {
  const own = channel.of(log)
  const ended = channel.cuts()
  const sisters = [channel.id, ...[...channel.logs.keys()].map((name) => new Uint8Array(Buffer.from(name, 'hex')))]
    .filter((each) => hex(each) !== hex(log) && channel.of(each).length > 0 && !ended.has(hex(each)) && !channel.forks.has(hex(each)))
    .sort((a, b) => (hex(a) < hex(b) ? -1 : 1))
  const last = own.at(-1)
  return encode(
    {
      ...said,
      channel: channel.id,
      log,
      seq: own.length,
      time: Math.max(now, last ? Number(last.time) + 1 : 0),
      root: channel.head(log).root,
      certificate,
      seen: sisters.map((each) => channel.head(each)),
    },
    key,
  )
}

// ---------------------------------------------------------------- evidence

/** Bytes of a proof. `tail`: nothing of a fork; leaf, count and path of a rewrite; the log of what was trimmed. */
export function evidence(kind: 'fork' | 'rewrite' | 'trimmed', credentials: readonly Bytes[], entries: readonly Bytes[], tail: Bytes = new Uint8Array()): Bytes {
  const sized = (all: readonly Bytes[]): Bytes => join(number(all.length, 1), ...all.map(field))
  return join(number(1, 1), number({ fork: 1, rewrite: 2, trimmed: 3 }[kind], 1), sized(credentials), sized(entries), tail)
}
