/** The profiles that each released version left behind (`npm run keep`), and this version. */
import assert from 'node:assert/strict'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openDatabase } from '../../src/store/database.ts'
import { type Kept, PASSPHRASE, post, posts, PROFILE_FILES, PROFILES, safetyNumber, say, talk } from '../fixtures/profiles/kept.ts'
import { eventually, Home } from '../support/processes.ts'

const VERSIONS = readdirSync(PROFILES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name)

/** A home with a copy of a kept profile. */
function homeOf(version: string, name: 'ann' | 'ben'): Home {
  const directory = mkdtempSync(path.join(tmpdir(), 'dure-'))
  for (const file of PROFILE_FILES) {
    cpSync(path.join(PROFILES, version, name, file), path.join(directory, file))
    chmodSync(path.join(directory, file), 0o600) // as no checkout keeps it
  }
  return new Home({}, [], directory)
}

describe('the profiles of earlier versions', function () {
  this.timeout(300_000)

  for (const version of VERSIONS) {
    it(`of ${version} are opened with all that is in them, and go on talking, both ways (attack 104)`, async () => {
      const kept = JSON.parse(readFileSync(path.join(PROFILES, version, 'kept.json'), 'utf8')) as Kept
      const [ann, ben] = [homeOf(version, 'ann'), homeOf(version, 'ben')]
      const passphrase = path.join(ann.directory, 'passphrase')
      writeFileSync(passphrase, `${PASSPHRASE}\n`)
      try {
        await ben.start('Ben')
        assert.deepEqual(await talk(ben, 'Ann'), kept.ben)
        assert.deepEqual(await posts(ben), kept.posts)
        assert.equal(await safetyNumber(ben, 'Ann'), kept.safetyNumber)
        await ann.start('Ann', '--passphrase-file', passphrase)
        assert.deepEqual(await talk(ann, 'Cat'), kept.cat)
        assert.deepEqual(await posts(ann), kept.posts)
        assert.equal(await safetyNumber(ann, 'Ben'), kept.safetyNumber)
        // What was on its way when they were kept arrives, and what is said now after it.
        const expected = [...new Set([...kept.ann, ...kept.ben])]
        for (let n = 0; n < 3; n++) {
          const [fromAnn, fromBen] = [`from an old Ann ${n}`, `from an old Ben ${n}`]
          await say(ann, 'Ben', fromAnn)
          await eventually(async () => (await talk(ben, 'Ann')).includes(fromAnn))
          await say(ben, 'Ann', fromBen)
          await eventually(async () => (await talk(ann, 'Ben')).includes(fromBen))
          expected.push(fromAnn, fromBen)
        }
        for (const [home, name] of [[ann, 'Ben'], [ben, 'Ann']] as const) assert.deepEqual((await talk(home, name)).toSorted(), expected.toSorted())
        await post(ann, 'bread of today')
        await eventually(async () => (await posts(ben)).includes('bread of today'))
        assert.deepEqual(await posts(ben), [...kept.posts, 'bread of today'])
        await eventually(async () => (await ann.client.call('GET /v1/status')).waiting === 0 && (await ben.client.call('GET /v1/status')).waiting === 0)
      } finally {
        await Promise.all([ann.remove(), ben.remove()])
      }
    })
  }

  it('of a later version are refused in clear words, and not a byte of them is touched (attack 104)', async () => {
    const ben = homeOf(VERSIONS.at(-1) ?? '', 'ben')
    try {
      const { key } = JSON.parse(readFileSync(path.join(ben.directory, 'key.json'), 'utf8')) as { key: string }
      const later = openDatabase(path.join(ben.directory, 'dure.db'), Buffer.from(key, 'hex'))
      later.pragma('user_version = 999')
      later.close()
      const files = (): string[] => PROFILE_FILES.map((file) => `${file} ${statSync(path.join(ben.directory, file)).mtimeMs} ${readFileSync(path.join(ben.directory, file), 'hex')}`)
      const before = files()
      const { code, stderr } = await ben.dure('start', '--no-page', '--network', 'private')
      assert.equal(code, 1)
      assert.match(stderr, /^dure: error: a newer version of Dure wrote this profile \(schema 999, this one knows \d+\)\ndure: hint: update Dure$/m)
      assert.deepEqual(files(), before)
    } finally {
      await ben.remove()
    }
  })
})
