/** A text as the modules of a QR code (ISO/IEC 18004). */
import encodeQR from 'qr'
import { QrError } from './errors.ts'

/** Rows of modules, true for dark, with the quiet zone around. */
export type Modules = readonly (readonly boolean[])[]

/** Modules of light around every code: what the standard asks for. */
export const QUIET_ZONE = 4

/** The most a code holds at its largest, in its densest mode (digits); anything longer need not be tried. */
const MAX_CHARACTERS = 7_089

/**
 * `low` corrects 7 % for screens, which do not get torn and where small is what counts; `medium` corrects 15 %, for files
 * that may be printed.
 * @throws QrError too-long
 */
export function modulesOf(text: string, correction: 'low' | 'medium', border: number): Modules {
  if (text.length > MAX_CHARACTERS) throw new QrError('too-long')
  try {
    return encodeQR(text, 'raw', { ecc: correction, border })
  } catch (cause) {
    throw new QrError('too-long', { cause })
  }
}
