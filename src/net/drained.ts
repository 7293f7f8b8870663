import type { Stream } from '@libp2p/interface'

/**
 * Resolves when there is room to write again; rejects when nothing was read for `timeout` ms, or the stream is gone. (`stream.onDrain` keeps the
 * promise of the first time, so from the second time on it would wait for nothing.)
 */
export function drained(stream: Stream, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      clearTimeout(alarm)
      stream.removeEventListener('drain', drain)
      stream.removeEventListener('close', close)
      end()
    }
    const drain = (): void => settle(resolve)
    const close = (): void => settle(() => reject(new Error('the stream is gone')))
    const alarm = setTimeout(() => settle(() => reject(new Error('nothing was read'))), timeout)
    stream.addEventListener('drain', drain)
    stream.addEventListener('close', close)
    if (stream.status !== 'open') close()
    else if (!stream.writableNeedsDrain) drain()
  })
}
