/** Every rule an entry can break, by the name the specification and the vectors give it. */
export type Rule =
  /** not the byte table */
  | 'malformed'
  | 'version'
  /** above 65,536 bytes */
  | 'too-large'
  /** of another channel */
  | 'channel'
  /** of a log that is not that of its certificate, or of no log we know */
  | 'log'
  /** not the number that comes next */
  | 'sequence'
  /** its tree root is not that of the entries before it */
  | 'root'
  | 'signature'
  /** names none it may use */
  | 'certificate'
  /** its number is outside the window of its certificate */
  | 'window'
  /** says what its certificate does not allow */
  | 'scope'
  /** after the end of its certificate */
  | 'expired'
  /** before its certificate begins */
  | 'not-yet'
  /** before the entry before it */
  | 'time'
  /** more entries than the manifest allows */
  | 'rate'
  /** behind the end its log was given by a revocation */
  | 'revoked'
  /** the heads it names are out of order, or the root log's is not among them */
  | 'seen'
  /** no kind of its log */
  | 'kind'
  | 'body'
  | 'non-canonical'
  /** a rotation to a key that was not announced */
  | 'rotation'
  /** more root entries or open logs than a channel may have */
  | 'limit'

/**
 * Why an entry is not taken that may well be right for who sent it: what we know, or do not know yet, decides. So nobody is blamed.
 */
export type Doubt =
  /** its time is in the future */
  | 'early'
  /** it builds on entries of the root log that are not here yet */
  | 'root-behind'
  | 'newer-version'
  /** its log, or the channel, has two entries of one number */
  | 'frozen'
  /** its log was ended, which its author may not have known */
  | 'revoked'
  /** signed by a root key that was replaced, which who passed it on may not know */
  | 'root-key'
  /** signed, but over other entries than we have: somebody made two of one number */
  | 'other-history'

/** What `judge` says of an entry it does not take. */
export type Refusal = { readonly verdict: 'reject'; readonly rule: Rule } | { readonly verdict: 'ignore'; readonly reason: Doubt }

export const reject = (rule: Rule): Refusal => ({ verdict: 'reject', rule })
export const ignore = (reason: Doubt): Refusal => ({ verdict: 'ignore', reason })

/** An entry, head or page that must not be taken. `rule` is what it breaks, or the doubt about it. */
export class EntryError extends Error {
  override readonly name = 'EntryError'
  readonly rule: Rule | Doubt

  constructor(rule: EntryError['rule']) {
    super(`entry refused: ${rule}`)
    this.rule = rule
  }

  static of(refusal: Refusal): EntryError {
    return new EntryError(refusal.verdict === 'reject' ? refusal.rule : refusal.reason)
  }
}

/** What cannot be written now. `reason` is what the judgement would say of it. */
export class WriteError extends Error {
  override readonly name = 'WriteError'
  /** `behind`: others have seen entries of our log that are not here: to write would fork it (attack 53) */
  readonly code: 'behind' | 'refused'
  readonly reason: Rule | Doubt | undefined

  constructor(code: WriteError['code'], reason?: Rule | Doubt) {
    super(reason === undefined ? `cannot write: ${code}` : `cannot write: ${reason}`)
    this.code = code
    this.reason = reason
  }
}

/** Bytes that prove nothing. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError'
  readonly code: 'malformed' | 'newer-version' | 'too-large' | 'credentials' | 'signature' | 'nothing'

  constructor(code: EvidenceError['code']) {
    super(`evidence refused: ${code}`)
    this.code = code
  }
}

/** Bytes of the store that are no state of a channel or log. */
export class StateError extends Error {
  override readonly name = 'StateError'
  readonly code: 'malformed' | 'newer-version'

  constructor(code: StateError['code']) {
    super(`stored channel refused: ${code}`)
    this.code = code
  }
}
