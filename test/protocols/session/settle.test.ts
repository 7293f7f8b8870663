import assert from 'node:assert/strict'
import { KEEP_OLD, MAX_OLD_SESSIONS } from '../../../protocols/session/index.ts'
import { NOTHING_SENT } from '../../../protocols/session/history.ts'
import { MAX_FORGOTTEN, PATIENCE, SILENCE } from '../../../protocols/session/limits.ts'
import { bounded, type HeardSession, type Session, type SessionRecord } from '../../../protocols/session/record.ts'
import { settle } from '../../../protocols/session/settle.ts'
import { NOW } from './people.ts'

const none = new Uint8Array()
/** Names begin alike, so that more than the first byte is compared. */
const named = (name: number): Uint8Array => new Uint8Array(32).fill(name, 1)
const session = (name: number, change: Partial<Session> = {}): Session => ({
  base: named(name), own: false, ratchet: {} as Session['ratchet'], associated: { send: none, receive: none }, sent: NOTHING_SENT, received: [], streak: 0, superseded: false, leftAt: 0, ...change,
})
/** A session in which the peer wrote at that time by its clock, heard now or `ago`. */
const heard = (name: number, sentAt: number, change: Partial<Session> = {}, ago = 0): HeardSession => ({ ...session(name, change), heard: { sentAt, at: NOW - ago } })
const record = (active: Session, ...old: Session[]): SessionRecord => ({ peer: { account: none, device: none }, wroteAt: 0, active, old: old.map((left) => ({ ...left, leftAt: left.leftAt || NOW })), forgotten: [] })
const shown = ({ active, old }: SessionRecord): [number, number[]] => [active.base[1]!, old.map(({ base }) => base[1]!)]
/** Which session is written in after a message in `now`, and which are kept beside it. */
const after = (before: SessionRecord, now: HeardSession, isNew = false): [number, number[]] => shown(settle(before, isNew ? now : { ...now, leftAt: NOW }, isNew, NOW))

describe('which session to send in', () => {
  it('is the one that is answered in, and impatience with the others ends', () => {
    const before = record(heard(1, 5), heard(2, 9, { streak: 4 }), heard(3, 1))
    const { active, old } = settle(before, heard(1, 8), false, NOW)
    assert.deepEqual([active, old], [heard(1, 8), [heard(2, 9, { leftAt: NOW }), heard(3, 1, { leftAt: NOW })]])
  })

  it('is of two that crossed the one with the lower name, while ours has no answer', () => {
    assert.deepEqual(after(record(session(5), session(9)), heard(3, 1), true), [3, [5, 9]])
    assert.deepEqual(after(record(session(5), session(9)), heard(7, 1), true), [5, [7, 9]])
    assert.deepEqual(after(record(session(5), heard(3, 1)), heard(3, 2)), [3, [5]])
    assert.deepEqual(after(record(session(5), heard(9, 1), heard(7, 1)), heard(7, 2)), [5, [9, 7]])
  })

  it('is left for another with the time it was left at, and its streak ends', () => {
    const moved = settle(record(session(5)), heard(3, 1, { streak: 2, leftAt: 7 }), true, NOW)
    assert.deepEqual([moved.active, moved.old], [heard(3, 1), [session(5, { leftAt: NOW })]])
    const stayed = settle(record(session(5)), heard(7, 1), true, NOW)
    assert.deepEqual(stayed.old, [heard(7, 1, { streak: 1, leftAt: NOW })])
    const again = settle(stayed, { ...heard(7, 2, { leftAt: NOW }), streak: 1 }, false, NOW + 1)
    assert.deepEqual(again.old, [heard(7, 2, { streak: 2, leftAt: NOW })])
  })

  it('is after five messages in a row the one the peer stays in: it would have come if it could read ours', () => {
    const stays = heard(7, 1, { streak: PATIENCE - 2 })
    assert.deepEqual(after(record(session(5), stays), stays), [5, [7]])
    const patient = heard(7, 1, { streak: PATIENCE - 1 })
    assert.deepEqual(after(record(session(5), patient), patient), [7, [5]])
  })

  it('is not one that we replaced on purpose, as long as the new one has no answer', () => {
    const superseded = heard(3, 1, { superseded: true, streak: PATIENCE })
    assert.deepEqual(after(record(session(5), superseded), superseded), [5, [3]])
  })

  it('is the new one of a peer that wrote in ours as well, if it wrote there later by its own clock', () => {
    assert.deepEqual(after(record(heard(5, 10)), heard(7, 11), true), [7, [5]])
    assert.deepEqual(after(record(heard(5, 10)), heard(3, 10), true), [5, [3]])
  })

  it('is of two in which the peer wrote the one with the lower name where it wrote later, so that of two who swap at once one moves', () => {
    assert.deepEqual(after(record(heard(5, 10), heard(3, 1)), heard(3, 11)), [3, [5]])
    assert.deepEqual(after(record(heard(5, 10), heard(7, 1)), heard(7, 11)), [5, [7]])
    const patient = heard(7, 11, { streak: PATIENCE - 1 })
    assert.deepEqual(after(record(heard(5, 10), patient), patient), [7, [5]])
  })

  it('is after a day of silence also that of a peer whose clock is behind', () => {
    const patient = heard(3, 1, { streak: PATIENCE - 1 })
    assert.deepEqual(after(record(heard(5, 10, {}, SILENCE), patient), patient), [5, [3]])
    assert.deepEqual(after(record(heard(5, 10, {}, SILENCE + 1), patient), patient), [3, [5]])
    assert.deepEqual(after(record(heard(5, 10, {}, SILENCE + 1), heard(3, 1)), heard(3, 1)), [5, [3]], 'not at once')
  })
})

describe('the sessions that are kept', () => {
  it('are eight, each for thirty days; the last that are not are known by name', () => {
    const old = Array.from({ length: 60 }, (_, i) => session(i + 1, { leftAt: NOW - (i === 2 ? KEEP_OLD + 1 : KEEP_OLD) }))
    const kept = bounded(record(session(99), ...old), NOW)
    assert.deepEqual(shown(kept), [99, [1, 2, 4, 5, 6, 7, 8]])
    assert.deepEqual(kept.forgotten, old.slice(-MAX_FORGOTTEN).map(({ base }) => base.slice(0, 16)))
    const one = bounded({ ...kept, old: [...old.slice(0, MAX_OLD_SESSIONS + 1)], forgotten: [] }, NOW)
    assert.deepEqual(one.forgotten, [3, 9].map((name) => named(name).slice(0, 16)), 'and no others')
  })
})
