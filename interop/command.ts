/** A command of the door: its fields, and what it does with them. */
import type { Shape, Values } from './fields.ts'

/** Bytes in it leave as hex, what is undefined is left out. */
export type Answer = Readonly<Record<string, unknown>>

export interface Command {
  readonly fields: Shape
  readonly run: (values: never) => Answer
}

export type Commands = Readonly<Record<string, Command>>

export const command = <S extends Shape>(fields: S, run: (values: Values<S>) => Answer): Command => ({ fields, run })
