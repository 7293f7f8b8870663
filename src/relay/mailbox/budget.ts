/** So much at once and so much a second, for each of many, of whom so many are remembered. */
export interface Budget {
  /** False when it is used up. */
  take(who: string): boolean
  /** ms until `take` will give again; 0 when it would now. */
  wait(who: string): number
}

export function createBudget({ burst, perSecond, remembered, now }: { burst: number; perSecond: number; remembered: number; now(): number }): Budget {
  const left = new Map<string, { amount: number; at: number }>()
  const amountOf = (who: string): number => {
    const before = left.get(who)
    return before ? Math.min(burst, before.amount + (Math.max(0, now() - before.at) / 1000) * perSecond) : burst
  }
  return {
    take(who) {
      const amount = amountOf(who)
      left.delete(who)
      left.set(who, { amount: amount < 1 ? amount : amount - 1, at: now() })
      for (const oldest of left.keys()) {
        if (left.size <= remembered) break
        left.delete(oldest)
      }
      return amount >= 1
    },
    wait: (who) => Math.max(0, Math.ceil(((1 - amountOf(who)) / perSecond) * 1000)),
  }
}
