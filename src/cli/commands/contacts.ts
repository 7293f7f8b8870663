import type { ContactView } from '../../messenger/views.ts'
import { path } from '../client.ts'
import { type Context, examples, type Register, shellWord } from '../command.ts'
import { inertJson, inertName, isolated } from '../inert.ts'
import { fit, padEnd, widthOf } from '../text.ts'
import { bodyOf, likenessLines, SAY_THE_CODE, span, type Style } from '../words.ts'

export const contacts: Register = (program, run) => {
  program
    .command('contacts')
    .summary('the people you know')
    .argument('[name]', 'one contact, with devices and settings')
    .description('Lists your contacts: who is online, who is verified, what is unread, what was said last.')
    .addHelpText('after', examples('contacts', 'contacts Bob', 'contacts --json'))
    .action(
      run<[string | undefined]>(async (context, [name]) => {
        if (name !== undefined) {
          context.answer(await context.api.get<ContactView>(path`/v1/contacts/${name}`), (contact) => detail(contact, context))
          return
        }
        const all = await context.api.get<ContactView[]>('/v1/contacts')
        if (context.json) for (const contact of all) context.io.stdout.write(`${inertJson(contact)}\n`)
        else context.tell(all.length === 0 ? `You have no contacts yet. Make one: ${context.dure('invite')}` : table(all, context))
      }),
    )
}

const STATES: Record<ContactView['state'], string> = {
  asked: 'has not answered yet',
  asking: 'waits for your answer',
  accepted: '',
  refused: 'refused',
  blocked: 'blocked',
}

function table(all: readonly ContactView[], context: Context): string {
  const { style, io } = context
  const columns = io.stdout.columns ?? 80
  const room = Math.min(24, Math.max(...all.map((contact) => widthOf(inertName(contact.name)))))
  return all.flatMap((contact) => [contactLine(contact, columns, room, style), ...warnings(contact, context)]).join('\n')
}

/** One line of a list: online or not, name, what is new, what was said last. */
export function contactLine(contact: ContactView, columns: number, nameColumns: number, style: Style): string {
  const name = padEnd(fit(inertName(contact.name), nameColumns), nameColumns)
  const facts = [
    STATES[contact.state],
    contact.verified ? 'verified' : '',
    contact.unread === 0 ? '' : `${contact.unread} new`,
  ].filter((fact) => fact !== '')
  const last = contact.last === undefined ? '' : bodyOf(contact.last).replace(/\n/g, ' ')
  const dot = contact.online ? '●' : '○'
  const left = columns - widthOf(`${dot} ${name}  ${facts.join(', ')}`) - 2
  const said = left < 8 || last === '' ? '' : `  ${style('dim', isolated(fit(last, left)))}`
  return `${style(contact.online ? 'green' : 'dim', dot)} ${style('bold', isolated(name))}  ${style('cyan', facts.join(', '))}${said}`.trimEnd()
}

function warnings(contact: ContactView, { style, dure }: Context): string[] {
  const check = contact.state === 'accepted' ? dure(`verify ${shellWord(inertName(contact.name))}`) : SAY_THE_CODE
  return likenessLines(contact, style, check).map((line) => `  ${line}`)
}

function detail(contact: ContactView, context: Context): string {
  const { style, dure } = context
  const rows: [string, string][] = [
    ['calls itself', isolated(inertName(contact.profileName))],
    ['state', STATES[contact.state] || (contact.online ? 'online' : 'offline')],
    ['verified', contact.verified ? 'yes' : `no · ${dure(`verify ${shellWord(inertName(contact.name))}`)}`],
    ['fingerprint', contact.fingerprint],
    ['unread', `${contact.unread}`],
    ['disappearing', contact.timer === 0 ? 'off' : `after ${span(contact.timer)}`],
    ...contact.devices.flatMap((device): [string, string][] => [
      ['device', isolated(inertName(device.name))],
      ...device.addresses.map((address): [string, string] => ['', address]),
    ]),
  ]
  const facts = rows.map(([label, value]) => `  ${style('dim', label.padEnd(12))}  ${value}`)
  return [style('bold', isolated(inertName(contact.name))), ...warnings(contact, context), ...facts].join('\n')
}
