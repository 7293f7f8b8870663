import { setMaxListeners } from '@libp2p/interface'

/** A signal that libp2p may give to many, as it does. */
export function timeout(ms: number): AbortSignal {
  const signal = AbortSignal.timeout(ms)
  setMaxListeners(Infinity, signal)
  return signal
}

/** A signal that never fires once the work is done: libp2p gives it to what lives longer. */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  setMaxListeners(Infinity, controller.signal)
  const timer = setTimeout(() => controller.abort(new Error('too late')), ms)
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
  }
}
