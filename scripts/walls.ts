/** Holds every import against the arrows of ARCHITECTURE.md ("Imports go one way"). Prints each crossing and exits 1. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.join(import.meta.dirname, '..')

/** A room and what it may import: other rooms, and packages by name. Its own files are always allowed. */
interface Wall {
  readonly room: string
  readonly rooms: readonly string[]
  readonly packages: readonly RegExp[]
  /** rooms of which only types: nothing of them may run here */
  readonly typesOf?: readonly string[]
}

const NODE = /^node:/
const NOBLE = /^@(noble|scure)\//
const WALLS: readonly Wall[] = [
  { room: 'protocols/suite', rooms: [], packages: [/^@noble\//] },
  { room: 'protocols/identity', rooms: ['protocols/suite'], packages: [/^@scure\/(bip39|base)/] },
  { room: 'protocols/envelope', rooms: ['protocols/suite'], packages: [] },
  { room: 'protocols/content', rooms: ['protocols/suite'], packages: [/^protons-runtime$/, /^uint8arraylist$/, /^uint8arrays\/alloc$/] },
  { room: 'protocols/ratchet', rooms: ['protocols/suite'], packages: [] },
  { room: 'protocols/lookalike', rooms: ['protocols/suite'], packages: [] },
  { room: 'protocols/handshake', rooms: ['protocols/suite', 'protocols/identity'], packages: [] },
  { room: 'protocols/pairing', rooms: ['protocols/suite', 'protocols/identity', 'protocols/handshake'], packages: [/^@scure\/base$/] },
  {
    room: 'protocols/session',
    rooms: ['protocols/suite', 'protocols/identity', 'protocols/handshake', 'protocols/ratchet', 'protocols/envelope'],
    packages: [],
  },
  { room: 'protocols/channel', rooms: ['protocols/suite', 'protocols/identity', 'protocols/pairing'], packages: [/^@scure\/base$/] },
  { room: 'protocols/mailbox', rooms: ['protocols/suite', 'protocols/identity'], packages: [] },
  // the protocols on stdin and stdout, for implementations in other languages: whatever else it knew could make it right where a room is wrong
  { room: 'interop', rooms: ['protocols'], packages: [NODE] },
  { room: 'src/messenger', rooms: ['protocols'], packages: [/^@scure\/base$/] },
  { room: 'src/press', rooms: ['src/messenger/channels/views.ts'], packages: [] },
  { room: 'src/domains', rooms: ['src/messenger/channels/ports.ts'], packages: [NODE] },
  { room: 'src/crypto', rooms: ['protocols/suite'], packages: [NODE, NOBLE, /^libsodium/] },
  { room: 'src/store', rooms: ['protocols/suite', 'src/messenger/ports.ts', 'src/messenger/channels/ports.ts', 'src/messenger/mailboxes/ports.ts'], packages: [NODE, /^better-sqlite3-multiple-ciphers$/, /^fs-ext/] },
  { room: 'src/net', rooms: ['protocols/suite', 'protocols/channel', 'protocols/mailbox', 'src/messenger/ports.ts', 'src/messenger/channels/ports.ts', 'src/messenger/mailboxes/ports.ts'], packages: [NODE, /libp2p/, /^@?multiformats(\/|$)/, /^it-pipe$/, NOBLE, /^uint8arraylist$/] },
  { room: 'src/qr', rooms: [], packages: [NODE, /^qr$/, /^zxing-wasm/, /^@jsquash\//, /^jpeg-js$/, /^pngjs$/, /^sharp$/] },
  {
    room: 'src/api',
    // lookalike: what a website hands over is shown with the host it leads to
    rooms: ['protocols/suite', 'protocols/lookalike', 'src/messenger/messenger.ts', 'src/messenger/views.ts', 'src/messenger/errors.ts', 'src/messenger/context.ts', 'src/messenger/channels/views.ts', 'src/config.ts'],
    packages: [NODE, /^fastify$/],
  },
  { room: 'src/cli', rooms: ['src/messenger/views.ts', 'src/messenger/channels/views.ts', 'src/messenger/messenger.ts', 'src/press', 'src/qr', 'src/api/index.ts', 'src/client', 'src/app.ts', 'src/relay', 'src/config.ts'], packages: [/./] },
  {
    room: 'src/relay',
    // Of the messenger what holds and hands on channels, and nothing that knows a person.
    rooms: [
      'protocols/suite', 'protocols/pairing', 'protocols/mailbox', 'protocols/channel', 'src/crypto', 'src/net', 'src/store', 'src/api', 'src/config.ts', 'src/listening.ts', 'src/clock.ts',
      ...['replica', 'context', 'link', 'standing', 'shelf', 'ports'].map((file) => `src/messenger/channels/${file}.ts`), 'src/messenger/context.ts', 'src/messenger/errors.ts',
    ],
    packages: [NODE, /^fastify$/, /^pino$/, /^pg$/],
  },
  { room: 'src/client', rooms: [], packages: [NODE] },
  // a browser runs it: of the house it knows the shapes of what the api answers, and what of the press needs no Node
  { room: 'src/web', rooms: ['src/press/calendar.ts', 'src/press/poster.ts'], typesOf: ['src/messenger/views.ts', 'src/messenger/channels/views.ts'], packages: [/^svelte(\/|$)/, /^qr(\/|$)/] },
  { room: 'src/config.ts', rooms: [], packages: [NODE] },
  { room: 'src/clock.ts', rooms: ['src/messenger/ports.ts'], packages: [] },
  { room: 'src/listening.ts', rooms: ['src/messenger/ports.ts', 'src/net', 'src/config.ts'], packages: [NODE] },
  {
    room: 'src/app.ts',
    rooms: ['protocols', 'src'],
    packages: [NODE, /^pino$/],
  },
]
/** Nobody but the command line composes the app. */
const ONLY_IMPORTED_BY: Readonly<Record<string, readonly string[]>> = { 'src/app.ts': ['src/cli'], 'src/relay': ['src/cli'] }

const inRoom = (file: string, room: string): boolean => file === room || file.startsWith(`${room}/`)

function sources(dir: string): string[] {
  return readdirSync(path.join(ROOT, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.(ts|js|svelte)$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
}

const IMPORT = /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm

const crossings: string[] = []
let arrows = 0
for (const file of [...sources('protocols'), ...sources('src'), ...sources('interop')]) {
  const wall = WALLS.find((each) => inRoom(file, each.room))
  if (!wall) {
    crossings.push(`${file}: stands in no room; name it in scripts/walls.ts and ARCHITECTURE.md`)
    continue
  }
  for (const match of readFileSync(path.join(ROOT, file), 'utf8').matchAll(IMPORT)) {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    arrows++
    if (!target.startsWith('.')) {
      if (!wall.packages.some((allowed) => allowed.test(target))) crossings.push(`${file}: ${wall.room} may not import the package ${target}`)
      continue
    }
    const resolved = path.relative(ROOT, path.resolve(ROOT, path.dirname(file), target))
    if (inRoom(resolved, wall.room)) continue
    const typesOf = wall.typesOf?.some((allowed) => inRoom(resolved, allowed)) ?? false
    if (!typesOf && !wall.rooms.some((allowed) => inRoom(resolved, allowed))) crossings.push(`${file}: ${wall.room} may not import ${resolved}`)
    if (typesOf && !/^\s*import type\b/.test(match[0])) crossings.push(`${file}: ${wall.room} may import only types of ${resolved}`)
    const only = Object.entries(ONLY_IMPORTED_BY).find(([room]) => inRoom(resolved, room))
    if (only && !only[1].some((allowed) => inRoom(file, allowed))) crossings.push(`${file}: only ${only[1].join(', ')} imports ${only[0]}`)
  }
}

for (const crossing of crossings) console.error(crossing)
console.log(`walls: ${arrows} imports, ${crossings.length} crossings`)
process.exitCode = crossings.length > 0 ? 1 : 0
