/** Search in every script, on the encrypted store (indexed and not yet indexed) and on its twin. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Store } from '../../../src/messenger/ports.ts'
import { openStore } from '../../../src/store/index.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { ALICE, BOB, id, messageRow, temporaryHome } from './support.ts'

/** text, queries that find it, queries that do not */
const SCRIPTS: [string, string[], string[]][] = [
  ['어제 민수가 안녕이라고 했어', ['안녕', '녕이', '민수가 안녕', '했', '안녕'.normalize('NFD')], ['녕안', '안 녕']],
  ['東京で寿司を食べました', ['東京', '寿司', '司', 'べました', '京で寿'], ['京東', '寿 司']],
  ['ｶﾀｶﾅとフルーツ', ['カタカナ', 'カタ', 'フル', 'ーツ'], ['ツー']],
  ['我们明天去喝茶吧', ['茶', '明天', '去喝茶', '我'], ['天明']],
  ['สวัสดีครับ วันนี้อากาศดี', ['สวัสดี', 'ดี', 'อากาศ'], ['ดีก']],
  ['مرحبا كيف حالك', ['مرحبا', 'حا', 'كيف حالك'], ['كح']],
  ['שלום לכולם', ['שלום', 'לכ', 'ם'], ['לש']],
  ['Привет, МОСКВА', ['привет', 'москва', 'ПР', 'вет, м'], ['тевирп']],
  ['Das ist eine große Straße', ['GROSSE', 'straße', 'STRASSE', 'ße'], ['grosz']],
  ['ΟΔΥΣΣΕΥΣ', ['οδυσσευς', 'ευσ', 'Υς'], ['συο']],
  ['İstanbul ve Iğdır', ['istanbul', 'İST', 'ığdır', 've'], ['zmir']],
  ['party 🎉👨‍👩‍👧 tonight', ['🎉', '👨‍👩‍👧', '🎉👨', 'y 🎉'], ['🎊']],
  ['cafe\u0301 and naïve', ['café', 'NAÏVE', 'é', 'e\u0301 a'], ['cafè']],
  ['100% sure_thing', ['100%', '%', '_', 'e_t', '0% s'], ['1_0', '%%']],
  ['he said "yes" and it\'s ok', ['"yes"', '"', 'it\'s', '" a'], ['"no"']],
  ['a AND b OR NOT NEAR(c d) x* col:y ^z', ['AND b', 'OR NOT', 'NEAR(', 'x*', '*', 'col:y', '^z', ')'], ['NEAR/2', 'c*']],
  ['back\\slash \'; DROP TABLE message;--', ['\\', '\'; drop', ';--', 'e;'], ['drop  table']],
  ['nul\0inside', ['nul', 'inside', 'l\0i'], ['nulinside']],
  ['ab', ['ab', 'a', 'B'], ['ba', 'abc']],
  ['ﬁne ① ﾊﾟﾋﾟ', ['fine', '1', 'パピ'], ['ﬂ']],
]

const texts = (store: Store, query: string, limit = 100, contact?: string): string[] =>
  store.search(query, contact === undefined ? { limit } : { limit, contact }).map((row) => row.text)

/** The store indexes when it is quiet; opening it anew and waiting for the index is how a test sees the indexed side. */
async function indexed(store: Store): Promise<void> {
  const waiting = (store as Store & { indexing(): boolean }).indexing
  while (waiting()) await new Promise((resolve) => setTimeout(resolve, 2))
}

for (const [name, open, settle] of [
  ['the index', () => openStore({ home: temporaryHome(), unlock: 'key-file', create: true }), indexed],
  ['rows that are not indexed yet', () => openStore({ home: temporaryHome(), unlock: 'key-file', create: true }), () => Promise.resolve()],
  ['the in-memory twin', () => Promise.resolve(createMemoryStore()), () => Promise.resolve()],
] as [string, () => Promise<Store>, (store: Store) => Promise<void>][]) {
  describe(`search in ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('finds a substring of any script and nothing else', async () => {
      await store.commit(SCRIPTS.map(([text], n) => ({ add: 'message', row: messageRow(n + 1, text) })))
      await settle(store)
      for (const [text, found, missed] of SCRIPTS) {
        for (const query of found) assert.ok(texts(store, query).includes(text), `${JSON.stringify(query)} finds ${JSON.stringify(text)}`)
        for (const query of missed) assert.ok(!texts(store, query).includes(text), `${JSON.stringify(query)} misses ${JSON.stringify(text)}`)
      }
    })

    it('answers newest first, up to the limit, of one contact or all, and only what people said', async () => {
      await store.commit(Array.from({ length: 30 }, (_, n) => ({ add: 'message', row: messageRow(n + 1, `word ${n}`, { contact: n % 2 ? ALICE : BOB }) })))
      await store.commit([
        { add: 'message', row: messageRow(90, 'word', { kind: 'notice' }) },
        { add: 'message', row: messageRow(91, '', { kind: 'unknown' }) },
      ])
      await settle(store)
      assert.deepEqual(texts(store, 'word', 3), ['word 29', 'word 28', 'word 27'])
      assert.deepEqual(texts(store, 'WORD', 2, BOB), ['word 28', 'word 26'])
      assert.deepEqual(texts(store, 'd 2', 99, ALICE), ['word 29', 'word 27', 'word 25', 'word 23', 'word 21'])
      for (const nothing of ['', ' ', '\n\t']) assert.deepEqual(texts(store, nothing), [])
      assert.deepEqual(texts(store, 'word', 3, id(1)), [])
      assert.deepEqual(texts(store, 'word', 0), [])
    })

    it('forgets what was deleted and edited, finds the new text, and reads what is going to disappear', async () => {
      await store.commit([
        { add: 'message', row: messageRow(1, 'alpha bravo') }, { add: 'message', row: messageRow(2, 'alpha charlie') },
        { add: 'message', row: messageRow(3, 'alpha delta') }, { add: 'message', row: messageRow(4, 'alpha echo', { expireAfter: 60 }) },
        { add: 'message', row: messageRow(5, `alpha ${'long '.repeat(400)}foxtrot`) },
      ])
      await settle(store)
      await store.commit([
        { remove: 'message', id: id(1) }, { put: 'message', row: messageRow(2, 'alpha golf', { editedAt: 1 }) },
        { put: 'message', row: messageRow(3, '', { deletedAt: 1 }) },
      ])
      for (let round = 0; round < 2; round++) {
        for (const gone of ['bravo', 'charlie', 'delta']) assert.deepEqual(texts(store, gone), [], gone)
        assert.deepEqual(store.search('alpha', { limit: 9 }).map((row) => row.id), [id(5), id(4), id(2)])
        assert.deepEqual(texts(store, 'golf'), ['alpha golf'])
        assert.deepEqual(texts(store, 'echo'), ['alpha echo'])
        assert.equal(texts(store, 'foxtrot').length, 1)
        await settle(store)
      }
    })
  })
}

describe('search, against reading everything', () => {
  it('gives the same answers whatever was said, changed and asked', async () => {
    const letters = fc.constantFrom('a', 'b', 'A', ' ', '가', '나', '茶', 'é', 'e\u0301', '"', '*', '🎉')
    const text = fc.array(letters, { maxLength: 12, size: 'max' }).map((parts) => parts.join(''))
    const step = fc.record({ n: fc.integer({ min: 1, max: 12 }), text, timer: fc.constantFrom(0, 0, 9), remove: fc.integer({ min: 0, max: 4 }), settle: fc.integer({ min: 0, max: 9 }) })
    const store = await openStore({ home: temporaryHome(), unlock: 'key-file', create: true })
    const twin = createMemoryStore()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12, size: 'max' }), fc.array(text, { minLength: 1, maxLength: 8 }), async (steps, queries) => {
        for (const { n, text: said, timer, remove, settle } of steps) {
          const change = remove === 0
            ? { remove: 'message' as const, id: id(n) }
            : { put: 'message' as const, row: messageRow(n, said, { expireAfter: timer, contact: n % 2 ? ALICE : BOB }) }
          await Promise.all([store.commit([change]), twin.commit([change])])
          if (settle === 0) await indexed(store)
        }
        for (const query of queries) {
          for (const page of [{ limit: 100 }, { limit: 2 }, { limit: 3, contact: BOB }]) {
            assert.deepEqual(store.search(query, page).map((row) => row.text), twin.search(query, page).map((row) => row.text))
          }
        }
      }),
      { numRuns: 30 },
    )
    store.close()
  })
})
