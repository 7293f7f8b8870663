/** Names and frames of channels once more, in hex, from the tables of the README. Shares only the address codings of the pairing vectors. */
import { createHash } from 'node:crypto'
import { base32 } from './pairing.ts'

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const number = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0')
const list = (hashes: readonly string[]): string => number(hashes.length, 1) + hashes.join('')

/** The first bytes of SHA-512 over the label and the fields, each behind its length */
function labelled(length: number, name: string, ...fields: string[]): string {
  const input = [Buffer.from(`dure/v1/channel/${name}`).toString('hex'), ...fields].map((part) => number(part.length / 2, 4) + part).join('')
  return createHash('sha512').update(bytesOf(input)).digest('hex').slice(0, 2 * length)
}

export const text = (channel: string): string => base32(bytesOf(channel)).toLowerCase()
export const topic = (channel: string): string => `/dure/channel/1/${labelled(32, 'topic', channel)}`
export const provider = (channel: string): string => labelled(32, 'provider', channel)
export const tag = (channel: string, nonce: string): string => labelled(16, 'find', channel, nonce)

export interface Peer {
  readonly key: string
  readonly addresses: readonly { readonly text: string; readonly coded: string }[]
}

export const peer = ({ key, addresses }: Peer): string =>
  key + number(addresses.length, 1) + addresses.map(({ coded }) => number(coded.length / 2, 1) + coded).join('')

export const link = (channel: string, peers: readonly Peer[]): string =>
  `DURE:${base32(bytesOf(`0103${channel}${number(peers.length, 1)}${peers.map(peer).join('')}`))}`

export const request = {
  heads: (channel: string) => `01${channel}`,
  page: (channel: string, log: string, from: number, count: number, size: number) => `02${channel}${log}${number(from, 8)}${number(count, 2)}${number(size, 8)}`,
  media: (hash: string, size: number, first: number, count: number) => `03${hash}${number(size, 4)}${number(first, 4)}${number(count, 2)}`,
  evidence: (channel: string) => `04${channel}`,
  peers: (channel: string) => `05${channel}`,
}

export const frame = {
  head: (log: string, frontier: readonly string[], entry: string) => `01${log}${list(frontier)}${entry}`,
  proof: (from: number, to: number, left: readonly string[], right: readonly string[]) => `02${number(from, 8)}${number(to, 8)}${list(left)}${list(right)}`,
  entry: (entry: string) => `03${entry}`,
  chunk: (index: number, proof: readonly string[], chunk: string) => `04${number(index, 4)}${list(proof)}${chunk}`,
  evidence: (last: boolean, part: string) => `05${last ? '01' : '00'}${part}`,
  peer: (each: Peer) => `06${peer(each)}`,
  refused: (code: number) => `07${number(code, 1)}`,
  end: () => '08',
}
