/** A recovery phrase that cannot be one. For 'unknown-word', which word (from 1) and what was typed. */
export class PhraseError extends Error {
  override readonly name = 'PhraseError'
  readonly code: 'word-count' | 'unknown-word' | 'checksum'
  readonly position: number | undefined
  /** Kept out of the message: a mistyped word says much about the right one, and messages are logged. */
  readonly word: string | undefined

  constructor(code: PhraseError['code'], unknown?: { position: number; word: string }) {
    const reasons = {
      'word-count': 'a recovery phrase has 24 words',
      'unknown-word': `word ${unknown?.position} is not in the word list`,
      checksum: 'the words do not belong together: one of them is wrong, or two changed places',
    }
    super(reasons[code])
    this.code = code
    this.position = unknown?.position
    this.word = unknown?.word
  }
}

/** Stored device secrets that cannot be read. Carries none of their bytes. */
export class DeviceSecretsError extends Error {
  override readonly name = 'DeviceSecretsError'
  readonly code: 'malformed' | 'newer-version'

  constructor(code: DeviceSecretsError['code']) {
    super(`device secrets refused: ${code}`)
    this.code = code
  }
}

const LIST_REASONS = {
  malformed: 'it is not a device list',
  'newer-version': 'it needs a newer version of Dure',
  signature: 'the account did not sign it',
  expired: 'it has expired',
  'other-account': 'it belongs to another account',
  rollback: 'it is older than the one we know',
  fork: 'there is another one with the same number',
  'unknown-prev': 'it does not follow the one we know',
  'unknown-device': 'it does not name that device',
}

/** A device list that must not be used. `what` names the rule a 'malformed' one breaks. */
export class DeviceListError extends Error {
  override readonly name = 'DeviceListError'
  readonly code: keyof typeof LIST_REASONS
  readonly what: string | undefined

  constructor(code: DeviceListError['code'], what?: string) {
    super(what === undefined ? LIST_REASONS[code] : `${LIST_REASONS[code]}: ${what}`)
    this.code = code
    this.what = what
  }
}
