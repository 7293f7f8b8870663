/** Seven locks, one behind the other. @returns how many opened */
export function locks(input: Uint8Array): number {
  if (input[0] !== 0x44) return 0
  if (input[1] !== 0x75) return 1
  if (input[2] !== 0x72) return 2
  if (input[3] !== 0x65) return 3
  if (input[4] !== 0x21) return 4
  if (input[5] !== 0x0a) return 5
  if (input[6] !== 0x99) return 6
  return 7
}
