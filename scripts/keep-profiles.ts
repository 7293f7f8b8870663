/**
 * npm run keep: makes the profiles of this version that every later one has to open, with real nodes, in test/fixtures/profiles/VERSION. Run once for a
 * release; what is there is not made again.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CHANNEL, type Kept, PASSPHRASE, post, posts, PROFILE_FILES, PROFILES, safetyNumber, say, talk } from '../test/fixtures/profiles/kept.ts'
import { argumentsOf, misused } from '../test/support/command.ts'
import { eventually, Home, pairHomes } from '../test/support/processes.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const out = path.join(PROFILES, version)
argumentsOf({})
if (existsSync(out)) misused(`the profiles of ${version} are kept already, and stay as they are`)

const [ann, ben, cat] = [new Home(), new Home(), new Home()]
const unlock = ['--passphrase-file', path.join(cat.directory, 'passphrase')]

async function tell(from: Home, name: string, to: Home, called: string, text: string): Promise<void> {
  await say(from, called, text)
  await eventually(async () => (await talk(to, name)).includes(text))
}

try {
  writeFileSync(unlock[1] ?? '', `${PASSPHRASE}\n`)
  await Promise.all([ann.start('Ann', ...unlock), ben.start('Ben'), cat.start('Cat')])
  await pairHomes(ann, ben, { a: 'Ann', b: 'Ben' })
  await pairHomes(ann, cat, { a: 'Ann', b: 'Cat' })
  await tell(ann, 'Ann', ben, 'Ben', 'hello Ben')
  await tell(ben, 'Ben', ann, 'Ann', '두레에서 만나요')
  await tell(ann, 'Ann', ben, 'Ben', 'see you there')
  await tell(cat, 'Cat', ann, 'Ann', 'and what of me?')
  await ann.client.call('POST /v1/channels', { body: { name: CHANNEL } })
  await post(ann, 'the first bread')
  const { link } = await ann.client.call('GET /v1/channels/{name}/link', { params: { name: CHANNEL } })
  await ben.client.call('POST /v1/follows', { body: { link, private: false, name: CHANNEL } })
  await post(ann, 'the second bread')
  await eventually(async () => (await posts(ben)).length === 2)
  await eventually(async () => (await ann.client.call('GET /v1/status')).waiting === 0 && (await ben.client.call('GET /v1/status')).waiting === 0)

  // What each says while the other is away waits in their profiles.
  await ben.end()
  await say(ann, 'Ben', 'Ben is away')
  const hers = { ann: await talk(ann, 'Ben'), cat: await talk(ann, 'Cat') }
  await ann.end()
  await ben.start('Ben')
  await say(ben, 'Ann', 'Ann is away')
  const kept: Kept = { version, safetyNumber: await safetyNumber(ben, 'Ann'), ...hers, ben: await talk(ben, 'Ann'), posts: await posts(ben) }
  await ben.end()

  for (const [name, home] of [['ann', ann], ['ben', ben]] as const) {
    mkdirSync(path.join(out, name), { recursive: true })
    for (const file of PROFILE_FILES) cpSync(path.join(home.directory, file), path.join(out, name, file))
  }
  writeFileSync(path.join(out, 'kept.json'), `${JSON.stringify(kept, undefined, 2)}\n`)
  console.log(`the profiles of ${version} lie in ${path.relative(process.cwd(), out)}`)
} finally {
  await Promise.all([ann.remove(), ben.remove(), cat.remove()])
}
