/** A person's real node that may end at any moment, and what a person does with it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type Given, Refused, type Routes } from '../../src/client/index.ts'
import type { Home } from '../support/processes.ts'
import type { Seals } from '../support/seals.ts'
import { DOOM, type Moment, RECORD } from './recorder.ts'

/** A node that says nothing for so long hangs: the machine may be busy with much else. */
const ANSWER_MS = 120_000
/** After a stream broke, until the end of the process shows. */
const EXIT_MS = 10_000
/** Of what a node printed, in the words of a failure. */
const SAID = 2_000
/** What every start that is refused must say. */
const CLEAR = /^dure: error: .+\ndure: hint: .+/m

/** It is not known whether it was done: the process is gone, or the time for it is not there. Who does something stops there. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

export interface Doom {
  readonly moment: Moment
  /** at the how manieth of a run */
  readonly nth: number
}

/** How a run differs from a plain one. */
export interface Weather {
  readonly doom?: Doom | undefined
  /** of a disk that can be made to fail, or a clock that is wrong */
  readonly environment?: NodeJS.ProcessEnv
  /** its disk fails: it may refuse to start, and what it is asked for, if it says so */
  readonly isIll?: boolean
}

export class Resident {
  readonly name: string
  readonly home: Home
  readonly #record: string
  #recorded = 0
  #account: string | undefined
  #weather: Weather = {}
  #began = false
  kills = 0

  /** @param record where its processes write down what they stored and sent */
  constructor(name: string, home: Home, record: string) {
    this.name = name
    this.home = home
    this.#record = record
  }

  get isIll(): boolean {
    return this.#weather.isIll === true
  }

  /** From now on what it is asked for may be refused for its disk. */
  sicken(): void {
    this.#weather = { ...this.#weather, isIll: true }
  }

  /**
   * Starts its node if it does not run, and again if it was killed on the way.
   * @param killedAfter kill -9 so many ms after the start of the process, if it is not ready by then
   */
  async wake(weather: Weather = {}, killedAfter?: number): Promise<void> {
    if (this.home.isRunning) return
    await this.#wasKilled()
    this.#weather = weather
    const doom = weather.doom && { [DOOM]: `${weather.doom.moment} ${weather.doom.nth}` }
    const starting = this.home.startWith({ ...weather.environment, ...doom, [RECORD]: this.#record }, this.name)
    this.#began = true
    const timer = killedAfter === undefined ? undefined : setTimeout(() => void this.home.end('SIGKILL'), killedAfter)
    try {
      await starting
    } catch (error) {
      const code = await this.home.end('SIGKILL')
      if (code === null) return await this.wake({ ...weather, doom: undefined })
      this.#mayRefuse(String(error))
    } finally {
      clearTimeout(timer)
    }
    await this.#isItself()
  }

  /** What has ended was ended from outside. */
  async #wasKilled(): Promise<void> {
    if (!this.#began) return
    this.#began = false
    const code = await this.home.end()
    if (code === null) this.kills++
    else assert.ok(this.#weather.isIll, `${this.name} ended by itself with ${code}: ${this.home.said}`)
  }

  kill(): Promise<number | null> {
    return this.home.end('SIGKILL')
  }

  #mayRefuse(said: string): void {
    assert.match(said, CLEAR, `${this.name} refuses to start and does not say why: ${said}`)
    assert.ok(this.#weather.isIll, `${this.name} refuses to start: ${said}`)
    this.#began = false
  }

  /** An identity that was there once is there for good. */
  async #isItself(): Promise<void> {
    try {
      const { account } = await this.ask('GET /v1/id')
      assert.equal(this.#account ?? account, account, `${this.name} is somebody else`)
      this.#account = account
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
    }
  }

  /**
   * @param refusals codes of refusals that say nothing against it
   * @throws Interrupted
   */
  async ask<R extends keyof Routes>(route: R, given?: Given<R>, refusals: readonly string[] = []): Promise<Routes[R]['answer']> {
    try {
      return await within(ANSWER_MS, this.home.client.call(route, ...([given] as never)))
    } catch (error) {
      if (error instanceof Unanswered) throw new Error(`${this.name} does not answer ${route}`)
      if (!(error instanceof Refused)) return this.#hungUp(route, error)
      if (refusals.includes(error.code) || error.code === 'not-running') throw new Interrupted(`${route}: ${error.code}`)
      if (this.#weather.isIll && error.status === 500 && error.code !== 'internal') throw new Interrupted(`${route}: ${error.code}`)
      throw new Error(`${this.name} refuses ${route}: ${error.code}, ${error.message}; it said: ${this.home.said.slice(-SAID)}`, { cause: error })
    }
  }

  async #hungUp(route: string, error: unknown): Promise<never> {
    for (let waited = 0; this.home.isRunning; waited += 20) {
      if (waited > EXIT_MS) throw new Error(`${this.name} lives and hangs up on ${route}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Interrupted(`${route}: ${this.name} is gone`)
  }

  /** What its processes wrote down since the last time. */
  confess(seals: Seals): void {
    const lines = read(this.#record).split('\n').slice(0, -1)
    for (const line of lines.slice(this.#recorded)) {
      const [kind, digest = '', commitment = ''] = line.split(' ')
      if (kind === 'durable') seals.durable(this.name, { digest, commitment: commitment || undefined })
      else seals.left(this.name, digest)
    }
    this.#recorded = lines.length
  }
}

class Unanswered extends Error {}

async function within<T>(ms: number, doing: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Unanswered()), ms)
  try {
    return await Promise.race([doing, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // nothing was written yet
  }
}
