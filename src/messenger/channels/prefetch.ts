/** Pages on their way: a few at once, shared among those who have them, taken in order. Memory holds no more than these. */
import type { PeerKey } from './ports.ts'

/** Pages of one log on their way or waiting for their turn: while one is verified the next ones travel. Of the largest, 4 MiB. */
const ON_THE_WAY = 4
/** Of them from one peer: it reads one from its disk while it sends the other. */
const FROM_ONE_PEER = 2

interface Part<S, T> {
  readonly source: S
  readonly from: number
  readonly to: number
  readonly came: Promise<{ readonly page: T } | { readonly error: unknown }>
}

export class Pages<S extends { readonly peer: PeerKey }, T> {
  readonly #ask: (source: S, from: number, to: number) => Promise<T>
  readonly #parts: Part<S, T>[] = []

  constructor(ask: (source: S, from: number, to: number) => Promise<T>) {
    this.#ask = ask
  }

  /** Asks as far ahead as is allowed; `next` names what else is wanted. Who has the least to do is asked. */
  fill(next: (parts: readonly Pick<Part<S, T>, 'from' | 'to'>[]) => { from: number; to: number; sources: readonly S[] } | undefined): void {
    while (this.#parts.length < ON_THE_WAY) {
      const wanted = next(this.#parts)
      const source = wanted?.sources.filter((each) => this.#busy(each) < FROM_ONE_PEER).sort((a, b) => this.#busy(a) - this.#busy(b))[0]
      if (!wanted || !source) return
      const came = this.#ask(source, wanted.from, wanted.to).then((page) => ({ page }), (error: unknown) => ({ error }))
      this.#parts.push({ source, from: wanted.from, to: wanted.to, came })
    }
  }

  /** The part on its way for which this holds, which then is no longer. */
  take(which: (part: Pick<Part<S, T>, 'from' | 'to'>) => boolean): Part<S, T> | undefined {
    const at = this.#parts.findIndex(which)
    return at < 0 ? undefined : this.#parts.splice(at, 1)[0]
  }

  /** Parts that nobody waits for any more. */
  drop(which: (part: Pick<Part<S, T>, 'from' | 'to'>) => boolean): void {
    while (this.take(which)) continue
  }

  #busy({ peer }: S): number {
    return this.#parts.filter(({ source }) => source.peer === peer).length
  }
}
