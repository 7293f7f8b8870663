/** How large pictures are: those we send, and those of strangers that a browser is asked to open. */
import type { MediaView } from '../../messenger/channels/views.ts'

/** A face or a logo. */
const PORTRAIT_SIDE = 512
/** A picture of a post: sharp on a wide screen. */
const POST_SIDE = 2_048
/** 8,000 by 6,000: what is drawn takes four bytes a point, however small the file is. */
const MAX_POINTS = 48_000_000

/** The part of a picture that is kept, and the size it is drawn in. */
export interface Cut {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly drawnWidth: number
  readonly drawnHeight: number
}

export function square(width: number, height: number): Cut {
  const side = Math.min(width, height)
  return { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side, drawnWidth: PORTRAIT_SIDE, drawnHeight: PORTRAIT_SIDE }
}

/** Smaller when it is larger than the side of a post, and never larger. */
export function whole(width: number, height: number): Cut {
  const scale = Math.min(1, POST_SIDE / Math.max(width, height))
  const drawn = (length: number): number => Math.max(1, Math.round(length * scale))
  return { x: 0, y: 0, width, height, drawnWidth: drawn(width), drawnHeight: drawn(height) }
}

export const isShowable = ({ width, height }: Pick<MediaView, 'width' | 'height'>): boolean => width > 0 && height > 0 && width * height <= MAX_POINTS
