/**
 * The scoreboard: every figure beside its peer in the same run and beside what landed last (landed.json), medians, on the machine it runs on. One page on the
 * terminal, latest.json and latest.svg. Arguments name the parts to run (ratchet, net, path, store, channel-store, channel-judge, channel-sync, gossip, mailbox, page,
 * start); none means all. --full adds the store at 1,000,000 messages and entries, and mailboxes at as many blocks; --land keeps the figures as landed. libsignal is
 * measured when bench/peers is installed: npm --prefix bench/peers ci
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { misused } from '../test/support/command.ts'
import type { Figure } from './figure.ts'
import { besideLanded, type Board, drawn, lineOf, type Machine, merged } from './scoreboard.ts'

const PARTS = ['ratchet', 'net', 'path', 'store', 'channel-store', 'channel-judge', 'channel-sync', 'gossip', 'mailbox', 'page', 'start'] as const
const OPTIONS = ['--full', '--land']
const given = process.argv.slice(2)
const asked = given.filter((argument) => !argument.startsWith('--'))
const unknown = given.find((argument) => !PARTS.some((known) => known === argument) && !OPTIONS.includes(argument))
if (unknown !== undefined) misused(`there is no "${unknown}": parts are ${PARTS.join(', ')}; options are ${OPTIONS.join(', ')}`)

const machine: Machine = { node: process.version, cores: cpus().length, processor: cpus()[0]?.model ?? 'unknown' }
const landed = kept('landed.json')
if (landed && JSON.stringify(landed.machine) !== JSON.stringify(machine)) {
  console.log(`What landed was measured elsewhere (${landed.machine.processor}, ${landed.machine.cores} cores, Node ${landed.machine.node}): compare ratios with care.`)
}
for (const part of PARTS) {
  if (asked.length > 0 && !asked.includes(part)) continue
  const { run } = (await import(`./${part}.ts`)) as { run: () => Promise<Figure[]> }
  console.log(`\n${part}`)
  const now: Board = { machine, figures: { [part]: await run() } }
  for (const row of besideLanded(now, landed)) console.log(lineOf(row))
  // After each part: who stops a long run keeps what it measured.
  keep('latest.json', merged(kept('latest.json'), now))
  if (given.includes('--land')) keep('landed.json', merged(kept('landed.json'), now))
}
const latest = kept('latest.json')
if (latest) writeFileSync(fileOf('latest.svg'), drawn(besideLanded(latest, landed), machine))

function kept(name: string): Board | undefined {
  return existsSync(fileOf(name)) ? (JSON.parse(readFileSync(fileOf(name), 'utf8')) as Board) : undefined
}

function keep(name: string, board: Board): void {
  writeFileSync(fileOf(name), `${JSON.stringify(board, undefined, 2)}\n`)
}

function fileOf(name: string): string {
  return path.join(import.meta.dirname, name)
}
