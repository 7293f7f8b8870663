/** What both ends of `/dure/onward/1` have in common: one address, one byte of answer, and then bytes of others both ways. */
import { concat, u32, utf8 } from '../../protocols/suite/index.ts'
import { MAX_ADDRESS_LENGTH } from './limits.ts'

export const ONWARD_PROTOCOL = '/dure/onward/1'

/** Bytes before the address. */
export const HEAD = 4

export type OnwardAnswer = 'through' | 'refused' | 'unreachable'

const ANSWERS: readonly OnwardAnswer[] = ['through', 'refused', 'unreachable']

export const encodeOnward = (address: string): Uint8Array => concat(u32(utf8(address).length), utf8(address))

/** Of the address that follows. @throws RangeError */
export function lengthIn(head: Uint8Array): number {
  const length = new DataView(head.buffer, head.byteOffset, HEAD).getUint32(0)
  if (length === 0 || length > MAX_ADDRESS_LENGTH) throw new RangeError(`not the length of an address: ${length}`)
  return length
}

export const encodeAnswer = (answer: OnwardAnswer): Uint8Array => Uint8Array.of(ANSWERS.indexOf(answer) + 1)

/** @throws RangeError */
export function decodeAnswer(byte: number | undefined): OnwardAnswer {
  const answer = ANSWERS[(byte ?? 0) - 1]
  if (answer === undefined) throw new RangeError('not an answer')
  return answer
}
