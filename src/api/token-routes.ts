/** Tokens, for the person alone: no token makes another. */
import { SCOPES } from './rights.ts'
import type { Input, Route } from './routes.ts'
import * as schema from './schemas.ts'

export const tokenRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/tokens',
    does: 'the tokens there are, without what opens the door',
    needs: 'person',
    answer: schema.list(schema.token),
    run: ({ tokens }) => tokens.list(),
  },
  {
    method: 'POST',
    path: '/v1/tokens',
    does: `make a token; scopes: ${SCOPES.join(', ')}. \`token\` is told this once`,
    needs: 'person',
    body: { name: schema.freeText, scopes: schema.list(schema.freeText) },
    answer: schema.newToken,
    run: ({ tokens }, { body }: Input<{ name: string; scopes: string[] }>) => tokens.create(body),
  },
  {
    method: 'DELETE',
    path: '/v1/tokens/:id',
    does: 'end a token',
    needs: 'person',
    params: { id: schema.tokenId },
    answer: schema.done,
    run: async ({ tokens }, { params }) => {
      await tokens.revoke(params.id)
      return { ok: true }
    },
  },
]
