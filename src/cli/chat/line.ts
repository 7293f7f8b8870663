/** What a line typed into a conversation means. */

/** `back` counts from the end: 1 is the last message. */
export type Line =
  | { readonly kind: 'nothing' | 'quit' | 'help' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reply' | 'edit' | 'react'; readonly back: number; readonly text: string }
  | { readonly kind: 'delete' | 'where'; readonly back: number }
  | { readonly kind: 'wrong'; readonly hint: string }

export const HELP = [
  '/reply TEXT    answer their last message',
  '/react 👍      react to it; /react alone takes it back',
  '/edit TEXT     change your last message',
  '/delete        take your last message back',
  '/where         how far your last message came',
  '/reply ^2 TEXT the one before; so with the others',
  '/quit          leave (or Ctrl-C)',
  '//text         a message that begins with a slash',
]

export function parseLine(line: string): Line {
  if (line.trim() === '') return { kind: 'nothing' }
  if (!line.startsWith('/')) return { kind: 'text', text: line }
  if (line.startsWith('//')) return { kind: 'text', text: line.slice(1) }
  const [, word = '', number, rest = ''] = /^\/(\S*)(?:\s+\^(\d{1,3})(?=\s|$))?\s*([^]*)$/.exec(line) ?? []
  const back = Math.max(1, Number(number ?? 1))
  const text = rest.trim()
  switch (word) {
    case 'quit':
    case 'q':
      return { kind: 'quit' }
    case 'help':
    case '?':
      return { kind: 'help' }
    case 'delete':
    case 'where':
      return { kind: word, back }
    case 'react':
      return { kind: 'react', back, text }
    case 'reply':
    case 'edit':
      return text === '' ? { kind: 'wrong', hint: `/${word} needs the text after it` } : { kind: word, back, text }
    default:
      return { kind: 'wrong', hint: `there is no /${word}; /help lists what there is` }
  }
}
