/**
 * Does a channel control the domain it names? Its manifest names the domain, and the domain's web server names the channel: only who
 * holds both can say both. Asked when a channel is followed and about once a week; kept with its date.
 */
import { DomainError, parseWellKnown } from '../../../protocols/channel/index.ts'
import { suspiciousDomain } from '../../../protocols/lookalike/index.ts'
import { toHex } from '../../../protocols/suite/index.ts'
import { commit, newStep } from '../context.ts'
import type { ChannelContext } from './context.ts'
import { type ChannelId, type DomainRow, WebError } from './ports.ts'
import { isOpened, type Known, type Shelf } from './shelf.ts'
import type { DomainView } from './views.ts'

const DAY_MS = 24 * 3600_000
/** A domain that changed hands shows within days, and a web server is not asked more often by all who follow. */
const CHECK_EVERY_MS = 7 * DAY_MS
/** Added at random: the followers of a channel do not all ask in the same minute, and when one asks says little of it. */
const JITTER_MS = DAY_MS
/** Without an answer it is tried again sooner. */
const RETRY_MS = DAY_MS
/** After a start nobody is in a hurry; what is due is spread over this long. */
const FIRST_WITHIN_MS = 10 * 60_000
/** Two checks missed: a proof is no longer shown as one. */
const PROOF_LASTS_MS = 2 * CHECK_EVERY_MS
/** Timers are looked at again at least this often: a clock may jump, and timers beyond 2^31 ms do not fire. */
const LONGEST_WAIT_MS = 3600_000
/** A brand that names another domain every minute must not send all who follow it to them: so many a day at once, then when it is due. */
const AT_ONCE_A_DAY = 4
/** Web servers asked at the same time. */
const AT_ONCE = 2

export class DomainProofs {
  readonly #context: ChannelContext
  readonly #shelf: Shelf
  readonly #changed: (id: ChannelId) => void
  readonly #due = new Map<ChannelId, number>()
  /** changes of domain that were followed at once, in the day that began then */
  readonly #followed = new Map<ChannelId, { readonly since: number; readonly times: number }>()
  readonly #asking = new Map<ChannelId, Promise<void>>()
  #cancel: (() => void) | undefined
  #running = false

  /** @param changed told after what is known of a channel's domain was stored */
  constructor(context: ChannelContext, shelf: Shelf, changed: (id: ChannelId) => void) {
    this.#context = context
    this.#shelf = shelf
    this.#changed = changed
  }

  start(): void {
    this.#running = true
    for (const { row } of this.#shelf.all()) {
      const soon = this.#context.clock.now() + this.#within(FIRST_WITHIN_MS)
      this.#due.set(row.id, row.domain ? Math.max(soon, row.domain.checkedAt + CHECK_EVERY_MS) : soon)
    }
    this.#schedule()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  /** To be called when a channel was followed or its manifest changed: asks at once when it names a domain not asked before. */
  async manifestRead(id: ChannelId): Promise<void> {
    const known = this.#shelf.opened(id)
    const domain = known?.state.manifest.domain
    if (!known || known.row.domain?.domain === domain || known.row.following === 'private') return
    if (domain === undefined || this.#mayFollow(id)) await this.check(id)
  }

  /** False when its domain has changed too often today: then it is asked about tomorrow. */
  #mayFollow(id: ChannelId): boolean {
    const now = this.#context.clock.now()
    const before = this.#followed.get(id)
    const { since, times } = before && now >= before.since && now - before.since < DAY_MS ? before : { since: now, times: 0 }
    this.#followed.set(id, { since, times: times + 1 })
    if (times < AT_ONCE_A_DAY) return true
    this.#due.set(id, since + DAY_MS)
    return false
  }

  /** Asks now. Never throws for what the web does; a channel without a domain has nothing to ask. */
  check(id: ChannelId): Promise<void> {
    const asking = this.#asking.get(id) ?? this.#check(id).finally(() => this.#asking.delete(id))
    this.#asking.set(id, asking)
    return asking
  }

  async #check(id: ChannelId): Promise<void> {
    const { clock } = this.#context
    const domain = this.#shelf.opened(id)?.state.manifest.domain
    const answer = domain === undefined ? 'no' : await this.#answer(domain, id)
    const known = this.#shelf.opened(id)
    if (!known || known.state.manifest.domain !== domain) return // unfollowed or renamed meanwhile
    const now = clock.now()
    this.#due.set(id, now + (answer === 'unknown' ? RETRY_MS : CHECK_EVERY_MS) + this.#within(JITTER_MS))
    const before = known.row.domain?.domain === domain ? known.row.domain : undefined
    // A server that cannot be asked proves nothing new, and takes back nothing: the date says how old the proof is.
    const provenAt = { yes: now, no: undefined, unknown: before?.provenAt }[answer]
    const row: DomainRow | undefined = domain === undefined ? undefined : { domain, checkedAt: now, provenAt }
    if (row === undefined && known.row.domain === undefined) return
    const step = newStep()
    this.#shelf.update(step, id, { domain: row })
    step.afterwards.push(() => this.#changed(id))
    await commit(this.#context, step)
  }

  async #answer(domain: string, id: ChannelId): Promise<'yes' | 'no' | 'unknown'> {
    try {
      const named = parseWellKnown(await this.#context.web.wellKnown(domain))
      return named.some((each) => toHex(each) === id) ? 'yes' : 'no'
    } catch (error) {
      if (error instanceof DomainError) return error.code === 'newer-version' ? 'unknown' : 'no'
      if (!(error instanceof WebError)) throw error
      return error.code === 'unreachable' || error.code === 'refused' ? 'unknown' : 'no'
    }
  }

  /** Private follows are not asked about by themselves: the web server would see when this device is on. */
  #isDue({ row }: Known, now: number): boolean {
    const due = this.#due.get(row.id) ?? 0
    // Later than anything is put off: the clock was set back since.
    return row.following !== 'private' && (due <= now || due > now + CHECK_EVERY_MS + JITTER_MS)
  }

  #schedule(): void {
    if (!this.#running) return
    this.#cancel?.()
    const now = this.#context.clock.now()
    const waits = [...this.#due.values()].map((due) => due - now)
    const wait = Math.max(0, Math.min(LONGEST_WAIT_MS, ...waits))
    this.#cancel = this.#context.clock.after(Math.max(wait, FIRST_WITHIN_MS / 10), () => {
      this.#sweep()
        .catch(() => this.#context.log.warn('a domain was not checked; tried again later'))
        .finally(() => this.#schedule())
    })
  }

  async #sweep(): Promise<void> {
    const now = this.#context.clock.now()
    const due = this.#shelf.all().filter((known) => isOpened(known) && known.state.manifest.domain !== undefined && this.#isDue(known, now))
    for (let at = 0; at < due.length; at += AT_ONCE) await Promise.all(due.slice(at, at + AT_ONCE).map(({ row }) => this.check(row.id)))
    for (const known of [this.#due, this.#followed]) for (const id of [...known.keys()]) if (!this.#shelf.get(id)) known.delete(id)
  }

  #within(ms: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#context.random(4)
    return Math.floor(((((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32) * ms)
  }
}

/** What the badge says; nothing for a manifest without a domain. */
export function domainView(domain: string | undefined, row: DomainRow | undefined, now: number): DomainView | undefined {
  if (domain === undefined) return undefined
  const provenAt = row?.domain === domain ? row.provenAt : undefined
  const fresh = provenAt !== undefined && now - provenAt < PROOF_LASTS_MS
  return { domain, state: fresh ? 'proven' : provenAt === undefined ? 'claimed' : 'expired', provenAt, suspicious: suspiciousDomain(domain) }
}
