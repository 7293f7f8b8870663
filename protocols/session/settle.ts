/**
 * Which session to send in, after a message opened. Two devices may start one at the same time, and messages arrive late:
 * the rule must bring both to one session whatever is lost (attack 19), and follow a peer that lost everything at once.
 */
import { PATIENCE, SILENCE } from './limits.ts'
import { bounded, type HeardSession, type Session, type SessionRecord } from './record.ts'

/** The record after a message opened in `heard`, which is `isNew` or already in the record in an earlier form. */
export function settle(record: SessionRecord, heard: HeardSession, isNew: boolean, now: number): SessionRecord {
  const { active, old } = record
  if (same(active, heard)) return bounded({ ...record, active: heard, old: old.map((session) => ({ ...session, streak: 0 })) }, now)
  const others = old.filter((session) => !same(session, heard))
  const session = { ...heard, streak: heard.streak + 1 }
  if (follows(session, active, isNew, now)) {
    return bounded({ ...record, active: { ...session, streak: 0, leftAt: 0 }, old: [{ ...active, leftAt: now }, ...others] }, now)
  }
  if (isNew) return bounded({ ...record, old: [{ ...session, leftAt: now }, ...others] }, now)
  return bounded({ ...record, old: old.map((other) => (same(other, session) ? session : other)) }, now)
}

function follows(session: HeardSession, active: Session, isNew: boolean, now: number): boolean {
  const patient = session.streak >= PATIENCE
  // Ours is unanswered: a crossing start, the lower base wins. If the peer could read ours it would have come over.
  if (!active.heard) return !session.superseded && (isLower(session, active) || patient)
  // The peer wrote in both: it is where it wrote last by its own clock, but of two that swap at once only one may move.
  const later = session.heard.sentAt > active.heard.sentAt
  if (later) return isNew || isLower(session, active) || patient
  return patient && now - active.heard.at > SILENCE
}

const same = (a: Session, b: Session): boolean => compare(a.base, b.base) === 0
const isLower = (a: Session, b: Session): boolean => compare(a.base, b.base) < 0

/** Bases are public. */
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}
