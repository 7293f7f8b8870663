import { KeyError, type Suite } from '../suite/index.ts'
import { ZERO_NONCE } from './encrypt.ts'
import { RatchetError } from './errors.ts'
import { areUsable, type Header, headerOpener, type Message, parse } from './header.ts'
import { MAX_CHAIN, MAX_SKIP } from './limits.ts'
import { advance, messageKeys, step } from './schedule.ts'
import { close, pruned, take } from './skipped.ts'
import type { RatchetState, ReceivingChain, SkippedKey, TheirTurn } from './state.ts'

/** What a header leads to: the key of its message, and the state to keep if that key opens it. */
interface Found {
  readonly messageKey: Uint8Array
  readonly state: RatchetState
}

/**
 * Opens one message. Whatever is thrown, `state` is untouched and still the one to use.
 * @param now ms since the epoch, dates the keys that are skipped
 * @throws RatchetError malformed | no-key | duplicate | forked | skip-limit | key | commitment | body
 */
export function decrypt(
  suite: Suite,
  state: RatchetState,
  bytes: Uint8Array,
  associated: Uint8Array,
  now: number,
): { state: RatchetState; plaintext: Uint8Array } {
  const message = parse(bytes)
  if (!message) throw new RatchetError('malformed')
  const found = find(suite, state, message, associated, now)
  const { key, commitment } = messageKeys(suite, found.messageKey, message.salt)
  if (!suite.equal(commitment, message.commitment)) throw new RatchetError('commitment')
  const plaintext = suite.open(key, ZERO_NONCE, message.body, associated)
  if (!plaintext) throw new RatchetError('body')
  return { state: pruned(found.state, now), plaintext }
}

/** Header keys in the order in which they are likely: no two are equal, so the order decides nothing but time. */
function find(suite: Suite, state: RatchetState, message: Message, associated: Uint8Array, now: number): Found {
  const { turn, receiving } = state
  const open = headerOpener(suite, message, associated)
  const inCurrent = (): Found | undefined => {
    const header = receiving && open(receiving.headerKey)
    return header && inChain(suite, state, receiving, header, now)
  }
  const inNext = (): Found | undefined => {
    const header = turn.kind === 'theirs' ? open(state.nextHeaderReceive) : undefined
    return header && inNewChain(suite, state, turn as TheirTurn, header, now)
  }
  const answerExpected = turn.kind === 'theirs'
  const found = answerExpected ? (inNext() ?? inCurrent()) : inCurrent()
  if (found) return found

  for (let i = state.old.length - 1; i >= 0; i--) {
    const chain = state.old[i] as (typeof state.old)[number]
    const header = open(chain.headerKey)
    if (!header) continue
    sameChain(suite, chain.dh, header)
    const { messageKey, skipped } = take(chain.skipped, header.n)
    return { messageKey, state: { ...state, old: state.old.with(i, { ...chain, skipped }) } }
  }
  throw new RatchetError('no-key')
}

function sameChain(suite: Suite, dh: Uint8Array, header: Header): void {
  if (!suite.equal(dh, header.dh)) throw new RatchetError('forked')
}

function inChain(suite: Suite, state: RatchetState, receiving: ReceivingChain, header: Header, now: number): Found {
  sameChain(suite, receiving.dh, header)
  if (header.n < receiving.n) {
    const { messageKey, skipped } = take(receiving.skipped, header.n)
    return { messageKey, state: { ...state, receiving: { ...receiving, skipped } } }
  }
  const { messageKey, chain } = reach(suite, receiving, header.n, now)
  return { messageKey, state: { ...state, receiving: chain } }
}

/** The peer's half of a ratchet step: what it announced, mixed with the keys it answers. */
function inNewChain(suite: Suite, state: RatchetState, turn: TheirTurn, header: Header, now: number): Found {
  const { receiving } = state
  if (header.n > MAX_SKIP || header.pn - (receiving?.n ?? 0) > MAX_SKIP) throw new RatchetError('skip-limit', MAX_SKIP)
  if (!areUsable(header)) throw new RatchetError('key')
  const { root, chainKey, nextHeader } = step(suite, state.root, shared(suite, turn, header), suite.decapsulate(turn.kem, header.ct), header.announcement)
  const closed = receiving && skipTo(suite, receiving, header.pn, now)
  const dh = header.dh.slice()
  const fresh: ReceivingChain = { dh, headerKey: state.nextHeaderReceive, chainKey, n: 0, skipped: [] }
  const { messageKey, chain } = reach(suite, fresh, header.n, now)
  return {
    messageKey,
    state: {
      root,
      nextHeaderSend: state.nextHeaderSend,
      nextHeaderReceive: nextHeader,
      turn: { kind: 'ours', peer: { dh, kem: header.ek.slice() }, previous: turn.sending?.n ?? 0 },
      receiving: chain,
      old: closed ? close(state.old, closed, now) : state.old,
    },
  }
}

function shared(suite: Suite, turn: TheirTurn, header: Header): Uint8Array {
  try {
    return suite.dh(turn.dh, header.dh)
  } catch (error) {
    if (error instanceof KeyError) throw new RatchetError('key')
    throw error
  }
}

/** The key of message `n`, at or beyond the chain's end, and the chain behind it. */
function reach(suite: Suite, chain: ReceivingChain, n: number, now: number): { messageKey: Uint8Array; chain: ReceivingChain } {
  if (n - chain.n > MAX_SKIP || n > MAX_CHAIN) throw new RatchetError('skip-limit', MAX_SKIP)
  const before = skipTo(suite, chain, n, now)
  const { chainKey, messageKey } = advance(suite, before.chainKey)
  return { messageKey, chain: { ...before, chainKey, n: n + 1 } }
}

function skipTo(suite: Suite, chain: ReceivingChain, end: number, now: number): ReceivingChain {
  if (end <= chain.n) return chain
  const skipped: SkippedKey[] = chain.skipped.slice()
  let { chainKey } = chain
  for (let n = chain.n; n < end; n++) {
    const next = advance(suite, chainKey)
    skipped.push({ n, messageKey: next.messageKey, at: now })
    chainKey = next.chainKey
  }
  return { ...chain, chainKey, n: end, skipped }
}
