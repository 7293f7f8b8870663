/** Puts pictures on a terminal: its second screen, only the lines that changed, and everything back as it was at the end. */
import type { In, Out } from '../io.ts'
import type { Picture } from './layout.ts'

/** second screen, no wrapping at the edge (a width the terminal sees differently spoils one line only), pastes are marked */
const ENTER = '\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[2J'
const LEAVE = '\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l'

export class Screen {
  readonly #in: In
  readonly #out: Out
  #lines: readonly string[] = []
  #size = ''

  constructor(input: In, output: Out) {
    this.#in = input
    this.#out = output
    this.#in.setRawMode?.(true)
    this.#out.write(ENTER)
  }

  get columns(): number {
    return Math.max(4, this.#out.columns ?? 80)
  }
  get rows(): number {
    return Math.max(3, this.#out.rows ?? 24)
  }

  draw(picture: Picture): void {
    const size = `${this.columns}x${this.rows}`
    let update = '\x1b[?25l'
    if (size !== this.#size) {
      update += '\x1b[2J'
      this.#lines = []
      this.#size = size
    }
    picture.lines.forEach((line, row) => {
      if (line !== this.#lines[row]) update += `\x1b[${row + 1};1H\x1b[2K${line}\x1b[0m`
    })
    this.#lines = picture.lines
    this.#out.write(`${update}\x1b[${picture.cursor.row + 1};${picture.cursor.column + 1}H\x1b[?25h`)
  }

  close(): void {
    this.#out.write(LEAVE)
    this.#in.setRawMode?.(false)
  }
}
