/** The command line of this process. */
import { terminalAsk } from './ask.ts'
import type { AppModule } from './app-port.ts'
import type { Io } from './io.ts'
import { run } from './program.ts'

/** Closing the terminal's window is a Ctrl-C too. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export async function main(): Promise<void> {
  // `dure history Bob | head`: the reader has seen enough
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const io: Io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    ask: terminalAsk(process.stdin, process.stdout),
    now: () => Date.now(),
    onInterrupt(listener) {
      for (const signal of INTERRUPTS) process.on(signal, listener)
      return () => {
        for (const signal of INTERRUPTS) process.off(signal, listener)
      }
    },
    loadApp: async (): Promise<AppModule> => import('../app.ts'),
  }
  const code = await run(process.argv.slice(2), io)
  await new Promise((resolve) => process.stdout.write('', resolve))
  // nothing that a stopped node still holds keeps the person waiting
  process.exit(code)
}
