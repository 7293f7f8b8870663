/** A disk that fails on demand under a real process: libfiu (Debian's fiu-utils) stands between it and the C library. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

export type Errno = 'EIO' | 'EMFILE' | 'ENOSPC'
/** fsync and fdatasync; writes at a place in a file, as the database makes them; opening a file. */
export type Call = 'sync/*' | 'rw/pwrite' | 'oc/open'

export interface FailingDisk {
  /** What the process needs in its environment. */
  readonly environment: NodeJS.ProcessEnv
  /** The same, failing from the start. */
  failing(call: Call, errno: Errno): NodeJS.ProcessEnv
  /** @param oneIn of so many calls one fails; 1: each */
  fail(pid: number | undefined, call: Call, errno: Errno, oneIn?: number): Promise<void>
  heal(pid: number | undefined, call: Call): Promise<void>
  remove(): void
}

/** Undefined where libfiu is not installed. */
export function failingDisk(): FailingDisk | undefined {
  const found = spawnSync('fiu-run', ['-x', '-f', '', 'sh', '-c', 'echo $LD_PRELOAD'], { encoding: 'utf8' })
  const library = found.status === 0 ? found.stdout.trim() : ''
  if (library === '') return undefined
  const directory = mkdtempSync(path.join(tmpdir(), 'dure-fiu-'))
  const pipes = path.join(directory, 'pipe')
  const enable = (call: Call, errno: Errno, oneIn = 1): string =>
    `${oneIn === 1 ? 'enable' : 'enable_random'} name=posix/io/${call},failinfo=${constants.errno[errno]}${oneIn === 1 ? '' : `,probability=${1 / oneIn}`}`
  // One that is gone meanwhile answers nothing.
  const control = async (pid: number | undefined, command: string): Promise<void> => {
    await promisify(execFile)('fiu-ctrl', ['-f', pipes, '-c', command, String(pid)], { timeout: 10_000 })
  }
  return {
    environment: { LD_PRELOAD: library, FIU_CTRL_FIFO: pipes },
    failing: (call, errno) => ({ LD_PRELOAD: library, FIU_ENABLE: enable(call, errno) }),
    fail: (pid, call, errno, oneIn) => control(pid, enable(call, errno, oneIn)),
    heal: (pid, call) => control(pid, `disable name=posix/io/${call}`),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
