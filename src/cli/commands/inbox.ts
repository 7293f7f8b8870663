import type { InboxRow } from '../../messenger/views.ts'
import { examples, type Register } from '../command.ts'
import { inertJson, inertName } from '../inert.ts'
import { channelLine } from '../posts.ts'
import { widthOf } from '../text.ts'
import { contactLine } from './contacts.ts'

export const inbox: Register = (program, run) => {
  program
    .command('inbox')
    .summary('people and channels, what is new first')
    .description('Lists conversations and channels side by side, each with its own unread count; the one with the newest word first.')
    .addHelpText('after', examples('inbox', 'inbox --json'))
    .action(
      run(async (context) => {
        const { api, io, json, style } = context
        const rows = await api.get<InboxRow[]>('/v1/inbox')
        if (json) for (const row of rows) io.stdout.write(`${inertJson(row)}\n`)
        else if (rows.length === 0) context.tell(`Nothing is here yet. ${context.dure('invite')} or ${context.dure('channel follow LINK')}`)
        else {
          const columns = io.stdout.columns ?? 80
          const room = Math.min(24, Math.max(...rows.map((row) => widthOf(inertName(nameOf(row))))))
          for (const row of rows) context.tell(row.kind === 'person' ? contactLine(row.contact, columns, room, style) : channelLine(row.channel, columns, room, style))
        }
      }),
    )
}

const nameOf = (row: InboxRow): string => (row.kind === 'person' ? row.contact.name : row.channel.name)
