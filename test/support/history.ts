/**
 * What was said on a way, from one to another or to a channel, and what may be seen of it where it arrives. Who was killed between the commit and
 * the answer has said something without knowing: that may be there or not, once. What was promised is there.
 */
import assert from 'node:assert/strict'

/** How far a message came; it only ever moves on. */
const STATES = ['queued', 'mailbox', 'sent', 'delivered', 'read'] as const

interface Way {
  /** in the order in which it was said, whether or not that was answered */
  readonly tried: Map<string, number>
  /** acknowledged to who said it, or shown once */
  readonly promised: Set<string>
}

export class History {
  readonly #ways = new Map<string, Way>()
  readonly #states = new Map<string, string>()

  /** How much was promised on all ways. */
  get promised(): number {
    return [...this.#ways.values()].reduce((sum, { promised }) => sum + promised.size, 0)
  }

  /** About to be said: on one way, one after the other. Saying the same again changes nothing. */
  tried(way: string, text: string): void {
    const { tried } = this.#way(way)
    if (!tried.has(text)) tried.set(text, tried.size)
  }

  /** Whoever said it was told that it is kept. */
  acknowledged(way: string, text: string): void {
    this.#way(way).promised.add(text)
  }

  /** Everything or a part of what is seen of a way, oldest first. What is seen may not vanish either. */
  shown(way: string, texts: readonly string[]): void {
    const { tried, promised } = this.#way(way)
    let last = -1
    for (const text of texts) {
      const place = tried.get(text)
      assert.ok(place !== undefined, `${way}: "${text}" was never said`)
      assert.ok(place !== last, `${way}: "${text}" is shown twice`)
      assert.ok(place > last, `${way}: "${text}" is shown after what was said later`)
      last = place
      promised.add(text)
    }
  }

  /** What is not there of what was promised. */
  missing(way: string, texts: readonly string[]): string[] {
    const there = new Set(texts)
    return [...this.#way(way).promised].filter((text) => !there.has(text))
  }

  /** Everything that is seen of a way once nothing is on its way any more. */
  settled(way: string, texts: readonly string[]): void {
    this.shown(way, texts)
    assert.deepEqual(this.missing(way, texts), [], `${way}: lost`)
  }

  /** What is said of one message to its author, `id` being unique among all. */
  state(id: string, state: string): void {
    const rank = (of: string): number => STATES.findIndex((each) => each === of)
    assert.ok(rank(state) >= 0, `a message is ${state}`)
    const before = this.#states.get(id) ?? 'queued'
    assert.ok(rank(state) >= rank(before), `a message that was ${before} is ${state} again`)
    this.#states.set(id, state)
  }

  #way(name: string): Way {
    const way = this.#ways.get(name) ?? { tried: new Map(), promised: new Set() }
    this.#ways.set(name, way)
    return way
  }
}
