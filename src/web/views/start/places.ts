/** @param random one number for each place wanted @returns different places below `count`, ascending */
export function drawnPlaces(count: number, random: Iterable<number>): number[] {
  const left = Array.from({ length: count }, (_, index) => index)
  return [...random].flatMap((number) => left.splice(number % left.length, 1)).sort((a, b) => a - b)
}
