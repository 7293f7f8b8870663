/** Refusals of the pairing protocol in words a person can act on. */
import { ContentError } from '../../protocols/content/index.ts'
import { HandshakeError } from '../../protocols/handshake/index.ts'
import { InviteError, PairingError, type Reply } from '../../protocols/pairing/index.ts'
import { SessionError } from '../../protocols/session/index.ts'
import { MessengerError } from './errors.ts'
import { CourierError } from './ports.ts'

const NEW_CODE = 'ask for a new code: dure invite'

/** Runs a check of an invite or of what it led to. @throws MessengerError instead of the protocols' own */
export function refusedInvite<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof InviteError) throw worded(error)
    if (error instanceof HandshakeError || error instanceof PairingError) {
      throw new MessengerError('invite-invalid', 'the keys behind this invite are not the ones it promised', `do not use it; ${NEW_CODE}`)
    }
    throw error
  }
}

/** Runs what opens the answer to a hello. @throws MessengerError instead of the protocols' own */
export function refusedAnswer<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof SessionError || error instanceof ContentError || error instanceof PairingError) {
      throw new MessengerError('invite-invalid', 'the answer to this invite cannot be read', `try the same code once more; if that does not help, ${NEW_CODE}`)
    }
    throw error
  }
}

/** What a code of another kind is for. */
const HINTS: Readonly<Record<string, string>> = { channel: 'follow it: dure channel follow LINK', relay: 'use it: dure relay use LINK' }

function worded(error: InviteError): MessengerError {
  switch (error.code) {
    case 'expired':
      return new MessengerError('invite-expired', 'this invite has expired', NEW_CODE)
    case 'newer-version':
    case 'unknown-kind':
      return new MessengerError('invite-invalid', 'this code needs a newer version of Dure')
    case 'other-kind':
      return new MessengerError('invite-invalid', `this is a ${error.kind ?? 'different'} code, not an invite to talk`, HINTS[error.kind ?? ''])
    case 'not-dure':
      return new MessengerError('invite-invalid', 'this is not a Dure code', 'an invite starts with DURE:')
    case 'too-long':
    case 'malformed':
      return new MessengerError('invite-invalid', 'this invite is damaged', 'copy the whole link, or scan the code again')
  }
}

/** @returns the error for a reply that was not the hoped one */
export function refusedPairing(reply: Reply): MessengerError {
  if (reply.type !== 'refused') return new MessengerError('invite-invalid', 'the other side answered out of turn', NEW_CODE)
  switch (reply.code) {
    case 'expired':
      return new MessengerError('invite-expired', 'this invite has expired', NEW_CODE)
    case 'used':
      return new MessengerError(
        'invite-used',
        'this invite was used already, and not by you if you see this the first time',
        'tell the person who showed it: somebody may have photographed it. Then ask for a new code',
      )
    case 'unknown':
      return new MessengerError('invite-invalid', 'the other side does not know this invite', NEW_CODE)
    case 'refused':
      return new MessengerError('not-accepted', 'the other side refused')
  }
}

export const isUnreachable = (error: unknown): boolean => error instanceof MessengerError && error.code === 'unreachable'

/** @throws MessengerError 'unreachable' where the courier could not get through */
export async function unreachableInviter<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (error instanceof CourierError) {
      throw new MessengerError(
        'unreachable',
        'the person who made this invite cannot be reached now',
        'both of you need to be running and on the same network, or one of you reachable; then try the same code again',
      )
    }
    if (error instanceof PairingError) throw new MessengerError('invite-invalid', 'the other side does not speak our protocol', NEW_CODE)
    throw error
  }
}
