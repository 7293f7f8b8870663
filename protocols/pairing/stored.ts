/** Pairing states as the store keeps them: fixed tables, for the encrypted database only. */
import { concat, fromUtf8, Reader, u32, utf8 } from '../suite/index.ts'
import { PairingError } from './errors.ts'
import { decodeInviteTable, encodeInviteTable } from './invite.ts'
import type { InviteState } from './inviter.ts'
import type { ScanState } from './scanner.ts'

const VERSION = 1
const STEP = { open: 1, used: 2, asked: 3, pending: 4 } as const

const malformed = (): PairingError => new PairingError('malformed')
const sized = (bytes: Uint8Array): Uint8Array => concat(u32(bytes.length), bytes)
const readSized = (reader: Reader): Uint8Array => reader.take(reader.u32())

export function encodeInviteState(state: InviteState): Uint8Array {
  const head = new Uint8Array([VERSION, STEP[state.step]])
  if (state.step === 'open') return concat(head, state.nonce, sized(encodeInviteTable(state.invite)), sized(state.bundle), sized(state.prekeys))
  return concat(head, state.id, u32(state.expires), state.device, state.hello, sized(state.reply))
}

/** @throws PairingError malformed | newer-version; InviteError for the invite in it */
export function decodeInviteState(bytes: Uint8Array): InviteState {
  return decode(bytes, (step, reader) => {
    if (step === STEP.open) {
      const nonce = reader.take(32)
      const invite = decodeInviteTable(readSized(reader))
      return { step: 'open', invite, nonce, bundle: readSized(reader), prekeys: readSized(reader) }
    }
    if (step !== STEP.used) throw malformed()
    return { step: 'used', id: reader.take(16), expires: reader.u32(), device: reader.take(32), hello: reader.take(32), reply: readSized(reader) }
  })
}

export function encodeScanState(state: ScanState): Uint8Array {
  const head = new Uint8Array([VERSION, STEP[state.step], state.authentic ? 1 : 0])
  const scanned = concat(head, state.id, u32(state.expires), state.device)
  if (state.step === 'asked') return concat(scanned, state.commitment, state.transcript, sized(state.hello))
  return concat(scanned, utf8(state.code))
}

/** @throws PairingError malformed | newer-version */
export function decodeScanState(bytes: Uint8Array): ScanState {
  return decode(bytes, (step, reader) => {
    const flag = reader.u8()
    if (flag > 1) throw malformed()
    const scanned = { authentic: flag === 1, id: reader.take(16), expires: reader.u32(), device: reader.take(32) }
    if (step === STEP.asked) {
      return { ...scanned, step: 'asked', commitment: reader.take(32), transcript: reader.take(64), hello: readSized(reader) }
    }
    if (step !== STEP.pending) throw malformed()
    return { ...scanned, step: 'pending', code: fromUtf8(reader.take(7)) }
  })
}

function decode<T>(bytes: Uint8Array, table: (step: number, reader: Reader) => T): T {
  const reader = new Reader(bytes, malformed)
  const version = reader.u8()
  if (version > VERSION) throw new PairingError('newer-version')
  if (version !== VERSION) throw malformed()
  const state = table(reader.u8(), reader)
  reader.end()
  return state
}
