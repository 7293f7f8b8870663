/** So much a second and so much saved up, for each of many. */
export interface Allowance {
  /** False when it has used up what it had. */
  take(who: string): boolean
  /** Drops everybody who is not kept. */
  forget(keep: (who: string) => boolean): void
}

export function createAllowance({ perSecond, burst, now }: { perSecond: number; burst: number; now(): number }): Allowance {
  const left = new Map<string, { amount: number; at: number }>()
  return {
    take(who) {
      const before = left.get(who) ?? { amount: burst, at: now() }
      const amount = Math.min(burst, before.amount + ((now() - before.at) / 1000) * perSecond)
      left.set(who, { amount: amount < 1 ? amount : amount - 1, at: now() })
      return amount >= 1
    },
    forget(keep) {
      for (const who of left.keys()) if (!keep(who)) left.delete(who)
    },
  }
}
