import { examples, type Register } from '../command.ts'

export const chat: Register = (program, run) => {
  program
    .command('chat')
    .summary('talk')
    .argument('<name>')
    .description(
      'Opens a conversation. Enter sends, Alt-Enter begins a new line, PgUp shows what was said before, /help lists the commands, Ctrl-C leaves. Marks: … queued, ⇡ with a mailbox, ✓ sent, ✓✓ delivered, ✓✓ in colour (or the word) read.',
    )
    .addHelpText('after', examples('chat Bob', 'chat Bob < lines.txt'))
    .action(
      run<[string]>(async (context, [name]) => {
        const { io, json } = context
        if (io.stdin.isTTY && io.stdout.isTTY && !json) await (await import('../chat/terminal.ts')).terminalChat(context, name)
        else await (await import('../chat/lines.ts')).linesChat(context, name)
      }),
    )
}
