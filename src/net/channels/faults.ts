/** What each peer has done wrong, forgotten little by little, and who is not spoken to because of it. Survives reconnects, which libp2p's scores do not. */
import type { PeerKey } from '../../messenger/channels/ports.ts'
import { BAN_TIME, FAULT_HALF_LIFE, FAULT_POINTS, FAULTS_UNTIL_BANNED, MAX_BANNED } from './limits.ts'

export type Fault = keyof typeof FAULT_POINTS

export interface Faults {
  /** True when that was one too many: the peer is banned from now on. */
  blame(peer: PeerKey, fault: Fault): boolean
  points(peer: PeerKey): number
  banned(peer: PeerKey): boolean
  none(): boolean
}

export function createFaults(now: () => number): Faults {
  const records = new Map<PeerKey, { points: number; at: number; bannedUntil: number }>()

  const pointsOf = (record: { points: number; at: number }): number => record.points * 2 ** ((record.at - now()) / FAULT_HALF_LIFE)

  return {
    blame(peer, fault) {
      const before = records.get(peer)
      const points = (before ? pointsOf(before) : 0) + FAULT_POINTS[fault]
      const over = points >= FAULTS_UNTIL_BANNED
      records.delete(peer)
      records.set(peer, { points, at: now(), bannedUntil: over ? now() + BAN_TIME : (before?.bannedUntil ?? 0) })
      for (const oldest of records.keys()) {
        if (records.size <= MAX_BANNED) break
        records.delete(oldest)
      }
      return over
    },
    points(peer) {
      const record = records.get(peer)
      return record ? pointsOf(record) : 0
    },
    none: () => records.size === 0,
    banned: peer => (records.get(peer)?.bannedUntil ?? 0) > now(),
  }
}
