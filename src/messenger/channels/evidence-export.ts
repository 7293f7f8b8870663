/** Proofs of broken promises for those who trust neither side: out of the store as bytes, and into words. */
import { channelText, checkEvidence, type Evidence, EvidenceError } from '../../../protocols/channel/index.ts'
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
  const { row } = shelf.find(name)
  return store.evidence(row.id).map((bytes) => ({ id: toHex(suite.sha256(bytes)), text: inWords(checkEvidence(suite, bytes)), bytes }))
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
