/**
 * What the fields of a request must be. Everything is checked here, so that a room is only ever called with what its types promise; and each
 * reader says in words what it reads, for the list of commands.
 */
import { fromHex } from '../protocols/suite/index.ts'
import { DoorError } from './errors.ts'

export interface Read<T> {
  /** @param at the field's name, for the error. @throws DoorError field */
  (value: unknown, at: string): T
  readonly says: string
  readonly optional?: true
}

export type Shape = Readonly<Record<string, Read<unknown>>>
export type Values<S extends Shape> = { readonly [Name in keyof S]: ReturnType<S[Name]> }

/** Entries of one list: more than a page of any protocol has. */
const MAX_LIST = 4_096

/** @param read undefined: it is not that */
function reader<T>(says: string, read: (value: unknown, at: string) => T | undefined): Read<T> {
  const checked = (value: unknown, at: string): T => {
    const result = read(value, at)
    if (result === undefined) throw new DoorError('field', `${at}: ${says}`)
    return result
  }
  return Object.assign(checked, { says })
}

/** Lower-case hex; `length` in bytes, any when absent. One form: what looks the same is the same. */
export const bytes = (length?: number): Read<Uint8Array> =>
  reader(length === undefined ? 'hex' : `hex (${length})`, (value) => {
    const right = typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-f]*$/.test(value) && (length === undefined || value.length === 2 * length)
    return right ? fromHex(value) : undefined
  })

export const whole = (most = Number.MAX_SAFE_INTEGER): Read<number> =>
  reader(most === Number.MAX_SAFE_INTEGER ? 'number' : `number up to ${most}`, (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most ? value : undefined,
  )

export const flag: Read<boolean> = reader('true | false', (value) => (typeof value === 'boolean' ? value : undefined))

export const text: Read<string> = reader('text', (value) => (typeof value === 'string' && value.isWellFormed() ? value : undefined))

export const anything: Read<unknown> = Object.assign((value: unknown) => value, { says: 'anything' })

export const object: Read<Readonly<Record<string, unknown>>> = reader('an object', (value) => (isObject(value) ? value : undefined))

export const oneOf = <T extends string>(...names: readonly T[]): Read<T> => reader(names.join(' | '), (value) => names.find((name) => name === value))

export const list = <T>(of: Read<T>, most = MAX_LIST): Read<readonly T[]> =>
  reader(`[${of.says}] up to ${most}`, (value, at) => (Array.isArray(value) && value.length <= most ? value.map((each, i) => of(each, `${at}[${i}]`)) : undefined))

export const optional = <T>(of: Read<T>): Read<T | undefined> => Object.assign((value: unknown, at: string) => of(value, at), { says: of.says, optional: true } as const)

export const record = <S extends Shape>(shape: S): Read<Values<S>> =>
  reader(`{ ${described(shape)} }`, (value, at) => (isObject(value) ? valuesOf(shape, value, at) : undefined))

/** One of several shapes, told apart by the field `tag`; `common` is in all of them. */
export const variant = (tag: string, cases: Readonly<Record<string, Shape>>, common: Shape = {}): Read<Readonly<Record<string, unknown>>> =>
  reader(`by ${tag}: ${Object.entries(cases).map(([name, shape]) => `${name} { ${described({ ...common, ...shape })} }`).join('; ')}`, (value, at) => {
    if (!isObject(value)) return undefined
    const name = oneOf(...Object.keys(cases))(value[tag], `${at}.${tag}`)
    const { [tag]: _, ...rest } = value
    return { [tag]: name, ...valuesOf({ ...common, ...cases[name] }, rest, at) }
  })

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is optional and absent is not in the result. A field nobody asked for is refused: it would be a misspelt one. @throws DoorError field */
export function valuesOf<S extends Shape>(shape: S, given: Readonly<Record<string, unknown>>, at = ''): Values<S> {
  const path = (name: string): string => (at === '' ? name : `${at}.${name}`)
  const strange = Object.keys(given).find((name) => !Object.hasOwn(shape, name))
  if (strange !== undefined) throw new DoorError('field', `${path(strange).slice(0, 100)}: there is no such field`)
  const present = Object.entries(shape).filter(([name, { optional: may }]) => !may || given[name] !== undefined)
  return Object.fromEntries(present.map(([name, read]) => [name, read(given[name], path(name))])) as Values<S>
}

/** Each field by its name, with a question mark when it may be left out. */
export const listed = (shape: Shape): Record<string, string> => Object.fromEntries(Object.entries(shape).map(([name, { says, optional: may }]) => [`${name}${may ? '?' : ''}`, says]))

const described = (shape: Shape): string => Object.entries(listed(shape)).map((field) => field.join(': ')).join(', ')
