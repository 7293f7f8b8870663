/** Who answers the streams of `/dure/mailbox/1`, declared by their user. `src/relay/mailbox` implements it. */

/** Made when there is room for it: it may be a block that lies in a store. undefined: there is nothing to be sent after all. */
export type LateFrame = () => Uint8Array | undefined | Promise<Uint8Array | undefined>

/** What goes out on one stream, in order. */
export interface Outgoing {
  push(frame: LateFrame): void
  /** The same for what a command is answered. Commands are not read while too many of these wait. */
  reply(frame: LateFrame): void
}

export interface MailboxSession {
  /** Waiting for what comes later is worth a stream without commands. */
  readonly listening: boolean
  /** ms until the host of this stream may command again */
  turn(): number
  /** Resolves when the command is answered. @throws at once: the stream is to be reset without a word */
  hear(frame: Uint8Array): Promise<void>
  /** The stream is gone. */
  end(): void
}

export interface MailboxSessions {
  start(): void
  stop(): void
  /** A stream has come from this host, an IP address or the /64 of one. Its hello is pushed at once. */
  open(host: string, out: Outgoing): MailboxSession
  status(): Readonly<Record<string, number>>
}
