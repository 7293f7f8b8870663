/**
 * The scoreboard: every figure beside its peer in the same run, medians, on the machine it runs on. One page on the terminal and
 * bench/latest.json. Arguments name the parts to run (ratchet, net, path, store, channel-store, channel-judge, channel-sync, gossip, mailbox, page, start);
 * none means all. --full adds the store at 1,000,000 messages and entries, and mailboxes at as many blocks. libsignal is measured when bench/peers is installed: npm --prefix bench/peers ci
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import type { Figure } from './figure.ts'

const PARTS = ['ratchet', 'net', 'path', 'store', 'channel-store', 'channel-judge', 'channel-sync', 'gossip', 'mailbox', 'page', 'start'] as const
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = asked.find((part) => !PARTS.some((known) => known === part))
if (unknown !== undefined) {
  console.error(`there is no part "${unknown}": ${PARTS.join(', ')}`)
  process.exit(2)
}

const figures: Record<string, Figure[]> = {}
for (const part of PARTS) {
  if (asked.length > 0 && !asked.includes(part)) continue
  const { run } = (await import(`./${part}.ts`)) as { run: () => Promise<Figure[]> }
  console.log(`\n${part}`)
  figures[part] = await run()
  for (const { name, value, unit, note } of figures[part]) {
    console.log(`  ${name.padEnd(64)} ${format(value).padStart(10)} ${unit.padEnd(12)} ${note ?? ''}`)
  }
}
const machine = { node: process.version, cores: cpus().length, processor: cpus()[0]?.model ?? 'unknown' }
writeFileSync(path.join(import.meta.dirname, 'latest.json'), `${JSON.stringify({ machine, figures }, undefined, 2)}\n`)

function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}
