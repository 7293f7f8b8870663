/** Opens an address in the person's browser, where there is one: a terminal of a desktop, not a server. */
import { spawn } from 'node:child_process'
import type { Io } from './io.ts'

const OPENER: Partial<Record<NodeJS.Platform, string>> = { linux: 'xdg-open', darwin: 'open' }

/** @returns whether a browser was asked; whether it came, nobody tells */
export function openInBrowser({ stdin, stdout, env }: Io, address: string): boolean {
  const opener = OPENER[process.platform]
  const desktop = process.platform === 'darwin' || Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY)
  if (opener === undefined || !desktop || env.SSH_CONNECTION !== undefined || stdin.isTTY !== true || stdout.isTTY !== true) return false
  const child = spawn(opener, [address], { detached: true, stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
  return true
}
