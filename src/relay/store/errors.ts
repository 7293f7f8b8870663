/** A database on another machine that is not there now. It is called again until it is; what was asked meanwhile was not stored. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway'
  readonly code: string

  /** @param code of the database or of the network; nothing they say is repeated, for it may name hosts and people */
  constructor(code: string) {
    super(`the database does not answer (${code})`)
    this.code = code
  }
}
