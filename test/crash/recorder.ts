/**
 * Stands between a node's messenger and its ports, in the node's own process: writes down what became durable and what left, and ends the process as
 * kill -9 does at one of the moments that no clock outside would ever hit. What is written outlives the process: no kill takes a page of the kernel's.
 */
import { openSync, writeSync } from 'node:fs'
import { sealOf } from '../support/seals.ts'

/**
 * `asked`: a transaction is asked for; `written`: it is, and not yet committed; `stored`: it is durable, and nobody knows; `leaves`: something
 * durable is handed to the network; `left`: the other side has said what it thinks of it, and nobody here knows.
 */
export const MOMENTS = ['asked', 'written', 'stored', 'leaves', 'left'] as const
export type Moment = (typeof MOMENTS)[number]

/** In the environment: the file to write to, and `MOMENT N` to die at the Nth of this run. */
export const RECORD = 'DURE_CRASH_RECORD'
export const DOOM = 'DURE_CRASH_DOOM'

const file = openSync(process.env[RECORD] ?? '/dev/null', 'a', 0o600)
const [doomed, nth] = (process.env[DOOM] ?? '').split(' ')
let met = 0

export function meet(moment: Moment): void {
  if (moment === doomed && ++met === Number(nth)) process.kill(process.pid, 'SIGKILL')
}

export function durable(envelope: Uint8Array): void {
  const { digest, commitment } = sealOf(envelope)
  writeSync(file, `durable ${digest} ${commitment ?? ''}\n`)
}

export function left(envelope: Uint8Array): void {
  writeSync(file, `left ${sealOf(envelope).digest}\n`)
}
