/** A code for the terminal: half blocks, two rows of modules a line, so that a module is about as wide as it is high. */
import { modulesOf } from './modules.ts'

/** Two modules of light are enough on a screen and save lines: readers ask the four for printing. */
const BORDER = 2

/** Black and white of the 256-colour cube: unlike the first 16 colours no theme changes them. */
const FOREGROUND = { dark: '38;5;16', light: '38;5;231' } as const
const BACKGROUND = { dark: '48;5;16', light: '48;5;231' } as const
const RESET = '\x1b[0m'

const UPPER_HALF = '▀'
/** Light modules are the drawn ones, as on the dark background most terminals have. By upper * 2 + lower. */
const PLAIN = [' ', '▄', '▀', '█'] as const

/**
 * Lines joined by newlines, each as many columns wide. With `colour` (for a terminal) black on white whatever the
 * terminal's theme; without (for a pipe or a file) in plain characters, right side up only on a dark background.
 * @throws QrError too-long
 */
export function qrText(text: string, { colour }: { colour: boolean } = { colour: true }): string {
  const modules = modulesOf(text, 'low', BORDER)
  const lines: string[] = []
  for (let y = 0; y < modules.length; y += 2) {
    const upper = modules[y] ?? []
    const lower = modules[y + 1]
    lines.push(colour ? colouredLine(upper, lower) : plainLine(upper, lower))
  }
  return lines.join('\n')
}

function colouredLine(upper: readonly boolean[], lower: readonly boolean[] | undefined): string {
  let line = ''
  let before = ''
  upper.forEach((isDark, x) => {
    // an odd last row has nothing below: its lower half keeps the terminal's own background
    const below = lower === undefined ? [] : [BACKGROUND[lower[x] ? 'dark' : 'light']]
    const colours = [FOREGROUND[isDark ? 'dark' : 'light'], ...below].join(';')
    line += (colours === before ? '' : `\x1b[${colours}m`) + UPPER_HALF
    before = colours
  })
  return line + RESET
}

function plainLine(upper: readonly boolean[], lower: readonly boolean[] | undefined): string {
  return upper.map((isDark, x) => PLAIN[((isDark ? 0 : 2) + (lower === undefined || lower[x] ? 0 : 1)) as 0 | 1 | 2 | 3]).join('')
}
