import { KeyError, type Suite } from '../suite/index.ts'
import { ZERO_NONCE } from './encrypt.ts'
import { RatchetError } from './errors.ts'
import { type Announcement, areUsable, isSame, type Message, openAnnouncement, parse, readNumber } from './header.ts'
import { MAX_CHAIN, MAX_SKIP } from './limits.ts'
import { advance, type HeaderKeys, headerKeys, messageKeys, nameOf, step } from './schedule.ts'
import { close, pruned, take } from './skipped.ts'
import type { OldChain, RatchetState, ReceivingChain, SkippedKey, TheirTurn } from './state.ts'
import { bounded, judge, remember } from './taken.ts'

/** What a header leads to: the key of its message, and the state to keep if that key opens it. */
interface Found {
  readonly messageKey: Uint8Array
  readonly state: RatchetState
}

/**
 * Opens one message. Whatever is thrown, `state` is untouched and still the one to use.
 * @param now ms since the epoch, dates the keys that are skipped
 * @throws RatchetError malformed | no-key | duplicate | forked | forgotten | skip-limit | key | commitment | body
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
  const found = find(suite, state, message, now)
  const { key, commitment } = messageKeys(suite, found.messageKey, message.salt)
  if (!suite.equal(commitment, message.commitment)) throw new RatchetError('commitment')
  const plaintext = suite.open(key, ZERO_NONCE, message.body, associated)
  if (!plaintext) throw new RatchetError('body')
  return { state: bounded(pruned(found.state, now)), plaintext }
}

/** Names of chains are hashes of what travelled. */
const isSameId = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i])

/** By what it announces: the announcement of a known chain is not opened again, but must be the same to the last bit. */
function find(suite: Suite, state: RatchetState, message: Message, now: number): Found {
  const { turn, receiving, old } = state
  const { sealed } = message
  const number = ({ numberKey }: HeaderKeys, expected: number): number => {
    const n = readNumber(suite, numberKey, message, expected)
    if (n === undefined) throw new RatchetError('no-key')
    return n
  }
  if (receiving?.sealed && isSame(receiving.sealed, sealed)) return inChain(suite, state, receiving, message, number(receiving, receiving.n), now)

  const id = nameOf(suite, sealed)
  const isIt = (chain: ReceivingChain | OldChain): boolean => isSameId(chain.id, id)
  if (receiving && isIt(receiving)) return inChain(suite, state, { ...receiving, sealed: sealed.slice() }, message, number(receiving, receiving.n), now)
  const late = old.findLastIndex(isIt)
  if (late >= 0) {
    const chain = old[late] as OldChain
    const { messageKey, chain: after } = skippedOf(chain, message, number(chain, 0))
    return { messageKey, state: { ...state, old: old.with(late, after) } }
  }

  if (turn.kind === 'theirs') {
    const keys = headerKeys(suite, state.nextHeaderReceive)
    const announcement = openAnnouncement(suite, keys.sealKey, sealed)
    if (announcement) return inNewChain(suite, state, turn, message, { ...announcement, ...keys, id, n: number(keys, 0) }, now)
  }
  const second = (receiving ? [receiving, ...old] : old).find((chain) => openAnnouncement(suite, chain.sealKey, sealed))
  if (!second) throw new RatchetError('no-key')
  number(second, 0)
  throw new RatchetError('forked')
}

function inChain(suite: Suite, state: RatchetState, receiving: ReceivingChain, message: Message, n: number, now: number): Found {
  const { messageKey, chain } = n < receiving.n ? skippedOf(receiving, message, n) : reach(suite, receiving, message, n, now)
  return { messageKey, state: { ...state, receiving: chain } }
}

/** The key that was skipped, and the chain without it. */
function skippedOf<C extends ReceivingChain | OldChain>(chain: C, { commitment }: Message, n: number): { messageKey: Uint8Array; chain: C } {
  const found = take(chain.skipped, n)
  if (!found) throw new RatchetError(judge(chain.taken, n, commitment))
  return { messageKey: found.messageKey, chain: { ...chain, skipped: found.skipped, taken: remember(chain.taken, n, commitment) } }
}

/** The first message to arrive of a chain: what it announces, the name of that, and its own number. */
interface First extends Announcement, HeaderKeys {
  readonly id: Uint8Array
  readonly n: number
}

/** The peer's half of a ratchet step: what it announced, mixed with the keys it answers. */
function inNewChain(suite: Suite, state: RatchetState, turn: TheirTurn, message: Message, first: First, now: number): Found {
  const { receiving } = state
  const { id, sealKey, numberKey, n, pn } = first
  if (n > MAX_SKIP || pn - (receiving?.n ?? 0) > MAX_SKIP) throw new RatchetError('skip-limit', MAX_SKIP)
  if (!areUsable(first)) throw new RatchetError('key')
  const { root, chainKey, nextHeader } = step(suite, state.root, shared(suite, turn, first), suite.decapsulate(turn.kem, first.ct), id)
  const closed = receiving && skipTo(suite, receiving, pn, now)
  const fresh: ReceivingChain = { id, sealKey, numberKey, chainKey, n: 0, skipped: [], taken: [], sealed: message.sealed.slice() }
  const { messageKey, chain } = reach(suite, fresh, message, n, now)
  return {
    messageKey,
    state: {
      root,
      nextHeaderSend: state.nextHeaderSend,
      nextHeaderReceive: nextHeader,
      turn: { kind: 'ours', peer: { dh: first.dh, kem: first.ek }, previous: turn.sending?.n ?? 0 },
      receiving: chain,
      old: closed ? close(state.old, closed, now) : state.old,
    },
  }
}

function shared(suite: Suite, turn: TheirTurn, { dh }: Announcement): Uint8Array {
  try {
    return suite.dh(turn.dh, dh)
  } catch (error) {
    if (error instanceof KeyError) throw new RatchetError('key')
    throw error
  }
}

/** The key of message `n`, at or beyond the chain's end, and the chain behind it. */
function reach(suite: Suite, chain: ReceivingChain, { commitment }: Message, n: number, now: number): { messageKey: Uint8Array; chain: ReceivingChain } {
  if (n - chain.n > MAX_SKIP || n > MAX_CHAIN) throw new RatchetError('skip-limit', MAX_SKIP)
  const before = skipTo(suite, chain, n, now)
  const { chainKey, messageKey } = advance(suite, before.chainKey)
  return { messageKey, chain: { ...before, chainKey, n: n + 1, taken: remember(before.taken, n, commitment) } }
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
