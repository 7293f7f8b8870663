/**
 * A process that can end in the middle of anything, as kill -9 ends one, or an error of its disk that nobody catches. Its ports work as long
 * as it lives; afterwards what it still computes reaches nobody, what it waits for never comes, and who waits for it hears that it hung up.
 */
import type { Gossip } from '../../src/messenger/channels/ports.ts'
import type { Mailboxes, MailboxStream } from '../../src/messenger/mailboxes/ports.ts'
import type { Clock, Courier } from '../../src/messenger/ports.ts'
import { StoreError } from '../../src/store/errors.ts'

export class DiedError extends Error {
  override readonly name = 'DiedError'
}

/** How wrong a machine's clock is, in ms. */
export interface Skew {
  ms: number
}

export class Life {
  readonly #end = Promise.withResolvers<never>()
  #over = false

  constructor() {
    this.#end.promise.catch(() => undefined)
  }

  get over(): boolean {
    return this.#over
  }

  end(): void {
    this.#over = true
    this.#end.reject(new DiedError('the process is gone'))
  }

  /** @throws DiedError when the process ends before it is done */
  until<T>(doing: Promise<T>): Promise<T> {
    return Promise.race([doing, this.#end.promise])
  }

  /** What calls the process, and does not wait: what its disk throws there ends it. */
  #called<T>(call: () => T, otherwise: T): T {
    if (this.#over) return otherwise
    try {
      return call()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.end()
      return otherwise
    }
  }

  /** What a dead process asks for never comes. */
  #asks<T>(ask: () => Promise<T>): Promise<T> {
    return this.#over ? new Promise(() => undefined) : ask()
  }

  clock(clock: Clock, skew: Skew): Clock {
    return {
      now: () => clock.now() + skew.ms,
      after: (delay, run) => clock.after(delay, () => this.#called(run, undefined)),
    }
  }

  courier(courier: Courier): Courier {
    return {
      ...courier,
      serve: (handlers) =>
        courier.serve({
          ...handlers,
          admits: (device) => this.#called(() => handlers.admits(device), false),
          appeared: (device) => this.#called(() => handlers.appeared(device), undefined),
          vanished: (device) => this.#called(() => handlers.vanished(device), undefined),
          networkChanged: () => this.#called(() => handlers.networkChanged(), undefined),
          addressesChanged: (addresses) => this.#called(() => handlers.addressesChanged(addresses), undefined),
          envelope: (from, bytes) => this.until(handlers.envelope(from, bytes)),
          pairing: (from, bytes) => this.until(handlers.pairing(from, bytes)),
        }),
      start: () => this.#asks(() => courier.start()),
      stop: () => this.#asks(() => courier.stop()),
      send: (device, addresses, bytes) => this.#asks(() => courier.send(device, addresses, bytes)),
      pairing: (device, addresses, bytes) => this.#asks(() => courier.pairing(device, addresses, bytes)),
      useRelays: (relays) => (this.#over ? undefined : courier.useRelays(relays)),
    }
  }

  gossip(gossip: Gossip): Gossip {
    return {
      ...gossip,
      serve: (handlers) =>
        gossip.serve({
          ...handlers,
          message: (channel, from, message) => this.#called(() => handlers.message(channel, from, message), 'ignore'),
          recognises: (nonce, tags) => this.#called(() => handlers.recognises(nonce, tags), tags.map(() => false)),
          addressesChanged: (addresses) => this.#called(() => handlers.addressesChanged(addresses), undefined),
          answer: (from, request) => this.#reply(handlers.answer(from, request)),
          peer: (channel, peer) => this.#called(() => handlers.peer(channel, peer), undefined),
        }),
      start: () => this.#asks(() => gossip.start()),
      stop: () => this.#asks(() => gossip.stop()),
      join: (meeting, hints) => (this.#over ? undefined : gossip.join(meeting, hints)),
      leave: (channel) => (this.#over ? undefined : gossip.leave(channel)),
      publish: (channel, message) => this.#asks(() => gossip.publish(channel, message)),
      find: (channel, signal) => this.#asks(() => gossip.find(channel, signal)),
      report: (peer, fault) => (this.#over ? undefined : gossip.report(peer, fault)),
    }
  }

  async *#reply(reply: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const frames = Symbol.asyncIterator in reply ? reply[Symbol.asyncIterator]() : reply[Symbol.iterator]()
    try {
      for (;;) {
        const next = await this.until(Promise.resolve(frames.next()))
        if (next.done) return
        yield next.value
      }
    } finally {
      if (!this.#over) await frames.return?.()
    }
  }

  mailboxes(mailboxes: Mailboxes): Mailboxes {
    return {
      ...mailboxes,
      start: () => this.#asks(() => mailboxes.start()),
      stop: () => this.#asks(() => mailboxes.stop()),
      hideBehind: (own) => (this.#over ? undefined : mailboxes.hideBehind(own)),
      connect: (role, node, signal) => this.#asks(async () => this.#stream(await mailboxes.connect(role, node, signal))),
    }
  }

  /** One that opens when the process is gone already is of no use to it. */
  #stream(stream: MailboxStream): MailboxStream {
    if (this.#over) stream.close()
    return { ...stream, send: (frame) => this.#asks(() => stream.send(frame)) }
  }
}
