/** A real small file system (tmpfs), which can be filled to its last byte. */
import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, mkdtempSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'

const BLOCK = 4_096

const mounted = new Set<string>()
// Lazily: processes that use it may not be gone yet.
process.on('exit', () => {
  for (const folder of mounted) execFileSync('umount', ['--lazy', folder])
})

export interface SmallDisk {
  fill(): void
  free(): void
  remove(): void
  /** as `remove`, and what it held lies in the folder itself */
  keep(): void
}

/** Over a folder that is there; undefined where this system allows none. */
export function smallDisk(folder: string, megabytes: number): SmallDisk | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'none', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  mounted.add(folder)
  const remove = (): void => {
    execFileSync('umount', [folder])
    mounted.delete(folder)
  }
  const filler = path.join(folder, 'filler')
  return {
    fill() {
      const file = openSync(filler, 'w')
      try {
        for (;;) writeSync(file, Buffer.alloc(BLOCK))
      } catch {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove,
    keep() {
      const copy = mkdtempSync(`${folder}-`)
      cpSync(folder, copy, { recursive: true, filter: (file) => !statSync(file).isSocket() })
      remove()
      renameSync(copy, folder)
    },
  }
}
