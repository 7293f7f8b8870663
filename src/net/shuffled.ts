/** In an order that who made the list cannot foresee. */
import { randomInt } from 'node:crypto'

export function shuffled<T>(all: readonly T[]): T[] {
  const order = [...all]
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomInt(i + 1)
    ;[order[i], order[j]] = [order[j] as T, order[i] as T]
  }
  return order
}
