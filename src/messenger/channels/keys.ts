/** The secrets of channels we own or post in: read from the store when something is signed, and held nowhere else. */
import { type Author, type Certified, type Channel, commitmentOf, generationOf, logIdOf, rootKeyAt, rootKeyOf } from '../../../protocols/channel/index.ts'
import { fromHex, type KeyPair, toHex } from '../../../protocols/suite/index.ts'
import type { ChannelContext } from './context.ts'
import type { ChannelId, ChannelKeyRow, LogId } from './ports.ts'

type Row<R> = Extract<ChannelKeyRow, { role: R }>

/** What we may sign an entry of our posting key's log with. */
export interface Posting {
  readonly key: KeyPair<'ed25519'>
  readonly log: LogId
}

export class ChannelKeys {
  readonly #context: ChannelContext

  constructor(context: ChannelContext) {
    this.#context = context
  }

  owns(id: ChannelId): boolean {
    return this.root(id) !== undefined
  }

  root(id: ChannelId): Row<'root'> | undefined {
    return this.#context.store.channelKeys(id).find((row) => row.role === 'root')
  }

  /** The root key in force, when we have it: a rotation made elsewhere may have left ours behind, unless we still have the words. */
  rootKey(id: ChannelId, state: Channel): KeyPair<'ed25519'> | undefined {
    const { suite } = this.#context
    const row = this.root(id)
    if (!row) return undefined
    const inForce = toHex(rootKeyOf(state).key)
    const candidates = [suite.importSecret('ed25519', row.secret), ...(row.entropy ? [rootKeyAt(suite, row.entropy, generationOf(state))] : [])]
    return candidates.find(({ publicKey }) => toHex(publicKey) === inForce)
  }

  /** The root key that comes next: kept when a rotation was asked for, or from the words, which may have been taken back since. */
  announced(id: ChannelId, state: Channel): KeyPair<'ed25519'> | undefined {
    const { suite } = this.#context
    const row = this.root(id)
    if (!row) return undefined
    const next = toHex(rootKeyOf(state).next)
    const candidates = [suite.importSecret('ed25519', row.secret), ...(row.entropy ? [rootKeyAt(suite, row.entropy, generationOf(state) + 1)] : [])]
    return candidates.find(({ publicKey }) => toHex(commitmentOf(suite, publicKey)) === next)
  }

  posting(id: ChannelId): Posting | undefined {
    const { suite, store } = this.#context
    const row = store.channelKeys(id).find(({ role }) => role === 'posting')
    if (!row) return undefined
    const key = suite.importSecret('ed25519', row.secret)
    return { key, log: toHex(logIdOf(suite, fromHex(id), key.publicKey)) }
  }

  /** A fresh posting key, and the row that keeps it. */
  newPosting(id: ChannelId): { key: KeyPair<'ed25519'>; row: Row<'posting'> } {
    const { suite, random } = this.#context
    const key = suite.generate('ed25519', random)
    return { key, row: { channel: id, role: 'posting', secret: suite.exportSecret(key.secretKey) } }
  }
}

/** The certificates of a log, the newest last. */
export const certificatesOf = (state: Channel, log: LogId): Certified[] =>
  [...state.certificates.values()].filter((each) => toHex(each.log) === log).sort((a, b) => a.seq - b.seq)

/** With the newest certificate: an author does not go back to an older one. */
export function authorOf(state: Channel, { key, log }: Posting): (Author & { readonly certified: Certified }) | undefined {
  const certified = certificatesOf(state, log).at(-1)
  return certified && { key, certificate: certified.id, certified }
}
