/** Right inputs to begin with: every piece of bytes and every text that the vectors of a room have. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fromHex, utf8 } from '../../protocols/suite/index.ts'

const ROOMS = path.join(import.meta.dirname, '../../protocols')
/** The smallest that could be more than a number. */
const MIN_HEX = 8

function strings(room: string): string[] {
  const found = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value === 'string') found.add(value)
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) collect(each)
  }
  for (const file of readdirSync(path.join(ROOMS, room))) {
    if (/^vectors.*\.json$/.test(file)) collect(JSON.parse(readFileSync(path.join(ROOMS, room, file), 'utf8')))
  }
  return [...found]
}

const isHex = (text: string): boolean => text.length >= MIN_HEX && text.length % 2 === 0 && /^[0-9a-f]+$/.test(text)

export const bytesOf = (room: string): Uint8Array[] => strings(room).filter(isHex).map(fromHex)
export const textsOf = (room: string, wanted: RegExp): Uint8Array[] => strings(room).filter((text) => wanted.test(text)).map(utf8)
