/** A new channel: its root key from 24 words, its first entry, and the certificate of our own posting key. */
import { createChannel, encodeCertificate, KIND, rootKeyAt, SCOPE, write } from '../../../protocols/channel/index.ts'
import { recoveryPhrase } from '../../../protocols/identity/index.ts'
import { type KeyPair, toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import type { Certainty } from './certainty.ts'
import { composeManifest } from './composing.ts'
import type { ChannelContext } from './context.ts'
import type { Keeping } from './keeping.ts'
import type { ChannelKeys } from './keys.ts'
import type { Network } from './network.ts'
import type { ChannelRow } from './ports.ts'
import type { ChannelViews } from './present.ts'
import type { Shelf } from './shelf.ts'
import type { ChannelView, ManifestInput } from './views.ts'

/** Bytes behind 24 words (BIP-39). */
const ENTROPY_BYTES = 32
const DAY_MS = 24 * 3600_000
/** Our own key on our own device: long, and renewed before its end whenever something is published. */
export const OWN_KEY_LASTS_MS = 730 * DAY_MS
/** A clock that is set right after the channel was made must not lie before the certificate. */
const CLOCK_SLACK_MS = DAY_MS
const ALL = SCOPE.text | SCOPE.pictures | SCOPE.events | SCOPE.offers | SCOPE.moderate

export class Founding {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #keys: ChannelKeys
  readonly #views: ChannelViews
  readonly #network: Network
  readonly #certainty: Certainty
  readonly #keeping: Keeping

  constructor(
    context: ChannelContext,
    parts: { shelf: Shelf; keys: ChannelKeys; views: ChannelViews; network: Network; certainty: Certainty; keeping: Keeping },
  ) {
    this.#context = context
    this.#shelf = parts.shelf
    this.#keys = parts.keys
    this.#views = parts.views
    this.#network = parts.network
    this.#certainty = parts.certainty
    this.#keeping = parts.keeping
  }

  /** @returns the words, which stay on this device until they are forgotten */
  async create(input: ManifestInput & { name: string }): Promise<{ channel: ChannelView; words: string }> {
    const { suite, random, clock } = this.#context
    const now = clock.now()
    const entropy = random(ENTROPY_BYTES)
    const { manifest, chunks } = composeManifest(suite, '', undefined, input)
    const { channel, genesis } = createChannel(suite, entropy, manifest, now)
    const root = rootKeyAt(suite, entropy, 0)
    const id = toHex(channel.id)
    const posting = this.#keys.newPosting(id)
    const certified = write(suite, channel, { root }, { kind: KIND.certificate, body: ownCertificate(posting.key, manifest.name, now) }, now)

    const step = newStep()
    this.#shelf.put(step, this.#row(id, manifest.name, now))
    this.#keeping.opened(step, id, channel, genesis)
    this.#keeping.next(step, id, certified.channel, [certified.entry], certified.grown, 'past')
    step.changes.push({ put: 'channel-key', row: { channel: id, role: 'root', secret: suite.exportSecret(root.secretKey), entropy } })
    step.changes.push({ put: 'channel-key', row: posting.row }, ...chunks.map((chunk) => ({ ...chunk, channel: id })))
    await commit(this.#context, step)
    this.#certainty.made(id)
    await this.#network.join(id)
    return { channel: this.#views.channel(this.#shelf.find(id)), words: recoveryPhrase(entropy) }
  }

  #row(id: string, name: string, now: number): ChannelRow {
    return {
      id, name: this.#shelf.freeName(name), following: undefined, muted: false, dailyLimit: 0, state: new Uint8Array(), hints: [], domain: undefined, newestAt: now, addedAt: now,
    }
  }
}

/** Everything, without a number at its end. */
export const ownCertificate = (key: KeyPair<'ed25519'>, name: string, now: number): Uint8Array =>
  encodeCertificate({
    key: key.publicKey, name, scope: ALL, firstSeq: 0, endSeq: Number.MAX_SAFE_INTEGER, notBefore: Math.max(0, now - CLOCK_SLACK_MS), notAfter: now + OWN_KEY_LASTS_MS,
  })
