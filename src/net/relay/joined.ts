/** Two ends between which a relay passes bytes on that it cannot read. */
import type { MessageStream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { utf8 } from '../../../protocols/suite/index.ts'
import { CLOSE_TIMEOUT } from '../limits.ts'
import * as limit from './limits.ts'

/**
 * How every connection of libp2p begins that is secured with Noise, from both sides (multistream-select 1.0.0): nothing else is said to a target
 * before it has said the same, so no other service hears more than this line.
 */
const OPENING = utf8('\x13/multistream/1.0.0\n\x07/noise\n')

/**
 * Passes bytes on both ways until one end is gone, both are silent for long, or they have had their share. What a slow reader does not take waits here: never
 * more than the share.
 * @param far the one that was called
 */
export function join(near: MessageStream, far: MessageStream, count: (bytes: number) => void): void {
  const ends: MessageStream[] = [near, far]
  const end = (why: string): void => {
    for (const each of ends) each.abort(new Error(why))
  }
  const lifetime = setTimeout(() => end('its time is up'), limit.ONWARD_LIFETIME)
  const watch = (): NodeJS.Timeout => setTimeout(() => end('nothing moved'), limit.ONWARD_IDLE)
  let idle = watch()
  const openings = new Map(ends.map((each) => [each, 0]))
  const finished = new Set<MessageStream>()
  let passed = 0

  /** @returns false: it is no connection of libp2p, or its other end has not shown to be one */
  function begins(from: MessageStream, data: StreamMessageEvent['data']): boolean {
    const at = openings.get(from) ?? 0
    const right = data.subarray(0, Math.min(OPENING.length - at, data.byteLength)).every((byte, index) => byte === OPENING[at + index])
    openings.set(from, Math.min(OPENING.length, at + data.byteLength))
    return right && (from === far || at + data.byteLength <= OPENING.length || openings.get(far) === OPENING.length)
  }

  /** What it was sent still leaves. Who then keeps its half open holds no place with it. */
  function finish(each: MessageStream): void {
    if (finished.has(each)) return
    finished.add(each)
    each.close().catch((error: Error) => each.abort(error))
    setTimeout(() => each.abort(new Error('it does not close')), CLOSE_TIMEOUT).unref()
  }

  for (const [from, to] of [[near, far], [far, near]] as const) {
    from.addEventListener('message', ({ data }: StreamMessageEvent) => {
      passed += data.byteLength
      count(data.byteLength)
      clearTimeout(idle)
      if (finished.size === 0) idle = watch()
      if (passed > limit.ONWARD_BYTES) return end('its share is used up')
      if (!begins(from, data)) return end('not a connection of libp2p')
      try {
        if (!finished.has(to)) to.send(data)
      } catch {
        end('it takes nothing any more')
      }
    })
    from.addEventListener('remoteCloseWrite', () => finish(to))
    from.addEventListener('close', ({ error }: StreamCloseEvent) => {
      clearTimeout(lifetime)
      clearTimeout(idle)
      finished.add(from)
      if (error) to.abort(error)
      else finish(to)
    })
  }
}
