/**
 * Writes every protocols room's vectors.json from its generator in scripts/vectors; with --check only compares. A
 * generator `room-part.ts` writes vectors-part.json of that room.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')
const check = process.argv.includes('--check')
let stale = 0

for (const file of readdirSync(path.join(ROOT, 'scripts/vectors')).sort()) {
  const [room = '', part] = path.basename(file, '.ts').split('-')
  const name = part === undefined ? 'vectors.json' : `vectors-${part}.json`
  const { vectors } = (await import(path.join(ROOT, 'scripts/vectors', file))) as { vectors: () => unknown }
  const text = `${JSON.stringify(vectors(), null, 2)}\n`
  const target = path.join(ROOT, 'protocols', room, name)
  if (!check) writeFileSync(target, text)
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`protocols/${room}/${name} is not what scripts/vectors/${file} makes; npm run vectors`)
    stale++
  }
}
process.exitCode = stale > 0 ? 1 : 0
