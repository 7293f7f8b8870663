/**
 * Tokens for programs that come through the port, such as a bot in a container: made by the person, for some scopes, and ended by them. Kept as a hash:
 * who reads the database finds nothing that opens the door.
 */
import { createHash, randomBytes } from 'node:crypto'
import { MessengerError } from '../messenger/errors.ts'
import { type Scope, SCOPES } from './rights.ts'

/** So that a token in a log or a commit is recognised by those who search for such things. */
const PREFIX = 'dure_'
const BYTES = 32
const ID_CHARACTERS = 8
/** More than anybody can tell apart; each is looked up by its hash. */
const MAX_TOKENS = 64
const MAX_NAME_CHARACTERS = 64

export interface TokenView {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAt: number
}

interface Kept extends TokenView {
  readonly hash: string
}

/** Where tokens are kept: a text of the profile. */
export interface TokenKeeper {
  read(): string
  write(text: string): Promise<void>
}

export interface Tokens {
  list(): TokenView[]
  /** The token itself is told once and kept nowhere. @throws MessengerError */
  create(options: { name: string; scopes: readonly string[] }): Promise<TokenView & { readonly token: string }>
  /** @throws MessengerError 'not-found' */
  revoke(id: string): Promise<void>
  scopesOf(token: string): ReadonlySet<Scope> | undefined
}

export function createTokens(keeper: TokenKeeper, now: () => number): Tokens {
  let kept = JSON.parse(keeper.read() || '[]') as Kept[]
  const keep = async (next: Kept[]): Promise<void> => {
    await keeper.write(JSON.stringify(next))
    kept = next
  }
  return {
    list: () => kept.map(viewOf),
    async create({ name, scopes }) {
      const wrong = scopes.find((scope) => !(SCOPES as readonly string[]).includes(scope))
      if (wrong !== undefined || scopes.length === 0) throw new MessengerError('bad-input', 'a token needs scopes that there are', `these: ${SCOPES.join(', ')}`)
      if (name.length > MAX_NAME_CHARACTERS || /\p{Cc}/u.test(name)) throw new MessengerError('bad-input', `the name of a token is one line of up to ${MAX_NAME_CHARACTERS} characters`)
      if (kept.length >= MAX_TOKENS) throw new MessengerError('too-large', `there are ${MAX_TOKENS} tokens already`, 'dure token revoke ID makes room')
      const token = PREFIX + randomBytes(BYTES).toString('base64url')
      const hash = hashOf(token)
      const made: Kept = { id: hash.slice(0, ID_CHARACTERS), name, scopes: SCOPES.filter((scope) => scopes.includes(scope)), createdAt: now(), hash }
      await keep([...kept, made])
      return { ...viewOf(made), token }
    },
    async revoke(id) {
      if (!kept.some((each) => each.id === id)) throw new MessengerError('not-found', 'there is no such token', 'dure token list')
      await keep(kept.filter((each) => each.id !== id))
    },
    scopesOf(token) {
      // Compared as hashes: how far a guess is right does not show in the time it takes (attack 107).
      const hash = hashOf(token)
      const found = kept.find((each) => each.hash === hash)
      return found && new Set(found.scopes)
    },
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

const viewOf = ({ id, name, scopes, createdAt }: Kept): TokenView => ({ id, name, scopes, createdAt })
