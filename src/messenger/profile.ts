/** What others see of us, and the settings that go with it. */
import { MAX_NAME_BYTES, MAX_PICTURE_BYTES } from '../../protocols/content/index.ts'
import { utf8 } from '../../protocols/suite/index.ts'
import { commit, type Context, newStep, type Step } from './context.ts'
import { MessengerError } from './errors.ts'
import type { Outgoing } from './outgoing.ts'
import type { Self } from './self.ts'

const READ_RECEIPTS = 'readReceipts'
/** How often the end of our device list is looked at: who wakes up after its end has one nobody accepts for so long at the most. */
const LOOK_AGAIN_MS = 3600_000

export class Profile {
  readonly #context: Context
  readonly #self: Self
  readonly #outgoing: Outgoing
  /** Others are still handed the one before. */
  readonly #listRenewed: (step: Step) => void
  #cancel: (() => void) | undefined

  constructor(context: Context, parts: { self: Self; outgoing: Outgoing; listRenewed: (step: Step) => void }) {
    this.#context = context
    this.#self = parts.self
    this.#outgoing = parts.outgoing
    this.#listRenewed = parts.listRenewed
  }

  /** A process may run for years, which is longer than a list lasts. */
  async start(): Promise<void> {
    await this.renewDeviceList()
    this.#lookAgain()
  }

  stop(): void {
    this.#cancel?.()
  }

  #lookAgain(): void {
    this.#cancel = this.#context.clock.after(LOOK_AGAIN_MS, () => {
      this.#lookAgain()
      this.renewDeviceList().catch(() => this.#context.log.warn('the device list was not renewed; tried again later'))
    })
  }

  get readReceipts(): boolean {
    return this.#context.store.setting(READ_RECEIPTS) !== 'off'
  }

  async setReadReceipts(on: boolean): Promise<void> {
    await this.#context.store.commit([{ put: 'setting', key: READ_RECEIPTS, value: on ? 'on' : 'off' }])
  }

  async rename(name: string): Promise<void> {
    await this.#change({ name: checkedName(name) })
  }

  async setPicture(picture: Uint8Array | undefined): Promise<void> {
    if (picture && picture.length > MAX_PICTURE_BYTES) {
      throw new MessengerError('too-large', `the picture is ${picture.length} bytes; ${MAX_PICTURE_BYTES} is the most`, 'make it smaller first')
    }
    await this.#change({ picture })
  }

  /** Signs our device list anew when its end comes near, and shows it to everybody. */
  async renewDeviceList(): Promise<void> {
    const change = this.#self.renewedList()
    if (!change) return
    const step = newStep()
    step.changes.push(change)
    this.#outgoing.sayToAll(step, { kind: 'deviceList', bytes: this.#self.list.bytes })
    this.#listRenewed(step)
    await commit(this.#context, step)
  }

  async #change(changed: { name?: string; picture?: Uint8Array | undefined }): Promise<void> {
    const step = newStep()
    step.changes.push(this.#self.update(changed))
    this.#outgoing.sayToAll(step, {
      kind: 'profile',
      name: this.#self.name,
      ...(this.#self.picture && { picture: this.#self.picture }),
    })
    await commit(this.#context, step)
  }
}

/** A name for a person, ours or theirs. @throws MessengerError */
export function checkedName(name: string): string {
  const trimmed = name.normalize('NFC').trim()
  if (trimmed === '') throw new MessengerError('bad-input', 'a name cannot be empty')
  if (!trimmed.isWellFormed() || /\p{Cc}/u.test(trimmed)) throw new MessengerError('bad-input', 'a name is one line of text')
  if (utf8(trimmed).length > MAX_NAME_BYTES) throw new MessengerError('too-large', `a name is ${MAX_NAME_BYTES} bytes at the most`)
  return trimmed
}
