import type { ChannelProofView } from '../../../messenger/channels/views.ts'

/** How many entries signed heads speak of that nobody has given us. */
export const missingOf = ({ missing }: ChannelProofView): number => missing.reduce((sum, { from, to }) => sum + to - from, 0)
