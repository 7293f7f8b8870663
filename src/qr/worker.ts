/**
 * Decodes one picture and looks for QR codes, on a thread of its own: a hostile picture can only waste this one's time.
 * zxing reads PNG and JPEG itself; WebP it gets as pixels. Both are WebAssembly from node_modules, nothing is fetched.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import decodeWebp, { init } from '@jsquash/webp/decode.js'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import type { PictureHeader } from './header.ts'
import { unfoldsAsItSays } from './inflated.ts'

/** What the worker is given, and what it says: first that it is ready, then what it found. */
export interface Task {
  readonly bytes: Uint8Array
  readonly header: PictureHeader
}
export type Answer = 'ready' | 'not-a-picture' | { readonly texts: readonly string[] }

/** Two different ones are already too many. */
const MAX_CODES = 8

interface Pixels {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

const wasm = (name: string): Promise<Buffer> => readFile(fileURLToPath(import.meta.resolve(name)))

async function load(format: PictureHeader['format']): Promise<void> {
  const wasmBinary = await wasm('zxing-wasm/reader/zxing_reader.wasm')
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
  if (format === 'webp') await init({ wasmBinary: await wasm('@jsquash/webp/codec/dec/webp_dec.wasm') })
}

/** The browser's class, which the WebP decoder expects to be there. */
class ImageData implements Pixels {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data
    this.width = width
    this.height = height
  }
}

async function pixelsOf(webp: Uint8Array): Promise<Pixels> {
  const pixels = (await decodeWebp(webp.slice().buffer as ArrayBuffer)) as Pixels
  onWhite(pixels.data)
  return pixels
}

/** Codes without a background are meant for a light page. */
function onWhite(rgba: Uint8ClampedArray): void {
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] as number
    if (alpha === 255) continue
    for (let i = at; i < at + 3; i++) rgba[i] = ((rgba[i] as number) * alpha) / 255 + 255 - alpha
  }
}

async function search({ bytes, header }: Task): Promise<Answer> {
  if (header.format === 'png' && !(await unfoldsAsItSays(bytes, header.width, header.height))) return 'not-a-picture'
  try {
    const picture = header.format === 'webp' ? await pixelsOf(bytes) : bytes
    const found = await readBarcodes(picture as Uint8Array, { formats: ['QRCode'], maxNumberOfSymbols: MAX_CODES, textMode: 'Plain' })
    return { texts: found.filter((code) => code.isValid).map((code) => code.text) }
  } catch {
    return 'not-a-picture' // the decoders throw numbers and texts of their own
  }
}

const say = (answer: Answer): void => parentPort?.postMessage(answer)

const task = workerData as Task
Object.assign(globalThis, { ImageData })
await load(task.header.format)
say('ready')
say(await search(task))
