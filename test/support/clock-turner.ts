/** A wrong clock under a real process: Debian's faketime. */
import { spawnSync } from 'node:child_process'

/** The environment that turns a process's clock, `+10y` or `-36h`; undefined where faketime is not installed. Monotonic time stays as it is. */
export function clockTurner(): ((shift: string) => NodeJS.ProcessEnv) | undefined {
  const found = spawnSync('faketime', ['-f', '+0d', 'sh', '-c', 'echo $LD_PRELOAD'], { encoding: 'utf8' })
  const library = found.status === 0 ? found.stdout.trim() : ''
  return library === '' ? undefined : (shift) => ({ LD_PRELOAD: library, FAKETIME: shift, DONT_FAKE_MONOTONIC: '1' })
}
