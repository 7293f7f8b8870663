import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')

/** Rows of the table of attacks: number, name, and the tests named in it. */
function rows(): { number: number; name: string; tests: string[] }[] {
  const table = readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8').matchAll(/^\| (\d+) \| ([^|]+) \| ([^|]+) \|$/gm)
  return [...table].map(([, number, name, tests]) => ({
    number: Number(number),
    name: (name ?? '').trim(),
    tests: [...(tests ?? '').matchAll(/`([^`]+)`/g)].map(([, test]) => test ?? ''),
  }))
}

/** The attack numbers a test file names in its titles: "(attack 7)", "(attacks 5, 6)", "(attacks 27-30)". */
function numbersIn(text: string): Set<number> {
  const found = new Set<number>()
  for (const [, list] of text.matchAll(/attacks? ((?:\d+(?:\s*[–-]\s*\d+)?(?:, | and )?)+)/g)) {
    for (const [, from, to] of (list ?? '').matchAll(/(\d+)(?:\s*[–-]\s*(\d+))?/g)) {
      for (let n = Number(from); n <= Number(to ?? from); n++) found.add(n)
    }
  }
  return found
}

describe('SECURITY.md', () => {
  it('names all 110 attacks, each once', () => {
    assert.deepEqual(rows().map((row) => row.number), Array.from({ length: 110 }, (_, i) => i + 1))
  })

  it('claims a test for an attack only where a test of that name is', () => {
    for (const { number, name, tests } of rows()) {
      for (const test of tests) {
        const file = path.join(ROOT, 'test', `${test}.test.ts`)
        assert.ok(existsSync(file), `${number} ${name}: test/${test}.test.ts`)
        assert.ok(numbersIn(readFileSync(file, 'utf8')).has(number), `${test} says nothing of attack ${number}`)
      }
    }
  })
})
