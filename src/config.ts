/** Where a profile lives on this machine. Used by both ends of the local socket. */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'

/** How the database of a profile is opened. */
export type Unlock = { readonly passphrase: string } | 'key-file'

/** `sockaddr_un.sun_path` holds 104 bytes on macOS and 108 on Linux, the closing zero included. */
const MAX_SOCKET_PATH_BYTES = 103

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

type Env = Readonly<Record<string, string | undefined>>

/** The folder of a profile: the one asked for, or `dure` in the user's data folder (XDG Base Directory). */
export function homeDirectory(asked: string | undefined, env: Env): string {
  if (asked !== undefined) return resolve(asked)
  const data = env.XDG_DATA_HOME
  // the specification: a relative path is to be ignored
  return join(data?.startsWith('/') ? data : join(env.HOME || homedir(), '.local/share'), 'dure')
}

/** The folder of a relay: the one asked for, or one beside the person's. */
export function relayDirectory(asked: string | undefined, env: Env): string {
  return asked === undefined ? `${homeDirectory(undefined, env)}-relay` : resolve(asked)
}

export const socketIn = (home: string): string => join(home, 'dure.sock')

/** Where the built page lies: in `dist/web`, whether this runs from a checkout or from `dist` itself. */
export function pageDirectory(): string {
  const here = import.meta.dirname
  return basename(dirname(here)) === 'dist' ? join(dirname(here), 'web') : join(dirname(here), 'dist/web')
}

/** Beside the socket's place, where it is when the path is too long to bind. */
export const socketNote = (socketPath: string): string => `${socketPath}.path`

/** A path the kernel accepts for this socket: itself, or a short one in the user's runtime folder. */
export function bindablePath(socketPath: string, env: Env): string {
  if (Buffer.byteLength(socketPath) <= MAX_SOCKET_PATH_BYTES) return socketPath
  const name = `${createHash('sha256').update(socketPath).digest('hex').slice(0, 16)}.sock`
  const short = join(env.XDG_RUNTIME_DIR || tmpdir(), `dure-${process.getuid?.() ?? 'user'}`, name)
  if (Buffer.byteLength(short) <= MAX_SOCKET_PATH_BYTES) return short
  throw new ConfigError('the path of the profile is too long for a socket', 'choose a shorter --home or XDG_RUNTIME_DIR')
}

/** Where a client finds the socket of a running node. */
export function connectPath(home: string): string {
  const wanted = socketIn(home)
  if (Buffer.byteLength(wanted) <= MAX_SOCKET_PATH_BYTES) return wanted
  try {
    return readFileSync(socketNote(wanted), 'utf8').trim()
  } catch {
    return wanted
  }
}

/** Makes the folder, for this user alone. One that belongs to others, or that everybody shares, is refused. */
export function privateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = statSync(path)
  const foreign = process.getuid !== undefined && found.uid !== process.getuid()
  const shared = (found.mode & 0o1000) !== 0
  if (!found.isDirectory() || foreign || shared) {
    throw new ConfigError(`${path} is not a folder of yours alone`, `choose another one, for example ${join(dirname(path), 'dure-home')}`)
  }
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700)
}
