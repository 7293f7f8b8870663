/** A queue at a node, opened with what its two ends share: what its sender could leave there, and its recipient lay out, if they wanted to deceive. */
import { type Inside, messageId, openBlock, partAt, sealBlock } from '../../../../protocols/mailbox/index.ts'
import { toHex } from '../../../../protocols/suite/index.ts'
import { decodeOwnQueue } from '../../../../src/messenger/mailboxes/own-queue.ts'
import type { Person, World } from '../../../support/world.ts'

export interface Opened {
  /** what its recipient laid out */
  notice: Uint8Array
  /** the messages of one block that lie in it */
  readonly messages: readonly Uint8Array[]
  /** One message more, with the next number of its sender, or with one that was used. */
  leave(message: Uint8Array, number?: number): void
}

/** The queue at M where a contact leaves things for a person. */
export function inside(world: World, person: Person, contact: Person): Opened {
  const { suite, random } = world
  const node = world.mailboxes.node('M')
  const row = person.store.queues().find((each) => each.phase === 'open' && each.node === node.peer && each.contact === contact.messenger.id().account)
  if (!row) throw new Error('there is no such queue')
  const { keys, made, view } = decodeOwnQueue(suite, row)
  const name = toHex(made!.recipient)
  const { queue } = node.boxes.get(name)!
  const opened = (seq: number): Inside => openBlock(suite, keys, node.bodies.get(`${name}/${seq}`)!)
  const parts = queue.items.flatMap(({ kind, seq }) => {
    const block = kind === 'block' ? opened(seq) : undefined
    return block?.what === 'part' ? [block] : []
  })
  return {
    get notice() {
      const found = opened(queue.notice!)
      if (found.what !== 'notice') throw new Error('something else is laid out')
      return found.data
    },
    set notice(data) {
      node.bodies.set(`${name}/${queue.notice}`, sealBlock(suite, random, keys, { what: 'notice', data }))
    },
    messages: parts.map(({ data }) => data),
    leave(message, number = Math.max(view!.numbers.next, ...parts.map((part) => part.number + 1))) {
      node.add(name, sealBlock(suite, random, keys, partAt(message, messageId(suite, message), 0, number)))
    },
  }
}
