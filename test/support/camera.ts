/** What a camera sees that is held before a code, as a film Chromium plays in its stead (`--use-file-for-fake-video-capture`). */
import { writeFileSync } from 'node:fs'
import { modulesOf, QUIET_ZONE } from '../../src/qr/modules.ts'

/** Pixels; even, because two by two of them share a colour. */
const SIDE = 720
const [DARK, LIGHT, GREY] = [30, 225, 128]
const FRAMES = 2

/** YUV4MPEG2 with planes of 4:2:0: one byte of light for each pixel, then two planes that say "no colour". */
export function filmCode(link: string, file: string): void {
  const modules = modulesOf(link, 'low', QUIET_ZONE)
  const size = Math.floor(SIDE / modules.length)
  const offset = Math.floor((SIDE - size * modules.length) / 2)
  const light = Buffer.alloc(SIDE * SIDE, LIGHT)
  modules.forEach((row, y) =>
    row.forEach((dark, x) => {
      for (let line = 0; dark && line < size; line++) {
        const from = (offset + y * size + line) * SIDE + offset + x * size
        light.fill(DARK, from, from + size)
      }
    }),
  )
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((SIDE * SIDE) / 2, GREY)])
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${SIDE} H${SIDE} F10:1 Ip A1:1 C420jpeg\n`), ...Array.from({ length: FRAMES }, () => frame)]))
}
