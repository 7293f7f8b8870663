/** What is proven of a channel, in numbers and in plain words. */
import { type Channel, channelText, disputes, generationOf, type Missing, missing, rootKeyOf, total } from '../../../protocols/channel/index.ts'
import { accountFingerprint } from '../../../protocols/identity/index.ts'
import { type Suite, toHex } from '../../../protocols/suite/index.ts'
import { staffViews } from './staff.ts'
import { authorName, frozenText, missingViews } from './standing.ts'
import type { ChannelProofView, DomainView, StaffView } from './views.ts'

const DAY_MS = 24 * 3600_000

/** @param held entries that are stored, each of which was verified when it came */
export function proofView(suite: Suite, state: Channel, { name, held, domain, now }: { name: string; held: number; domain: DomainView | undefined; now: number }): ChannelProofView {
  const authors = staffViews(state, now)
  const view: Omit<ChannelProofView, 'lines'> = {
    id: channelText(state.id),
    name,
    entries: total(state),
    held,
    missing: missingViews(state),
    authors,
    rootKey: toHex(rootKeyOf(state).key),
    rotations: generationOf(state),
    domain,
    frozen: frozenText(state),
  }
  return { ...view, lines: lines(suite, state, view, now) }
}

function lines(suite: Suite, state: Channel, view: Omit<ChannelProofView, 'lines'>, now: number): string[] {
  const absent = view.missing.reduce((sum, { from, to }) => sum + to - from, 0)
  const older = view.entries - view.held
  return [
    `${count(view.entries, 'entry', 'entries')}, ${absent === 0 ? 'none missing' : `${absent} missing`}${older > 0 ? `; the oldest ${older} are not held here, the proof covers their place` : ''}`,
    ...missing(state).map((each) => missingLine(state, each)),
    ...disputes(state).map(({ log }) => `${authorName(state, log)} has seen another history of the brand than the one here`),
    ...view.authors.map((author) => `signed by ${author.name}: ${count(author.entries, 'entry', 'entries')}${STATES[author.state]}`),
    `root key ${accountFingerprint(suite, rootKeyOf(state).key)}${view.rotations === 0 ? '' : `, ${count(view.rotations, 'rotation', 'rotations')} since the beginning`}`,
    ...domainLine(view.domain, now),
    ...(view.frozen === undefined ? [] : [`frozen: ${view.frozen}`]),
  ]
}

/** What an author had seen counts for less once the brand has ended its key: it may have been a lie. */
function missingLine(state: Channel, { log, from, to, saidBy }: Missing): string {
  const who = toHex(saidBy) === toHex(state.id) ? 'the brand' : authorName(state, saidBy)
  const ended = state.cuts.has(toHex(saidBy)) ? ', whose posting key was ended since,' : ''
  return `missing: ${to - from === 1 ? `number ${from + 1}` : `numbers ${from + 1} to ${to}`} of ${authorName(state, log)}, which ${who}${ended} had seen`
}

const STATES: Readonly<Record<StaffView['state'], string>> = {
  active: '',
  expired: ', posting key run out',
  revoked: ', posting key ended by the brand',
  forked: ', signed two entries with one number',
  'not yet': ', not valid yet',
}

function domainLine(domain: DomainView | undefined, now: number): string[] {
  if (!domain) return []
  const warning = domain.suspicious === undefined ? '' : ` (careful: its letters could be taken for others, ${domain.suspicious})`
  switch (domain.state) {
    case 'proven': return [`controls ${domain.domain}, proven ${ago(now - (domain.provenAt ?? now))}${warning}`]
    case 'expired': return [`controlled ${domain.domain} ${ago(now - (domain.provenAt ?? now))}; that could not be confirmed since${warning}`]
    case 'claimed': return [`says it belongs to ${domain.domain}; that is not proven${warning}`]
  }
}

function ago(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  return days < 1 ? 'today' : `${count(days, 'day', 'days')} ago`
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
