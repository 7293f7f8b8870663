/** How a script that npm runs is asked for something, and how it ends: plain words and exit code 2 for what cannot be asked for, as on the command line. */
import { constants } from 'node:os'
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** @param message what is wrong, and what there is in its place */
export function misused(message: string): never {
  console.error(message)
  process.exit(2)
}

/** `parseArgs` of node:util. */
export function argumentsOf<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    return misused((error as Error).message.split('. ')[0] ?? '')
  }
}

export function numberAbove0(option: string, given: string): number {
  return Number(given) > 0 ? Number(given) : misused(`${option} takes a number above 0, not ${given}`)
}

export function wholeNumberAbove0(option: string, given: string): number {
  return Number.isInteger(numberAbove0(option, given)) ? Number(given) : misused(`${option} takes a whole number, not ${given}`)
}

/** Ctrl-C and SIGTERM end the process as its own end does: whoever listens for 'exit' puts away what would stay behind. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
