/** Which pictures of strangers a browser is asked to open. */
import type { MediaView } from '../../messenger/channels/views.ts'

/** 8,000 by 6,000: what is drawn takes four bytes a point, however small the file is. */
const MAX_POINTS = 48_000_000

export const isShowable = ({ width, height }: Pick<MediaView, 'width' | 'height'>): boolean => width > 0 && height > 0 && width * height <= MAX_POINTS
