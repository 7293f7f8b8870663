/** Errors as the door shows them: problem details, RFC 9457, with our `code` and, where there is one, a `hint`. */
import { MessengerError, type MessengerErrorCode } from '../messenger/errors.ts'
import { ShareError } from './shares.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly hint?: string
}

const STATUS: Record<MessengerErrorCode, number> = {
  'bad-input': 400,
  'not-found': 404,
  ambiguous: 409,
  'not-accepted': 403,
  'invite-invalid': 400,
  'invite-expired': 410,
  'invite-used': 409,
  unreachable: 503,
  conflict: 409,
  'too-large': 413,
  'store-failed': 500,
}

const TITLE: Record<number, string> = {
  400: 'The request makes no sense',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  410: 'Too late',
  413: 'Too large',
  415: 'JSON is spoken here',
  500: 'The node failed',
  503: 'Not reachable',
}

export function problem(status: number, code: string, detail: string, hint?: string): Problem {
  const title = TITLE[status] ?? 'Refused'
  return { type: `urn:dure:problem:${code}`, title, status, detail, code, ...(hint === undefined ? {} : { hint }) }
}

interface Thrown {
  readonly name?: string
  readonly code?: unknown
  readonly message: string
  readonly hint?: unknown
  readonly statusCode?: number
  readonly validation?: readonly { readonly instancePath: string; readonly message?: string; readonly params: Record<string, unknown> }[]
  readonly validationContext?: string
}

/**
 * What a person may know about a failure. Only errors made for people keep their words; all else, whose message may
 * quote input, becomes a plain sentence.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof ShareError) return problem(error.code === 'share-too-long' ? 413 : 400, error.code, error.message, error.hint)
  if (error instanceof MessengerError) return problem(STATUS[error.code], error.code, error.message, error.hint)
  const thrown = error as Thrown
  if (thrown.validation !== undefined) return problem(400, 'bad-input', invalid(thrown))
  if (thrown.name === 'StoreError' && typeof thrown.code === 'string') {
    return problem(500, thrown.code, thrown.message, typeof thrown.hint === 'string' ? thrown.hint : undefined)
  }
  if (thrown.name === 'PhraseError') return problem(400, 'bad-phrase', thrown.message, 'compare the words and their order with your paper')
  if (thrown.name === 'QrError' && typeof thrown.code === 'string') {
    return problem(thrown.code === 'too-large' ? 413 : 400, thrown.code, thrown.message, typeof thrown.hint === 'string' ? thrown.hint : undefined)
  }
  switch (thrown.statusCode) {
    case 400:
      return problem(400, 'bad-json', 'the body is not the JSON asked for')
    case 413:
      return problem(413, 'too-large', 'the body is larger than this route takes')
    case 415:
      return problem(415, 'not-json', 'the body must be sent as application/json')
    default:
      return problem(500, 'internal', 'something inside the node failed', 'see what `dure start` printed')
  }
}

function invalid({ validation = [], validationContext }: Thrown): string {
  const first = validation[0]
  const where = [validationContext, ...(first?.instancePath.split('/').slice(1) ?? [])].join('.')
  const extra = first?.params.additionalProperty
  return `${where} ${first?.message ?? 'is not valid'}${typeof extra === 'string' ? `: ${JSON.stringify(extra).slice(0, 80)}` : ''}`
}
