/** Everything the store can refuse or lose, with what a person can do about it. */

export type StoreErrorCode =
  /** there is no profile in this directory */
  | 'no-profile'
  /** the directory is not ours to make private */
  | 'bad-home'
  /** another process has this profile open */
  | 'locked'
  /** the profile is protected by a passphrase and none was given, or the other way round */
  | 'other-protection'
  | 'wrong-passphrase'
  /** key.json is missing, damaged or of a kind this version does not know */
  | 'bad-key-file'
  /** a newer version of Dure wrote this profile */
  | 'newer-schema'
  /** nothing of the group was stored; commits work again once there is space */
  | 'disk-full'
  /** a page does not carry the authentication tag it was written with */
  | 'corrupt'
  /** the disk failed under us: this handle takes no more commits, open the store again */
  | 'store-broken'
  /** a row that the schema cannot hold; nothing of the group was stored */
  | 'bad-row'
  | 'closed'

/** `hint` tells the person what to do. Neither text ever holds a secret or a row. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly hint: string | undefined

  constructor(code: StoreErrorCode, message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }
}
