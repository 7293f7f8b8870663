/** The QR code in a picture file that somebody took or was sent. */
import { Worker } from 'node:worker_threads'
import { extname } from 'node:path'
import { QrError } from './errors.ts'
import { pictureHeader } from './header.ts'
import type { Answer, Task } from './worker.ts'

/** A photo of a good camera; what is larger is no picture of a code. */
export const MAX_FILE_BYTES = 20 * 1024 * 1024
/** 160 MB of decoded pixels; read from the header, before any is decoded. */
export const MAX_PIXELS = 40_000_000
/** For decoding and search, which for a photo of 12 megapixels takes half a second, or two on a small busy machine. */
const TIME_LIMIT_MS = 3_000
/** The worker's own heap. The decoders' memory is theirs and bounded by the pixels. */
const WORKER_HEAP_MB = 128

/** the built worker lies beside the built module, with its extension */
const WORKER = new URL(`./worker${extname(import.meta.url)}`, import.meta.url)

/**
 * The text of the one QR code in a PNG, JPEG or WebP; the same code several times is one.
 * @throws QrError not-a-picture | too-large | no-code | several-codes | too-slow
 */
export async function readQr(bytes: Uint8Array): Promise<string> {
  if (bytes.length > MAX_FILE_BYTES) throw new QrError('too-large')
  const header = pictureHeader(bytes)
  if (!header) throw new QrError('not-a-picture')
  if (header.width * header.height > MAX_PIXELS) throw new QrError('too-large')
  const texts = new Set(await search({ bytes, header }))
  if (texts.size > 1) throw new QrError('several-codes')
  for (const text of texts) return text
  throw new QrError('no-code')
}

function search(task: Task): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB } })
    let timer: NodeJS.Timeout | undefined
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      worker.removeAllListeners()
      worker.terminate().then(settle, settle)
    }
    worker.on('message', (answer: Answer) => {
      // the clock starts when the decoders are loaded: that does not depend on the picture
      if (answer === 'ready') timer = setTimeout(() => end(() => reject(new QrError('too-slow'))), TIME_LIMIT_MS)
      else if (answer === 'not-a-picture') end(() => reject(new QrError(answer)))
      else end(() => resolve(answer.texts))
    })
    worker.on('error', (cause) => end(() => reject(cause)))
  })
}
