import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'svelte/compiler'
import { en } from '../../../src/web/words/en.ts'
import { daysBetween, formatsOf } from '../../../src/web/words/format.ts'
import { LANGUAGES, pickLanguage, regional } from '../../../src/web/words/languages.ts'
import { count, fill } from '../../../src/web/words/words.ts'

const WEB = path.join(import.meta.dirname, '../../../src/web')

describe('the words of the page', () => {
  type Leaf = readonly [key: string, text: string]
  const leaves = (tree: object, above = ''): Leaf[] =>
    Object.entries(tree).flatMap(([key, value]: [string, unknown]): Leaf[] => {
      const name = above === '' ? key : `${above}.${key}`
      return typeof value === 'string' ? [[name, value]] : leaves(value as object, name)
    })
  /** Plural categories are the language's own. */
  const plain = (key: string): string => key.replace(/\.(zero|one|two|few|many)$/, '.other')
  const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort()

  const catalogue = async (code: string): Promise<object> =>
    code === 'en' ? en : ((await import(`../../../src/web/words/${code}.ts`)) as { words: object }).words

  it('have the same holes in every language, and no text that is empty', async () => {
    const english = new Map(leaves(en))
    for (const { code } of LANGUAGES) {
      if (code === 'en') continue
      const theirs = leaves(await catalogue(code))
      assert.deepEqual(new Set(theirs.map(([key]) => plain(key))), new Set([...english.keys()].map(plain)), code)
      for (const [key, text] of theirs) {
        // "The oldest" of one needs no number, where English needs none.
        const wanted = [plain(key), key].map((each) => holes(english.get(each) ?? ''))
        assert.deepEqual(holes(text), wanted.find((each) => isDeepStrictEqual(each, holes(text))) ?? wanted[0], `${code}: ${key}`)
        assert.notEqual(text.trim(), '', `${code}: ${key}`)
      }
    }
  })

  it('have a text for every plural category of their language', async () => {
    for (const { code } of LANGUAGES) {
      const { pluralCategories } = new Intl.PluralRules(code).resolvedOptions()
      const check = (tree: object, above: string): void => {
        for (const [key, value] of Object.entries(tree) as [string, unknown][]) {
          if (typeof value !== 'object' || value === null) continue
          if ('other' in value) for (const category of pluralCategories.filter((each) => each !== 'many')) assert.ok(category in value, `${code}: ${above}${key}.${category}`)
          else check(value, `${above}${key}.`)
        }
      }
      check(await catalogue(code), '')
    }
  })

  /** One word may be the same in two languages, a sentence is not. */
  it('are said in the language, not left in English', async () => {
    const english = new Map(leaves(en))
    for (const { code } of LANGUAGES) {
      if (code === 'en') continue
      const left = leaves(await catalogue(code)).filter(([key, text]) => text === english.get(key) && text.replace(/\{\w+\}/g, '').trim().includes(' '))
      assert.deepEqual(left.map(([key]) => key), [], code)
    }
  })

  it('keep a name in its place, whatever direction it is written in (attack 95)', () => {
    assert.equal(fill('{name} has a new device', { name: 'شهد' }, 'en'), '\u2068شهد\u2069 has a new device')
    assert.equal(fill('{name}', { name: '{n}' }, 'en'), '\u2068{n}\u2069')
    assert.equal(fill('{constructor}', {}, 'en'), '{constructor}')
  })

  it('count as the language does', () => {
    assert.equal(count({ one: '{n} message', other: '{n} messages' }, 1, 'en'), '1 message')
    assert.equal(count({ one: '{n} message', other: '{n} messages' }, 1_200, 'en'), '1,200 messages')
    assert.equal(count({ other: '메시지 {n}개' }, 1, 'ko'), '메시지 1개')
    // Of a category that the catalogue leaves out: Spanish has one for millions.
    assert.equal(count({ one: '{n} mensaje', other: '{n} mensajes' }, 1_000_000, 'es'), '1.000.000 mensajes')
  })

  it('are those of the first language somebody wishes that there is', () => {
    assert.equal(pickLanguage(['xx', 'ko-KR', 'en']), 'ko')
    assert.equal(pickLanguage(['xx']), 'en')
    assert.equal(pickLanguage(['no tag', 'ko']), 'ko')
    assert.equal(pickLanguage(['zh-TW', 'en']), 'zh')
    assert.equal(pickLanguage(['in-ID']), 'id')
    assert.equal(regional('en', ['ko-KR', 'en-GB']), 'en-GB')
    assert.equal(regional('ko', ['en-GB']), 'ko')
    assert.equal(regional('zh', ['zh-TW', 'zh-SG']), 'zh-SG')
  })

  it('tell days by the calendar, and times that no calendar has', () => {
    const evening = new Date(2026, 10, 21, 23, 59).getTime()
    assert.equal(daysBetween(evening, evening + 2 * 60_000), 1)
    const formats = formatsOf('en-GB')
    assert.equal(formats.span(300), '5 minutes')
    assert.equal(formats.span(604_800), '1 week')
    assert.equal(formats.recent(evening - 86_400_000, evening), 'yesterday')
    assert.doesNotThrow(() => [formats.day(Number.MAX_SAFE_INTEGER), formats.time(9e18), formats.relative(9e18, 0)])
  })
})

describe('the markup of the page', () => {
  const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(svelte|ts|html)$/.test(file))
  const sources = files.map((file) => [file, readFileSync(path.join(WEB, file), 'utf8')] as const)
  const SPOKEN = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'aria-description'])
  const LETTERS = /\p{L}{2}/u

  function* nodes(value: unknown): Generator<Record<string, unknown>> {
    if (Array.isArray(value)) for (const each of value) yield* nodes(each)
    else if (typeof value === 'object' && value !== null) {
      if ('type' in value) yield value as Record<string, unknown>
      for (const [key, each] of Object.entries(value)) if (key !== 'parent' && key !== 'metadata') yield* nodes(each)
    }
  }

  it('says nothing that is not in the catalogues', () => {
    for (const [file, source] of sources.filter(([name]) => name.endsWith('.svelte'))) {
      const { fragment } = parse(source, { modern: true })
      const attributes = [...nodes(fragment)].filter(({ type }) => type === 'Attribute')
      const inAttributes = new Set(attributes.flatMap((attribute) => [...nodes(attribute['value'])]))
      for (const node of nodes(fragment)) {
        if (node['type'] === 'Text' && !inAttributes.has(node)) assert.doesNotMatch(String(node['data']), LETTERS, `${file}: ${String(node['data']).trim()}`)
      }
      for (const attribute of attributes) {
        if (!SPOKEN.has(String(attribute['name']))) continue
        for (const part of nodes(attribute['value'])) if (part['type'] === 'Text') assert.doesNotMatch(String(part['data']), LETTERS, `${file}: ${String(attribute['name'])}`)
      }
    }
  })

  it('turns no text into markup, and carries no style that the policy refuses (attack 93)', () => {
    for (const [file, source] of sources) {
      assert.doesNotMatch(source, /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|setHTMLUnsafe/, file)
      assert.doesNotMatch(source, /<[a-z][^>]*\sstyle="/, file)
      assert.doesNotMatch(source, /\shref=\{/, `${file}: an address of somebody else's is no href`)
    }
  })

  it('is laid out by the direction one reads, never by left and right', () => {
    for (const [file, source] of sources.filter(([name]) => name.endsWith('.svelte'))) {
      assert.doesNotMatch(source.slice(source.indexOf('<style>')), /(margin|padding|border)-(left|right)\b|^\s*(left|right):|text-align:\s*(left|right)|float:/m, file)
    }
  })
})
