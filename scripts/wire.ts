/**
 * Turns every protocols/<room>/wire.proto into wire.js and wire.d.ts beside it. protons writes TypeScript with enums and
 * namespaces, which Node's type stripping refuses, so the TypeScript compiler takes it the rest of the way.
 * `node scripts/wire.ts --check` writes nothing and exits 1 when a generated file is not what its schema gives.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from 'protons'
import ts from 'typescript'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const PROTOCOLS = join(ROOT, 'protocols')
const HEADER = '// generated from wire.proto by `npm run wire`; not edited by hand\n'

/** What `generated` makes of one schema: file names beside it and their text. */
type Files = Map<string, string>

/** The room folders that have a schema. */
function schemas(): string[] {
  return readdirSync(PROTOCOLS)
    .map((room) => join(PROTOCOLS, room, 'wire.proto'))
    .filter((path) => existsSync(path))
    .sort()
}

/** @throws Error protons or the compiler refuses the schema */
async function generated(schema: string): Promise<Files> {
  const cache = join(ROOT, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'wire-')) // below node_modules, so that the compiler finds what protons imports
  try {
    await generate(schema, { output: folder, strict: true, path: [] })
    return compiled(join(folder, 'wire.ts'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function compiled(source: string): Files {
  const program = ts.createProgram([source], {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    declaration: true,
    strict: true,
    skipLibCheck: true,
    types: [],
  })
  const diagnostics = ts.getPreEmitDiagnostics(program)
  if (diagnostics.length > 0) {
    throw new Error(ts.formatDiagnostics(diagnostics, { getCanonicalFileName: (name) => name, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' }))
  }
  const files: Files = new Map()
  // The declarations ask for bytes over an ArrayBuffer where the code takes any.
  program.emit(undefined, (path, text) => files.set(basename(path), HEADER + text.replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array')))
  return files
}

/** The generated files that are missing or differ from what their schemas give, as paths below the project. */
export async function outdated(): Promise<string[]> {
  const paths: string[] = []
  for (const schema of schemas()) {
    for (const [name, text] of await generated(schema)) {
      const path = join(dirname(schema), name)
      if (!existsSync(path) || readFileSync(path, 'utf8') !== text) paths.push(relative(ROOT, path))
    }
  }
  return paths
}

async function write(): Promise<void> {
  for (const schema of schemas()) {
    for (const [name, text] of await generated(schema)) writeFileSync(join(dirname(schema), name), text)
    console.log(relative(ROOT, schema))
  }
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const paths = await outdated()
    for (const path of paths) console.error(`${path} is not what its schema gives: npm run wire`)
    if (paths.length > 0) process.exitCode = 1
  } else {
    await write()
  }
}
