/** One line in, one line out: finds the command, checks its fields, says what the room says. Nothing that comes in ends it. */
import { toHex } from '../protocols/suite/index.ts'
import { type Answer, command, type Commands } from './command.ts'
import { described, DoorError } from './errors.ts'
import { anything, isObject, listed, object, optional, text, valuesOf } from './fields.ts'
import { MAX_LINE, TOO_LONG } from './lines.ts'
import { channel } from './rooms/channel.ts'
import { channelBodies } from './rooms/channel-bodies.ts'
import { channelProofs } from './rooms/channel-proofs.ts'
import { channelSync } from './rooms/channel-sync.ts'
import { content } from './rooms/content.ts'
import { envelope } from './rooms/envelope.ts'
import { handshake } from './rooms/handshake.ts'
import { identity } from './rooms/identity.ts'
import { mailbox } from './rooms/mailbox.ts'
import { mailboxEnds } from './rooms/mailbox-ends.ts'
import { mailboxNode } from './rooms/mailbox-node.ts'
import { pairing } from './rooms/pairing.ts'
import { ratchet } from './rooms/ratchet.ts'
import { session } from './rooms/session.ts'
import { suite } from './rooms/suite.ts'

/** Longest `id` that is said again in the answer. */
const MAX_ID = 64

/** Fields of commands stand apart: theirs may have any name. */
const REQUEST = { id: optional(anything), do: text, with: optional(object) }

const decoder = new TextDecoder('utf-8', { fatal: true })

/** @returns what answers a line, without the newline */
export function createDoor(): (line: Uint8Array | typeof TOO_LONG) => string {
  const commands = everyRoom()
  return (line) => {
    let id: unknown = null
    try {
      if (line === TOO_LONG) throw new DoorError('too-long', `at most ${MAX_LINE} bytes`)
      const request = parsed(line)
      id = idOf(request['id'])
      const { do: name, with: fields } = valuesOf(REQUEST, request)
      const asked = commands.get(name)
      if (!asked) throw new DoorError('unknown-command', name.slice(0, MAX_ID))
      return written({ id, ok: asked.run(valuesOf(asked.fields, fields ?? {}) as never) })
    } catch (error) {
      return written({ id, error: described(error) })
    }
  }
}

function everyRoom(): Map<string, Commands[string]> {
  const rooms: Readonly<Record<string, Commands>> = {
    suite,
    identity,
    handshake,
    pairing,
    ratchet,
    session,
    envelope,
    content,
    mailbox: { ...mailbox, ...mailboxNode(), ...mailboxEnds() },
    channel: { ...channel, ...channelBodies, ...channelProofs, ...channelSync },
  }
  const commands = new Map<string, Commands[string]>()
  for (const [room, inside] of Object.entries(rooms)) for (const [name, each] of Object.entries(inside)) commands.set(`${room}.${name}`, each)
  const all = (): Answer => ({ commands: Object.fromEntries([...commands].map(([name, { fields }]) => [name, listed(fields)])) })
  return commands.set('commands', command({}, all))
}

function parsed(line: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(line))
  } catch {
    throw new DoorError('not-json')
  }
  if (!isObject(value)) throw new DoorError('not-json')
  return value
}

/** null: none that can be said again. */
const idOf = (id: unknown): string | number | null => (typeof id === 'number' || (typeof id === 'string' && id.length <= MAX_ID) ? id : null)

const written = (answer: unknown): string => JSON.stringify(answer, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value))
