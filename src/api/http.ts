/** HTTP as every door of this node speaks it: JSON in and out, problems in words, nothing that is not in a schema. */
import { type FastifyInstance, fastify } from 'fastify'
import type { Log } from '../messenger/context.ts'
import { type Problem, problem, problemOf } from './problem.ts'

const MAX_BODY_BYTES = 1024 * 1024
/** A name of 256 characters, each of up to 4 bytes, percent-encoded. */
const MAX_PARAMETER_CHARACTERS = 3_072

const NO_ROUTE = (): Problem => problem(404, 'no-route', 'there is no such route', 'src/api/README.md lists them')

/**
 * Without routes. It listens nowhere: a door hands it requests.
 * @param missing what is said of all other paths
 */
export function createHttp({ log, missing = NO_ROUTE }: { log?: Log | undefined; missing?: () => Problem }): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    // what is not in a schema is refused, not dropped or bent into shape
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allowUnionTypes: true } },
  })
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, request, reply) => {
    const answer = problemOf(error)
    // That others cannot be reached is no fault of this node.
    if (answer.status >= 500 && answer.code !== 'unreachable') log?.warn('a request failed', { route: request.routeOptions.url ?? '', ...where(error) })
    return reply.code(answer.status).type('application/problem+json').serializer(JSON.stringify).send(answer)
  })
  app.setNotFoundHandler((_request, reply) => {
    const answer = missing()
    return reply.code(answer.status).type('application/problem+json').serializer(JSON.stringify).send(answer)
  })
  return app
}

/** The kind of an error and where it came from, without its message: that may quote what somebody wrote. */
function where(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return {}
  const frame = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '))
  return { error: error.name, ...(frame === undefined ? {} : { at: frame.trim() }) }
}
