/** The conversation on a terminal. */
import { emitKeypressEvents } from 'node:readline'
import type { Context } from '../command.ts'
import { CliError } from '../io.ts'
import { EMPTY, type Editor, insert } from './editor.ts'
import { applyKey, type Key } from './keys.ts'
import { layout, type Picture } from './layout.ts'
import { HELP, parseLine } from './line.ts'
import { Screen } from './screen.ts'
import { TYPING_FADES_MS } from './state.ts'
import { Talk } from './talk.ts'

export async function terminalChat(context: Context, name: string): Promise<void> {
  const { io, api, style, times } = context
  let draw = (): void => {}
  let fade: NodeJS.Timeout | undefined
  const talk = await Talk.open(api, name, { now: () => io.now(), times }, (event) => {
    // the other side may never say that it stopped typing
    if (event?.type === 'typing') {
      clearTimeout(fade)
      fade = setTimeout(() => draw(), TYPING_FADES_MS)
    }
    draw()
  })

  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const screen = new Screen(io.stdin, io.stdout)
  let editor: Editor = EMPTY
  let picture: Picture
  let pasting = false
  draw = () => {
    picture = layout(talk.state, editor, { columns: screen.columns, rows: screen.rows, style, times, now: io.now() })
    screen.draw(picture)
  }

  function submit(): void {
    const line = parseLine(editor.text)
    const before = editor
    editor = EMPTY
    talk.change({ note: '', scroll: 0 })
    if (line.kind === 'quit') return leave()
    if (line.kind === 'help') return talk.change({ note: HELP.join('\n') })
    talk.say(line).then(
      (note) => note !== '' && talk.change({ note }),
      (error: unknown) => {
        // what was typed is not lost
        if (editor.text === '') editor = before
        talk.change({ note: error instanceof CliError ? [error.message, error.hint].filter(Boolean).join(' · ') : 'that did not work' })
      },
    )
  }

  function onKey(typed: string | undefined, key: Key): void {
    if (key.name === 'paste-start') pasting = true
    else if (key.name === 'paste-end') pasting = false
    else if (pasting) editor = insert(editor, key.name === 'return' ? '\n' : (typed ?? ''))
    else if (key.ctrl === true && (key.name === 'c' || (key.name === 'd' && editor.text === ''))) return leave()
    else if ((key.name === 'return' || key.name === 'enter') && key.meta !== true) return submit()
    else if (key.name === 'pageup' || key.name === 'pagedown') return scroll(key.name === 'pageup' ? 1 : -1)
    else editor = applyKey(editor, typed, key)
    talk.typing(editor.text !== '' && !editor.text.startsWith('/'))
    draw()
  }

  function scroll(direction: 1 | -1): void {
    if (direction === 1 && picture.atTop) void talk.older().catch(() => {})
    talk.change({ scroll: Math.max(0, picture.scroll + direction * Math.max(1, screen.rows - 4)) })
  }

  emitKeypressEvents(io.stdin)
  io.stdin.on('keypress', onKey)
  io.stdout.on('resize', draw)
  const off = io.onInterrupt(leave)
  draw()
  io.stdin.resume()
  try {
    await left
  } finally {
    draw = () => {}
    off()
    clearTimeout(fade)
    io.stdin.off('keypress', onKey)
    io.stdout.off('resize', draw)
    io.stdin.pause()
    talk.close()
    screen.close()
  }
}
