// Makes a fresh clone ready to run: installs what the lockfile says when it is not installed yet, and is instant
// otherwise. Plain JavaScript for any Node from 20 on: it runs before the pinned Node is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = process.env.DURE_SETUP_ROOT ?? dirname(dirname(fileURLToPath(import.meta.url)))
const lockfile = join(root, 'package-lock.json')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.dure-lock')

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

function fail(message, hint) {
  console.error(`dure: error: ${message}\ndure: hint: ${hint}`)
  process.exit(1)
}

/** npm's own record of what it installed says the same as the lockfile, for everything but other platforms' packages. */
function alreadyInstalled(lock) {
  const record = read(join(modules, '.package-lock.json'))
  if (record === undefined) return false
  const wanted = JSON.parse(lock).packages
  const found = JSON.parse(record).packages
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    if (found[path] === undefined ? !entry.optional : found[path].version !== entry.version) return false
  }
  return Object.keys(found).every((path) => path in wanted)
}

function npm(...args) {
  // the npm that started us, so that no other one on the PATH takes its place
  const cli = process.env.npm_execpath
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []]
  return spawnSync(command, [...first, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

const lock = read(lockfile)
if (lock === undefined) fail('package-lock.json is missing', 'run this in a checkout of Dure')
const hash = createHash('sha256').update(lock).digest('hex')

if (read(stamp) !== hash) {
  if (!alreadyInstalled(lock)) {
    console.error('Setting up Dure (once)...')
    if (!npm('ci', '--no-audit', '--no-fund', '--loglevel=error')) {
      fail('npm could not install the dependencies', 'see the lines above; is this machine online?')
    }
  }
  // `ignore-scripts` in someone's npm settings also stops the one script we need, the one that fetches Node 24
  if (!existsSync(join(modules, 'node/bin/node')) && !npm('rebuild', 'node', '--ignore-scripts=false', '--loglevel=error')) {
    fail('the pinned Node.js could not be installed', 'see the lines above; is this machine online?')
  }
  writeFileSync(stamp, hash)
}
