/** Server-sent events out of an answer's text. */

export interface SentEvent {
  /** to come back with; undefined when it has none */
  readonly id: string | undefined
  readonly type: string
  /** JSON */
  readonly data: string
}

/** Ends quietly when the connection does: whoever listens comes back with the last id. */
export async function* sentEvents(text: AsyncIterable<string>): AsyncIterable<SentEvent> {
  let rest = ''
  try {
    for await (const chunk of text) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
        const type = fields.get('event')
        if (type !== undefined) yield { id: fields.get('id'), type, data: fields.get('data') ?? '' }
      }
    }
  } catch {
    // cut off: the same as an end
  }
}
