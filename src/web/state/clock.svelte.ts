/** The time, for what says how long ago something was. */
const EVERY_MS = 15_000

let current = $state(Date.now())
setInterval(() => (current = Date.now()), EVERY_MS)

export const now = (): number => current
