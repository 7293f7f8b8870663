/** What a relay says of itself. Figures only: whom it serves is not in it. */
export interface RelayView {
  readonly peerId: string
  /** what people give to `dure relay use` */
  readonly link: string
  readonly addresses: readonly string[]
  /** from where the best of them can be reached */
  readonly reach: 'name' | 'internet' | 'network' | 'machine'
  /** ms since the epoch */
  readonly since: number
  readonly metrics: string | undefined
  /** service -> figure -> number; the same names as in the metrics */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>
}
