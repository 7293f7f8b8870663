/** A request the node refused or that never reached it. */

/** Besides the codes of problem+json: nothing answered, or something that is no node did. */
export const UNREACHED = 'unreached'

export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  readonly hint: string | undefined

  /** @param detail in the node's words, which are English */
  constructor(status: number, code: string, detail: string, hint?: string) {
    super(detail)
    this.status = status
    this.code = code
    this.hint = hint
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  try {
    const { code, detail, hint } = (await response.json()) as { code?: unknown; detail?: unknown; hint?: unknown }
    if (typeof code === 'string' && typeof detail === 'string') return new Problem(response.status, code, detail, typeof hint === 'string' ? hint : undefined)
  } catch {
    // said below
  }
  return new Problem(response.status, UNREACHED, `HTTP ${response.status}`)
}
