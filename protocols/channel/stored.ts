/** Channels and logs as the store keeps them: byte tables, for the own database only. Shapes and order are in the README. */
import { concat, Reader, type Suite, toHex, u32, u64 } from '../suite/index.ts'
import { decodeCertificate, encodeCertificate } from './certificate.ts'
import { type Head, same } from './entry.ts'
import { StateError } from './errors.ts'
import { FieldError } from './fields.ts'
import { channelIdOf } from './keys.ts'
import { MAX_ROOT_ENTRIES, MAX_SEEN } from './limits.ts'
import { decodeManifest, encodeManifest } from './manifest.ts'
import { type Frontier, frontierLength, HASH } from './merkle.ts'
import { decodeRevocation, encodeRevocation } from './revocation.ts'
import { type Certified, type Channel, type Cut, emptyLog, type LogState } from './state.ts'

const VERSION = 1
const NO_FORK = 0
const FROZEN = 1

const fail = (): StateError => new StateError('malformed')

/** Without the states of its author logs, which stand by themselves: what an entry of theirs changes is written often. */
export function encodeChannel(channel: Channel): Uint8Array {
  const { genesis, keys, manifest, rates, root, roots, certificates, cuts, forks, frozen } = channel
  const forked = [...forks].sort(([a], [b]) => (a < b ? -1 : 1))
  return concat(
    new Uint8Array([VERSION]),
    sized(genesis),
    sized(encodeLog(root)),
    ...roots,
    ...counted([...keys], ({ from, key, next }) => [u64(from), key, next]),
    sized(encodeManifest(manifest)),
    ...counted([...rates], ({ from, rate }) => [u64(from), u32(rate)]),
    ...counted([...certificates.values()], (certified) => [certified.id, u64(certified.seq), certified.log, sized(encodeCertificate(certified))]),
    ...counted([...cuts.values()], (cut) => [u64(cut.seq), sized(encodeRevocation(cut))]),
    ...counted(forked, ([log, seq]) => [bytesOf(channel, log), u64(seq)]),
    ...(frozen === undefined ? [new Uint8Array([NO_FORK])] : [new Uint8Array([FROZEN]), u64(frozen)]),
  )
}

/**
 * @param logs states of author logs, in any order; a log without one has no entries here. One of a log that no certificate
 * stands for any more is passed over.
 * @throws StateError
 */
export function decodeChannel(suite: Suite, bytes: Uint8Array, logs: readonly Uint8Array[]): Channel {
  return decode(bytes, (reader) => {
    const genesis = readSized(reader)
    const root = decodeLog(readSized(reader))
    const roots = Array.from({ length: atMost(root.size, MAX_ROOT_ENTRIES) + 1 }, () => reader.take(HASH))
    const keys = readCounted(reader, () => ({ from: reader.u64(), key: reader.take(HASH), next: reader.take(HASH) }))
    const manifest = decodeManifest(readSized(reader))
    const rates = readCounted(reader, () => ({ from: reader.u64(), rate: reader.u32() }))
    const certified = readCounted(reader, (): Certified => {
      const place = { id: reader.take(HASH), seq: reader.u64(), log: reader.take(HASH) }
      return { ...place, ...decodeCertificate(readSized(reader)) }
    })
    const cuts = readCounted(reader, (): Cut => ({ seq: reader.u64(), ...decodeRevocation(readSized(reader)) }))
    const forks = readCounted(reader, () => ({ log: reader.take(HASH), seq: reader.u64() }))
    const frozen = readFrozen(reader)
    if (keys.length === 0 || rates.length === 0 || !same(root.log, channelIdOf(suite, genesis))) throw fail()
    return {
      id: root.log,
      genesis,
      keys,
      manifest,
      rates,
      root,
      roots,
      logs: logsOf(certified, logs),
      certificates: new Map(certified.map((one) => [toHex(one.id), one])),
      cuts: new Map(cuts.map((cut) => [toHex(cut.log), cut])),
      forks: new Map(forks.map(({ log, seq }) => [toHex(log), seq])),
      frozen,
    }
  })
}

function logsOf(certified: readonly Certified[], encoded: readonly Uint8Array[]): Channel['logs'] {
  const logs = new Map(certified.map(({ log }) => [toHex(log), emptyLog(log)]))
  for (const bytes of encoded) {
    const state = decodeLog(bytes)
    const name = toHex(state.log)
    if (logs.has(name)) logs.set(name, state)
  }
  return logs
}

const bytesOf = (channel: Channel, log: string): Uint8Array => (channel.logs.get(log) as LogState).log

export function encodeLog({ log, size, frontier, time, tokens, certificate, seen }: LogState): Uint8Array {
  return concat(
    new Uint8Array([VERSION]),
    log,
    u64(size),
    ...frontier.nodes,
    u64(time),
    u64(tokens),
    certificate,
    new Uint8Array([seen.length]),
    ...seen.flatMap((head) => [head.log, u64(head.size), head.root]),
  )
}

/** @throws StateError */
export function decodeLog(bytes: Uint8Array): LogState {
  return decode(bytes, (reader) => {
    const log = reader.take(HASH)
    const size = reader.u64()
    const frontier: Frontier = { size, nodes: Array.from({ length: frontierLength(size) }, () => reader.take(HASH)) }
    const time = reader.u64()
    const tokens = reader.u64()
    const certificate = reader.take(HASH)
    const count = atMost(reader.u8(), MAX_SEEN)
    const seen = Array.from({ length: count }, (): Head => ({ log: reader.take(HASH), size: reader.u64(), root: reader.take(HASH) }))
    return { log, size, frontier, time, tokens, certificate, seen }
  })
}

function decode<T>(bytes: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader(bytes, fail)
  const version = reader.u8()
  if (version > VERSION) throw new StateError('newer-version')
  if (version !== VERSION) throw fail()
  try {
    const value = read(reader)
    reader.end()
    return value
  } catch (error) {
    if (error instanceof FieldError) throw fail()
    throw error
  }
}

function readFrozen(reader: Reader): number | undefined {
  const flag = reader.u8()
  if (flag !== NO_FORK && flag !== FROZEN) throw fail()
  return flag === FROZEN ? reader.u64() : undefined
}

const sized = (bytes: Uint8Array): Uint8Array => concat(u32(bytes.length), bytes)
const readSized = (reader: Reader): Uint8Array => reader.take(reader.u32())

const counted = <T>(items: readonly T[], parts: (item: T) => Uint8Array[]): Uint8Array[] => [u32(items.length), ...items.flatMap(parts)]

/** Each of them is behind an entry of the root log. */
const readCounted = <T>(reader: Reader, read: () => T): T[] => Array.from({ length: atMost(reader.u32(), MAX_ROOT_ENTRIES) }, read)

function atMost(count: number, limit: number): number {
  if (count > limit) throw fail()
  return count
}
