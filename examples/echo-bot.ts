// Says back what it is told. Run it beside a node: node examples/echo-bot.ts
// It comes through the socket of the profile in $DURE_HOME, or with $DURE_URL and $DURE_TOKEN (read:messages, write:messages).
import { homedir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'dure/client'

const { DURE_HOME, DURE_URL, DURE_TOKEN } = process.env
const home = DURE_HOME ?? join(homedir(), '.local/share/dure')
const dure = connect(DURE_URL && DURE_TOKEN ? { url: DURE_URL, token: DURE_TOKEN } : { socketPath: join(home, 'dure.sock') })

for await (const event of dure.events()) {
  if (event.type !== 'message' || event.message.direction !== 'in' || event.message.kind !== 'text') continue
  const { contact, text, id } = event.message
  // The same id again changes nothing: a bot that was cut off may answer once more.
  const answer = id.replace(/.$/, (digit) => (15 - Number.parseInt(digit, 16)).toString(16))
  await dure.call('POST /v1/contacts/{name}/messages', { params: { name: contact }, body: { text, replyTo: id, id: answer } })
}
