/** HTTP over a Unix socket that only its user can open. */
import { once } from 'node:events'
import { chmodSync, lstatSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { bindablePath, ConfigError, privateDirectory, socketNote } from '../config.ts'

/** What a request still under way gets when the node stops; the whole stop has 2 s. */
const CLOSE_GRACE_MS = 500

export interface Listening {
  /** where the socket is */
  readonly socketPath: string
  /** Ends what is still under way after a short while. */
  close(): Promise<void>
}

/**
 * @param wanted where the socket is wanted; see `bindablePath` for the place it gets
 * @throws ConfigError when another process listens there already
 */
export async function listenOnSocket(server: Server, wanted: string): Promise<Listening> {
  const path = bindablePath(wanted, process.env)
  privateDirectory(dirname(wanted))
  if (path !== wanted) {
    privateDirectory(dirname(path))
    if (lstatSync(dirname(path)).isSymbolicLink()) throw new ConfigError(`${dirname(path)} is a link`, 'remove it')
    writeFileSync(socketNote(wanted), `${path}\n`, { mode: 0o600 })
  }
  await removeStale(path)
  await listen(server, path)
  return {
    socketPath: path,
    async close() {
      await closeSoon(server)
      if (path !== wanted) rmSync(socketNote(wanted), { force: true })
    },
  }
}

/** Takes nothing new, lets what is under way come to its end, and cuts it when it does not. */
export async function closeSoon(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
  server.close()
  server.closeIdleConnections()
  await once(server, 'close')
  clearTimeout(cut)
}

/** A socket nobody answers on is what a killed node left behind. */
async function removeStale(path: string): Promise<void> {
  const probe = connect(path)
  try {
    await once(probe, 'connect')
  } catch {
    rmSync(path, { force: true })
    return
  } finally {
    probe.destroy()
  }
  throw new ConfigError('Dure is running already on this profile', '`dure status` shows it; another profile needs another --home')
}

async function listen(server: Server, path: string): Promise<void> {
  // the socket is created within the call, readable by nobody else from its first moment
  const mask = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(mask)
  }
  await once(server, 'listening')
  chmodSync(path, 0o600)
}
