/** What the door itself refuses. Everything else that goes wrong is said by the room, in the room's own words. */
const REASONS = {
  'not-json': 'a line is one JSON object in UTF-8, with the command in `do`',
  'too-long': 'the line is longer than a line may be',
  'unknown-command': 'there is no such command; `commands` lists them',
  field: 'a field is not what it must be',
  'unknown-handle': 'no such thing is held here',
  'too-many': 'no more of these are held at once; forget one',
}

/** `what` names the field and what it must be, or the limit; else it says what is wrong in general. */
export class DoorError extends Error {
  override readonly name = 'DoorError'
  readonly code: keyof typeof REASONS
  readonly what: string

  constructor(code: DoorError['code'], what?: string) {
    super(REASONS[code])
    this.code = code
    this.what = what ?? REASONS[code]
  }
}

/** What errors of the rooms carry beside their code. A typed word of a phrase is not among them. */
const DETAILS = ['reason', 'kind', 'what', 'limit', 'position', 'tag'] as const

/** Name, code and numbers; never a stack, and of an error that no room knows nothing but its name. */
export function described(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: 'Error', code: 'unexpected' }
  const said: Record<string, unknown> = { name: error.name, code: codeOf(error) }
  if (error instanceof RangeError) said['what'] = error.message // rooms throw it for an argument of the wrong size: a mistake of the caller, not of a peer
  const details = error as unknown as Record<string, unknown>
  for (const name of DETAILS) if (details[name] !== undefined) said[name] = details[name]
  if (error.cause instanceof Error) said['cause'] = described(error.cause)
  return said
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  if ('rule' in error && typeof error.rule === 'string') return error.rule
  return error instanceof RangeError ? 'range' : 'unexpected'
}
