export { QrError, type QrErrorCode } from './errors.ts'
export { qrPng, qrSvg } from './picture.ts'
export { MAX_FILE_BYTES, MAX_PIXELS, readQr } from './read.ts'
export { qrText } from './terminal.ts'
