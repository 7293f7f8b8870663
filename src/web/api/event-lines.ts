/** Server-sent events out of text that arrives in pieces (HTML Living Standard, 9.2.6). */

export interface Line {
  readonly event: string
  readonly data: string
  readonly id: string | undefined
}

/** @returns what each further piece of the stream completes */
export function createEventReader(): (piece: string) => Line[] {
  let rest = ''
  let [event, id] = ['message', undefined as string | undefined]
  let data: string[] = []

  function line(text: string): Line | undefined {
    if (text === '') {
      const whole = data.length === 0 ? undefined : { event, id, data: data.join('\n') }
      ;[event, id, data] = ['message', undefined, []]
      return whole
    }
    const colon = text.indexOf(':')
    if (colon === 0) return undefined // a heartbeat
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id') id = value
    return undefined
  }

  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    return lines.flatMap((text) => line(text) ?? [])
  }
}
