import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { emitKeypressEvents } from 'node:readline'
import fc from 'fast-check'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import headless from '@xterm/headless'
import * as edit from '../../../src/cli/chat/editor.ts'
import { applyKey, type Key } from '../../../src/cli/chat/keys.ts'
import { layout } from '../../../src/cli/chat/layout.ts'
import { parseLine } from '../../../src/cli/chat/line.ts'
import { Screen } from '../../../src/cli/chat/screen.ts'
import { type ChatState, happened, newChat } from '../../../src/cli/chat/state.ts'
import { graphemesOf, widthOf, wrap } from '../../../src/cli/text.ts'
import { styleFor, timesFor } from '../../../src/cli/words.ts'
import { fakeMessenger, START } from '../../support/fake-messenger.ts'

const TEXTS = ['hello there', '안녕하세요, 오늘 저녁에 만날까요? 여덟 시에 강남역에서 봐요', '👩‍👩‍👧‍👦 🇰🇷 👍🏽 family and flags', 'שלום עולם, מה שלומך היום?', 'e\u0301te\u0301 nai\u0308ve', 'x'.repeat(90), 'one\ntwo']
const times = timesFor({ TZ: 'Asia/Seoul', LANG: 'en_GB.UTF-8' })
const plain = styleFor(new PassThrough(), {})

function conversation(texts: readonly string[] = TEXTS): ChatState {
  const messenger = fakeMessenger()
  messenger.befriend('김민수')
  texts.forEach((text, i) => messenger.receive('김민수', text, i % 2 === 0 ? {} : { direction: 'out', delivery: 'delivered' }))
  return newChat(messenger.contact('김민수'), messenger.history('김민수', { limit: 100 }))
}

const picture = (state: ChatState, columns: number, rows = 24, editor: edit.Editor = edit.EMPTY) =>
  layout(state, editor, { columns, rows, style: plain, times, now: START })

/** What an independent terminal shows of a picture. */
async function onTerminal(columns: number, rows: number, draw: (screen: Screen) => void): Promise<{ lines: string[]; cursor: [number, number] }> {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true })
  terminal.loadAddon(new UnicodeGraphemesAddon() as never)
  const out = Object.assign(new PassThrough(), { isTTY: true, columns, rows })
  draw(new Screen(new PassThrough(), out))
  const written = String(out.read() ?? '')
  await new Promise<void>((resolve) => terminal.write(written, resolve))
  const { active } = terminal.buffer
  return { lines: Array.from({ length: rows }, (_, y) => active.getLine(y)!.translateToString(true)), cursor: [active.cursorY, active.cursorX] }
}

describe('the conversation on a terminal', () => {
  for (const columns of [20, 33, 80, 132]) {
    it(`fills a window of ${columns} columns exactly and no line is wider`, () => {
      const { lines } = picture(conversation(), columns, 40)
      assert.equal(lines.length, 40)
      for (const line of lines) assert.ok(widthOf(line) <= columns, line)
    })
  }

  it('is the same on a real terminal: Korean, families, flags, marks and Hebrew at 20 columns', async () => {
    const shown = picture(conversation(), 20, 60)
    const { lines } = await onTerminal(20, 60, (screen) => screen.draw(shown))
    const bare = (line: string) => line.replace(/[\u2068\u2069]/g, '').trimEnd()
    assert.deepEqual(lines.map(bare), shown.lines.map(bare))
    assert.ok(lines.some((line) => line.includes('안녕하세요')))
  })

  it('keeps the cursor behind what is typed, in any script', async () => {
    for (const text of ['hello', '안녕', '👩‍👩‍👧‍👦🇰🇷', 'e\u0301', '가'.repeat(30)]) {
      const editor = edit.insert(edit.EMPTY, text)
      const { cursor, lines } = await onTerminal(20, 12, (screen) => screen.draw(picture(conversation(), 20, 12, editor)))
      const last = edit.editorLines(editor, 18).lines.at(-1)!
      assert.equal(cursor[1], 2 + widthOf(last), JSON.stringify(text))
      assert.ok(lines[cursor[0]]!.includes(last), JSON.stringify(text))
    }
  })

  it('shows an incoming message above the line being typed and leaves that as it is', () => {
    const editor = edit.insert(edit.EMPTY, 'half a sent')
    const before = conversation()
    const messenger = fakeMessenger()
    messenger.befriend('김민수')
    const message = { ...messenger.receive('김민수', 'interrupting cow'), id: 'f'.repeat(32) }
    const after = happened(before, { id: 1, at: START, type: 'message', message }, START)
    const pictures = [before, after].map((state) => picture(state, 40, 20, editor))
    assert.ok(pictures[1]!.lines.some((line) => line.includes('interrupting cow')))
    assert.equal(pictures[0]!.lines.at(-1), pictures[1]!.lines.at(-1))
    assert.deepEqual(pictures[0]!.cursor, pictures[1]!.cursor)
  })

  it('draws only the lines that changed', () => {
    const out = Object.assign(new PassThrough(), { isTTY: true, columns: 40, rows: 20 })
    const screen = new Screen(new PassThrough(), out)
    screen.draw(picture(conversation(), 40, 20))
    out.read()
    screen.draw(picture(conversation(), 40, 20, edit.insert(edit.EMPTY, 'h')))
    assert.equal(String(out.read()).match(/\x1b\[2K/g)?.length, 1)
  })

  it('says the delivery, the day, who types, a reply, an edit and a deletion', () => {
    const messenger = fakeMessenger()
    messenger.befriend('Bob', { verified: true, timer: 86_400 })
    messenger.receive('Bob', 'shall we?')
    const asked = messenger.history('Bob', { limit: 1 })[0]!
    messenger.receive('Bob', 'yes', { direction: 'out', delivery: 'read', replyTo: asked.id })
    messenger.receive('Bob', 'later', { editedAt: START })
    messenger.receive('Bob', '', { deleted: true })
    messenger.receive('Bob', '', { kind: 'unknown' })
    messenger.notice('Bob', 'new-device')
    let state = newChat(messenger.contact('Bob'), messenger.history('Bob', { limit: 50 }))
    state = happened(state, { id: 1, at: START, type: 'typing', contact: state.contact.account, name: 'Bob', active: true }, START)
    const text = picture(state, 80).lines.join('\n')
    for (const part of ['Bob  ● online · verified · disappears after 1 day', 'Sunday', '↪ Bob: shall we?', 'yes ✓✓ read', 'later (edited)', '(deleted)', '(needs a newer version of Dure)', 'Bob has a new device', 'Bob is typing…']) {
      assert.ok(text.includes(part), `${part} in\n${text}`)
    }
    assert.doesNotMatch(layout(state, edit.EMPTY, { columns: 80, rows: 24, style: plain, times, now: START + 60_000 }).lines.join('\n'), /is typing/)
  })

  it('makes names and texts of others inert (attacks 93, 95)', () => {
    const messenger = fakeMessenger()
    messenger.befriend('Eve\x1b[2J\u202e')
    messenger.receive('Eve\x1b[2J\u202e', '\x1b]52;c;cHduZWQ=\x07\u202eevil')
    const state = newChat(messenger.contacts()[0]!, messenger.history(messenger.contacts()[0]!.account, { limit: 5 }))
    assert.doesNotMatch(picture(state, 40).lines.join(''), /[\x00-\x1f\x7f-\x9f\u202e]/)
  })

  it('scrolls to what was said before and says that there is more below', () => {
    const state = { ...conversation(Array.from({ length: 60 }, (_, i) => `line ${i}`)), scroll: 1_000 }
    const top = picture(state, 60, 12)
    assert.ok(top.atTop)
    assert.ok(top.lines.some((line) => line.includes('line 0')))
    assert.ok(top.lines.some((line) => line.includes('newer messages below')))
  })

  it('stays whole in a window of nearly nothing', () => {
    for (const [columns, rows] of [[4, 3], [10, 4], [20, 5]] as const) {
      const { lines, cursor } = picture(conversation(), columns, rows, edit.insert(edit.EMPTY, '가나다라마바사'))
      assert.equal(lines.length, rows)
      assert.ok(cursor.row < rows && cursor.column < columns)
    }
  })
})

describe('the line being typed', () => {
  it('moves and deletes by whole graphemes', () => {
    let editor = edit.insert(edit.EMPTY, 'a👩‍👩‍👧‍👦한e\u0301🇰🇷')
    for (const left of ['a👩‍👩‍👧‍👦한e\u0301', 'a👩‍👩‍👧‍👦한', 'a👩‍👩‍👧‍👦', 'a', '', '']) {
      editor = edit.backspace(editor)
      assert.equal(editor.text, left)
    }
  })

  it('never leaves the cursor inside a grapheme, whatever is typed', () => {
    const piece = fc.constantFrom('a', '한', '\u0301', '\u200d', '👩', '🇰', '🇷', ' ', '\n', 'ש')
    const step = fc.oneof(piece, fc.constantFrom(edit.left, edit.right, edit.backspace, edit.deleteForward, edit.wordLeft, edit.wordRight, edit.deleteWord, edit.start, edit.end))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        let editor = edit.EMPTY
        for (const next of steps) editor = typeof next === 'string' ? edit.insert(editor, next) : next(editor)
        const boundaries = new Set([0])
        for (const { index, segment } of new Intl.Segmenter().segment(editor.text)) boundaries.add(index + segment.length)
        assert.ok(boundaries.has(editor.cursor))
      }),
    )
  })

  it('understands the keys of a terminal', () => {
    const input = new PassThrough()
    emitKeypressEvents(input as never)
    let editor = edit.EMPTY
    input.on('keypress', (typed: string | undefined, key: Key) => (editor = applyKey(editor, typed, key)))
    const type = (bytes: string): string => {
      input.write(bytes)
      input.read()
      return editor.text
    }
    assert.equal(type('hello wrld'), 'hello wrld')
    assert.equal(type('\x1b[D\x1b[D\x1b[Do'), 'hello world')
    assert.equal(type('\x05!'), 'hello world!')
    assert.equal(type('\x17'), 'hello ')
    assert.equal(type('안녕👍'), 'hello 안녕👍')
    assert.equal(type('\x7f'), 'hello 안녕')
    assert.equal(type('\x1b\rmore'), 'hello 안녕\nmore')
    assert.equal(type('\x15'), '')
  })

  it('takes no escape sequence out of a paste', () => {
    assert.equal(edit.insert(edit.EMPTY, 'a\x1b[31mb').text, 'a␛[31mb')
  })
})

describe('a line of a conversation', () => {
  const table: readonly [string, object][] = [
    ['', { kind: 'nothing' }],
    ['hello /quit', { kind: 'text', text: 'hello /quit' }],
    ['//etc/hosts', { kind: 'text', text: '/etc/hosts' }],
    ['/quit', { kind: 'quit' }],
    ['/help', { kind: 'help' }],
    ['/reply 2 pm is fine', { kind: 'reply', back: 1, text: '2 pm is fine' }],
    ['/reply ^2 yes', { kind: 'reply', back: 2, text: 'yes' }],
    ['/edit two\nlines', { kind: 'edit', back: 1, text: 'two\nlines' }],
    ['/delete ^3', { kind: 'delete', back: 3 }],
    ['/where', { kind: 'where', back: 1 }],
    ['/react 👍', { kind: 'react', back: 1, text: '👍' }],
    ['/react', { kind: 'react', back: 1, text: '' }],
    ['/edit', { kind: 'wrong', hint: '/edit needs the text after it' }],
    ['/dance', { kind: 'wrong', hint: 'there is no /dance; /help lists what there is' }],
  ]
  for (const [line, meaning] of table) {
    it(`${JSON.stringify(line)} is understood`, () => {
      assert.deepEqual(parseLine(line), meaning)
    })
  }
})

/** More often than chance: where lines break, and what takes one, two and three columns. */
const unitOfText = fc.oneof(fc.constantFrom(' ', 'a', '안', '𝅘𝅥𝅮'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }))

describe('text in columns', () => {
  it('is broken at spaces, or anywhere where there are none, and never too wide', () => {
    assert.deepEqual(wrap('the quick brown fox', 10), ['the quick', 'brown fox'])
    assert.deepEqual(wrap('안녕하세요', 6), ['안녕하', '세요'])
    assert.deepEqual(wrap(' bb안', 3), ['', 'bb', '안'])
    fc.assert(
      fc.property(fc.string({ unit: unitOfText }), fc.integer({ min: 2, max: 40 }), (text, columns) => {
        const clean = text.replace(/\p{C}/gu, '')
        // a grapheme alone may be wider than the window, then it has a line of its own
        for (const line of wrap(clean, columns)) assert.ok(widthOf(line) <= columns || graphemesOf(line).length === 1, JSON.stringify(line))
      }),
    )
  })
})
