/** What a door keeps with the profile: what was begun to be written, how a page is to look. Nobody else ever sees it. */
import { utf8 } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import { MessengerError } from './errors.ts'

/** A message of the greatest length, half written. */
const MAX_NOTE_BYTES = 64 * 1024

export class Notes {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  read(key: string): string {
    return this.#context.store.setting(name(key)) ?? ''
  }

  /** @throws MessengerError 'too-large' */
  async write(key: string, text: string): Promise<void> {
    if (utf8(text).length > MAX_NOTE_BYTES) throw new MessengerError('too-large', `a draft may have ${MAX_NOTE_BYTES} bytes`)
    if (text !== this.read(key)) await this.#context.store.commit([{ put: 'setting', key: name(key), value: text }])
  }
}

const name = (key: string): string => `note:${key}`
