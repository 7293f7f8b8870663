/** What a relay says of itself. Figures only: whom it serves is not in it. */
export interface RelayView {
  readonly peerId: string
  /** what people give to `dure relay use` */
  readonly link: string
  readonly addresses: readonly string[]
  /** from where the best of them can be reached */
  readonly reach: 'name' | 'internet' | 'network' | 'machine'
  /** strangers are told of it */
  readonly listed: boolean
  /** ms since the epoch */
  readonly since: number
  readonly metrics: string | undefined
  /** service -> figure -> number; the same names as in the metrics */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** A channel that is mirrored. */
export interface MirrorView {
  /** 52 lowercase base32 characters */
  readonly id: string
  /** what it calls itself, or the beginning of its id until it was heard: a stranger's text */
  readonly name: string
  /** of the channel, with the mirror as the first to ask */
  readonly link: string
  /** entries known to exist, and those that are here */
  readonly entries: number
  readonly held: number
  /** entries that signed heads speak of and nobody has given us: of whose log, from which number up to but without which, and who had seen them */
  readonly missing: readonly { readonly author: string; readonly from: number; readonly to: number; readonly saidBy: string }[]
  readonly picturesMissing: number
  readonly peers: number
  readonly bytes: number
  /** ms since the epoch; undefined until something of it is here */
  readonly newestAt: number | undefined
  /** `full`: all entries are here, and the quota leaves no room for the pictures that are missing */
  readonly state: 'catching up' | 'whole' | 'full' | 'frozen'
  /** why nothing more of somebody is taken */
  readonly frozen: string | undefined
}
