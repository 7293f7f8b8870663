/**
 * What lies open in every queue of ours: keys for a contact who has lost its sessions with us and comes while we are away. The queue's own secret
 * seals it, so the node sees neither whose it is nor that two queues have the same.
 */
import { decodePrekeySecrets } from '../../../protocols/handshake/index.ts'
import { sealBlock } from '../../../protocols/mailbox/index.ts'
import type { Devices } from '../devices.ts'
import { jittered } from './backoff.ts'
import type { Announcing } from './announcing.ts'
import type { MailboxContext } from './context.ts'
import type { Line } from './line.ts'
import type { MailboxNode } from './ports.ts'
import type { Queues } from './queues.ts'

/** Whether they are still good is looked at so often also when nothing else happens: far below the half of a life at which they are renewed. */
const LOOK_AGAIN_MS = 6 * 3600_000

export class LayingOut {
  readonly #context: MailboxContext
  readonly #queues: Queues
  readonly #announcing: Announcing
  readonly #devices: Pick<Devices, 'laidOut'>
  /** Goes to every node. */
  readonly #look: () => void
  /** which prekeys lie in a queue, as far as this run knows */
  readonly #there = new Map<string, number>()
  #cancel: (() => void) | undefined

  constructor(context: MailboxContext, parts: { queues: Queues; announcing: Announcing; devices: Pick<Devices, 'laidOut'>; look: () => void }) {
    this.#context = context
    this.#queues = parts.queues
    this.#announcing = parts.announcing
    this.#devices = parts.devices
    this.#look = parts.look
  }

  start(): void {
    const { clock, random } = this.#context
    this.#cancel = clock.after(jittered(LOOK_AGAIN_MS, random), () => {
      this.#look()
      this.start()
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#there.clear()
  }

  /** @throws MailboxNetError the stream ended */
  async at(line: Line, node: MailboxNode): Promise<void> {
    const { suite, random } = this.#context
    for (const { id, contact, keys, made, phase } of this.#queues.ofNode(node.peer)) {
      if ((phase !== 'open' && phase !== 'former') || !made) continue
      const laidOut = await this.#devices.laidOut(contact, (step) => this.#announcing.announce(step, contact))
      if (!laidOut || this.#there.get(id) === laidOut.id) continue
      const { bundle } = decodePrekeySecrets(suite, laidOut.secrets)
      const reply = await line.ask({ type: 'post', id: made.recipient, body: sealBlock(suite, random, keys, { what: 'notice', data: bundle }) }, made.as)
      if (reply.type === 'done') this.#there.set(id, laidOut.id)
    }
  }
}
