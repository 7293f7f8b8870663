/** The routes' schemas as TypeScript. Only what the schemas of src/api use is understood; anything else is an error here, not a wrong type there. */
import { events } from '../src/api/event-schemas.ts'
import { routes } from '../src/api/routes.ts'
import { object, type Schema } from '../src/api/schemas.ts'

export function clientTypes(): string {
  const table = routes.map(({ method, path, does, params, query, body, answer }) => {
    const parts = [
      ...(params ? [`params: ${typeOf(object(params))}`] : []),
      ...(query ? [`query?: ${typeOf(object(query))}`] : []),
      ...(body ? [`body: ${typeOf(object(body))}`] : []),
      `answer: ${typeOf(answer)}`,
    ]
    return `  /** ${does} */\n  '${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}': { ${parts.join('; ')} }`
  })
  const happened = Object.entries(events).map(([type, shape]) => `  | (${typeOf(shape)} & { readonly type: '${type}' })`)
  return [
    '/** Written by scripts/client.ts from the schemas of src/api. */',
    '',
    '/** Every route: the parts of its path, its query, its body and its answer. */',
    'export interface Routes {',
    ...table,
    '}',
    '',
    '/** What is told on the stream of events. */',
    'export type Happened =',
    ...happened,
    '',
  ].join('\n')
}

function typeOf(shape: Schema): string {
  const { type, enum: values, items, properties, required } = shape as { type: string | string[]; enum?: string[]; items?: Schema; properties?: Record<string, Schema>; required?: string[] }
  if (values) return values.map((value) => `'${value}'`).join(' | ')
  if (Array.isArray(type)) return type.map((each) => typeOf({ type: each })).join(' | ')
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return `readonly (${typeOf(items ?? {})})[]`
    case 'object':
      return `{ ${Object.entries(properties ?? {}).map(([name, each]) => `readonly ${name}${required?.includes(name) ? '' : '?'}: ${typeOf(each)}`).join('; ')} }`
    default:
      throw new TypeError(`a schema of a kind that has no type here: ${JSON.stringify(shape)}`)
  }
}
