/** The door described for machines: made of the same table and schemas that answer, so that it cannot say anything else. */
import { channel as channelView, post } from './channel-schemas.ts'
import { events } from './event-schemas.ts'
import { type Route, routes } from './routes.ts'
import * as schema from './schemas.ts'

type Streamed = Pick<Route, 'method' | 'path' | 'does' | 'needs' | 'params' | 'query'> & {
  /** media types of what goes in and comes out */
  readonly takes?: string
  readonly gives: string
  readonly answer?: schema.Schema
}

const JSON_LINES = 'application/jsonl'
const BYTES = 'application/octet-stream'
const named = { name: schema.contactName }

/** Routes that are no table: they stream, or speak something else than JSON. */
const STREAMED: readonly Streamed[] = [
  { method: 'GET', path: '/v1/events', does: 'events as they happen; comes back with Last-Event-ID', needs: 'any', gives: 'text/event-stream' },
  { method: 'GET', path: '/v1/export', does: 'the archive', needs: 'person', gives: JSON_LINES },
  { method: 'POST', path: '/v1/import', does: 'bring an archive back', needs: 'person', takes: JSON_LINES, gives: 'application/json', answer: schema.imported },
  { method: 'GET', path: '/v1/profile/picture', does: 'our picture; 204 without one', needs: 'any', gives: BYTES },
  { method: 'GET', path: '/v1/contacts/:name/picture', does: 'the picture of a contact', needs: 'read:messages', params: named, gives: BYTES },
  { method: 'POST', path: '/v1/codes', does: 'the text of the code in a picture', needs: 'person', takes: BYTES, gives: 'application/json', answer: schema.link },
  { method: 'GET', path: '/v1/channels/:name/media/:hash', does: 'bytes of a picture of a channel', needs: 'read:channels', params: { ...named, hash: schema.freeText }, gives: BYTES },
  { method: 'GET', path: '/v1/channels/:name/export', does: 'the signed log of a channel', needs: 'read:channels', params: named, gives: JSON_LINES },
  { method: 'POST', path: '/v1/channel-import', does: 'check an exported channel, and keep it when `keep` is true', needs: 'person', query: { 'keep?': schema.freeText }, takes: JSON_LINES, gives: 'application/json' },
  { method: 'GET', path: '/v1/openapi.json', does: 'this description', needs: 'any', gives: 'application/json', answer: { type: 'object' } },
]

const PROBLEM = schema.object({ type: schema.freeText, title: schema.freeText, status: { type: 'number' }, detail: schema.freeText, code: schema.freeText, 'hint?': schema.freeText })

const parameters = (place: 'path' | 'query', fields: Route['params']): object[] =>
  Object.entries(fields ?? {}).map(([name, shape]) => ({ name: name.replace(/\?$/, ''), in: place, required: place === 'path' || !name.endsWith('?'), schema: shape }))

const content = (type: string, shape: schema.Schema | undefined): object => ({ content: { [type]: shape ? { schema: shape } : {} } })

function operation(route: Pick<Route, 'does' | 'needs' | 'params' | 'query'>, body: object | undefined, answer: object): object {
  return {
    summary: route.does,
    'x-dure-needs': route.needs,
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...(body && { requestBody: { required: true, ...body } }),
    responses: {
      200: { description: 'done', ...answer },
      default: { description: 'refused or failed (RFC 9457)', ...content('application/problem+json', { $ref: '#/components/schemas/Problem' }) },
    },
  }
}

const templated = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}')

function paths(): Record<string, Record<string, object>> {
  const all: Record<string, Record<string, object>> = {}
  const add = (route: { method: string; path: string }, what: object): void => void ((all[templated(route.path)] ??= {})[route.method.toLowerCase()] = what)
  for (const route of routes) add(route, operation(route, route.body && content('application/json', schema.object(route.body)), content('application/json', route.answer)))
  for (const route of STREAMED) {
    add(route, operation(route, route.takes === undefined ? undefined : content(route.takes, undefined), content(route.gives, route.answer)))
  }
  return all
}

export const openApi = {
  openapi: '3.1.0',
  info: {
    title: 'Dure',
    version: '1',
    description: 'The local door of a Dure node: over its Unix socket without a token, over its port on 127.0.0.1 with one. x-dure-needs names the scope a token must have; `person`: no token may.',
  },
  security: [{ token: [] }],
  paths: paths(),
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    schemas: {
      Problem: PROBLEM,
      Contact: schema.contact,
      Message: schema.message,
      Channel: channelView,
      Post: post,
      ...Object.fromEntries(Object.entries(events).map(([type, shape]) => [`${type[0]?.toUpperCase()}${type.slice(1)}Event`, shape])),
    },
  },
} as const
