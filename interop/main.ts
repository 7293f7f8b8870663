/** The interop door: JSON lines on stdin, an answer to each on stdout, in order. protocols/README.md says what it understands. */
import { once } from 'node:events'
import { createDoor } from './door.ts'
import { lines } from './lines.ts'

process.stdout.on('error', () => process.exit(0)) // whoever asked has gone

const answer = createDoor()
for await (const line of lines(process.stdin)) {
  if (!process.stdout.write(`${answer(line)}\n`)) await once(process.stdout, 'drain')
}
