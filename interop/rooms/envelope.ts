import { decodeEnvelope, encodeFirst, encodeOrdinary, MAX_OVERHEAD, pad, unpad } from '../../protocols/envelope/index.ts'
import { command, type Commands } from '../command.ts'
import { bytes, whole } from '../fields.ts'

export const envelope: Commands = {
  pad: command({ content: bytes(), overhead: whole(MAX_OVERHEAD) }, ({ content, overhead }) => ({ padded: pad(content, overhead) })),
  unpad: command({ padded: bytes() }, ({ padded }) => ({ content: unpad(padded) })),
  first: command({ handshake: bytes(), ratchet: bytes() }, (parts) => ({ envelope: encodeFirst(parts) })),
  ordinary: command({ ratchet: bytes() }, (parts) => ({ envelope: encodeOrdinary(parts) })),
  read: command({ envelope: bytes() }, (asked) => ({ ...decodeEnvelope(asked.envelope) })),
}
