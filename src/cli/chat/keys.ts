/** What a key does to the line. */
import * as edit from './editor.ts'
import type { Editor } from './editor.ts'

/** As node:readline names keys. */
export interface Key {
  readonly name?: string | undefined
  readonly ctrl?: boolean
  readonly meta?: boolean
  readonly sequence?: string
}

export function applyKey(editor: Editor, typed: string | undefined, key: Key): Editor {
  const word = key.ctrl === true || key.meta === true
  switch (key.name) {
    case 'left':
      return word ? edit.wordLeft(editor) : edit.left(editor)
    case 'right':
      return word ? edit.wordRight(editor) : edit.right(editor)
    case 'home':
      return edit.start(editor)
    case 'end':
      return edit.end(editor)
    case 'backspace':
      return word ? edit.deleteWord(editor) : edit.backspace(editor)
    case 'delete':
      return edit.deleteForward(editor)
    default:
      return applyLetter(editor, typed, key)
  }
}

function applyLetter(editor: Editor, typed: string | undefined, key: Key): Editor {
  if (key.ctrl === true) {
    switch (key.name) {
      case 'a':
        return edit.start(editor)
      case 'e':
        return edit.end(editor)
      case 'b':
        return edit.left(editor)
      case 'f':
        return edit.right(editor)
      case 'h':
        return edit.backspace(editor)
      case 'w':
        return edit.deleteWord(editor)
      case 'u':
        return edit.deleteToStart(editor)
      case 'k':
        return edit.deleteToEnd(editor)
      default:
        return editor
    }
  }
  if (key.meta === true) {
    if (key.name === 'return' || key.name === 'enter') return edit.insert(editor, '\n')
    if (key.name === 'b') return edit.wordLeft(editor)
    if (key.name === 'f') return edit.wordRight(editor)
    return editor
  }
  // every other key that has no character of its own begins with ESC or is a control
  if (typed === undefined || /^[\u0000-\u001f\u007f]/.test(typed)) return editor
  return edit.insert(editor, typed)
}
