/** Proofs of broken promises for those who trust neither side: out of the store as bytes, and into words. */
import {
  type Channel, channelText, checkEvidence, credentialsFor, decodeEntry, type Entry, type Evidence, EvidenceError, logOf, missing, trimmedProof,
} from '../../../protocols/channel/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { MessengerError } from '../errors.ts'
import type { ChannelContext } from './context.ts'
import type { Shelf } from './shelf.ts'

export interface EvidenceFile {
  readonly id: string
  readonly text: string
  readonly bytes: Uint8Array
}

/** `id`: SHA-256 of the bytes, which names the same proof everywhere. */
export function exportEvidence({ store, suite }: ChannelContext, shelf: Shelf, name: string): EvidenceFile[] {
  const { row, state } = shelf.find(name)
  const proofs = [...store.evidence(row.id), ...(state ? leftOut({ store, suite }, state) : [])]
  return proofs.map((bytes) => ({ id: toHex(suite.sha256(bytes)), text: inWords(checkEvidence(suite, bytes)), bytes }))
}

/**
 * What is signed to exist and nobody gives us. Made when it is asked for and not kept: it speaks against whoever keeps the rest back now,
 * and is gone when the rest comes.
 */
function leftOut({ store, suite }: Pick<ChannelContext, 'store' | 'suite'>, state: Channel): Uint8Array[] {
  const id = toHex(state.id)
  const newest = (log: Uint8Array): Entry | undefined => {
    const row = store.entry(id, toHex(log), (logOf(state, log)?.size ?? 0) - 1)
    return row && decodeEntry(suite, row.bytes)
  }
  return missing(state).flatMap(({ log, saidBy }) => {
    const [claim, shown] = [newest(saidBy), newest(log)]
    if (!claim) return []
    const credentials = credentialsFor(state, claim, ...(shown ? [shown] : [])).flatMap((seq) => store.entry(id, id, seq)?.bytes ?? [])
    try {
      return [trimmedProof(suite, credentials, log, claim, shown)]
    } catch (error) {
      if (error instanceof EvidenceError) return [] // said by a cut: the brand's word on how long the log is, and no claim of an author
      throw error
    }
  })
}

/** Needs nothing but the bytes: neither the channel nor a network. @throws MessengerError 'bad-input' */
export function readEvidence({ suite }: ChannelContext, bytes: Uint8Array): { text: string; channel: string } {
  try {
    const evidence = checkEvidence(suite, bytes)
    return { text: inWords(evidence), channel: channelText(evidence.channel) }
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error
    if (error.code === 'newer-version') throw new MessengerError('bad-input', 'this proof needs a newer version of Dure')
    throw new MessengerError('bad-input', `this proves nothing: ${REASONS[error.code]}`)
  }
}

const REASONS: Readonly<Record<Exclude<EvidenceError['code'], 'newer-version'>, string>> = {
  malformed: 'it is no proof',
  'too-large': 'it is larger than any proof',
  credentials: 'nothing in it makes the keys those of the channel',
  signature: 'a signature in it is wrong',
  nothing: 'what it shows contradicts nothing',
}

function inWords({ kind, seq, size, authors, signer }: Evidence): string {
  const [who = `the brand (root key ${toHex(signer).slice(0, 16)})`] = authors
  switch (kind) {
    case 'fork': return `${who} signed two different entries with the number ${seq + 1}`
    case 'rewrite': return `${who} signed an entry with the number ${seq + 1}, and later another history in its place`
    case 'trimmed': return `${who} signed that there are ${size ?? 0} entries, and a log was shown that ends before number ${seq + 1}`
  }
}
