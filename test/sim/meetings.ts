/** People of the village who do not know each other yet: one makes a link, another reads it, the first says yes. And what must come of it. */
import assert from 'node:assert/strict'
import type { Name } from './events.ts'
import type { Village } from './village.ts'

export class Meetings {
  readonly #village: Village
  /** the newest of each */
  readonly #links = new Map<Name, string>()
  /** who read whose link, or tried to */
  readonly #begun = new Map<string, readonly [Name, Name]>()

  constructor(village: Village) {
    this.#village = village
  }

  /** How far it comes is up to the roads, as with all that follows. */
  invite(who: Name): void {
    void this.#village.ask(who, ({ messenger }) => messenger.invite({ inPerson: false })).then((made) => {
      if (made) this.#links.set(who, made.link)
    })
  }

  pair(who: Name, to: Name): void {
    const link = this.#links.get(to)
    if (link === undefined) return
    this.#begun.set([who, to].toSorted().join(' '), [who, to])
    void this.#village.ask(who, ({ messenger }) => messenger.pair(link, { scanned: false })).then((read) => {
      if (read) this.#village.meets(`pairing: ${read.left ? 'left in a mailbox' : read.state}`)
    })
  }

  async accept(who: Name): Promise<void> {
    await this.#village.ask(who, async ({ messenger }) => {
      for (const { id } of messenger.requests()) {
        await messenger.accept(id)
        this.#village.meets('pairing: yes')
      }
    })
  }

  /** Who began to meet: contacts now, and whatever was left half done is in nobody's way. */
  async settled(): Promise<readonly (readonly [Name, Name])[]> {
    const begun = [...this.#begun.values()]
    if (begun.length === 0) return begun
    for (const pair of begun) for (const name of pair) await this.accept(name)
    await this.#village.settle(600_000, 2_000)
    for (const [reader, maker] of begun) {
      if (this.#isContact(reader, maker) && this.#isContact(maker, reader)) continue
      await this.#again(reader, maker)
      this.#village.meets('pairing: once more')
    }
    return begun
  }

  async #again(reader: Name, maker: Name): Promise<void> {
    const { world } = this.#village
    const { link } = await world.until(this.#village.person(maker).messenger.invite({ inPerson: false }))
    await world.until(this.#village.person(reader).messenger.pair(link, { scanned: false }))
    await this.accept(maker)
    await this.#village.settle(600_000, 2_000)
    for (const [who, whom] of [[reader, maker], [maker, reader]] as const) assert.ok(this.#isContact(who, whom), `${who} cannot become a contact of ${whom}: ${this.#stateOf(who, whom)}`)
  }

  #isContact(who: Name, whom: Name): boolean {
    return this.#stateOf(who, whom) === 'accepted'
  }

  #stateOf(who: Name, whom: Name): string | undefined {
    return this.#village.person(who).store.peek().contacts.get(this.#village.person(whom).messenger.id().account)?.state
  }
}
