#!/usr/bin/env node
// Starts the command line on a Node that can run it. Plain JavaScript for any Node from 20 on: when the one we were
// started with is older than 24.7 (no ML-KEM), the pinned Node of the npm package `node` takes over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const script = fileURLToPath(import.meta.url)
const root = dirname(dirname(script))
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 24 || (major === 24 && minor >= 7)) {
  // compiled code is kept between runs, in a folder nobody else can write to
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dure', 'compiled'))
  const source = join(root, 'src/cli/main.ts')
  const { main } = await import(pathToFileURL(existsSync(source) ? source : join(root, 'dist/src/cli/main.js')).href)
  if (process.channel) {
    // the older Node that started us is gone (kill -9): so are we, as if we had been one process
    process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
    process.channel.unref()
  }
  await main()
} else {
  const node = pinnedNode()
  if (node === undefined) {
    console.error(`dure: error: Node.js ${process.versions.node} is too old, 24.7 or newer is needed`)
    console.error('dure: hint: run `npm start` once in the checkout, it brings its own Node.js; or install Node.js 24')
    process.exit(1)
  }
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) => {
    console.error(`dure: error: ${node} does not start: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function pinnedNode() {
  try {
    const path = join(dirname(module.createRequire(script).resolve('node/package.json')), 'bin/node')
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
