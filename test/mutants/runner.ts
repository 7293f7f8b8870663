/**
 * Mocha as Stryker's test runner: the files of a room are loaded once and run for every mutant, each with the tests that reach it. Stryker's own
 * runner asks Mocha 12 for files it no longer has.
 */
import Mocha from 'mocha'
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext, type StrykerOptions } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached, type DryRunOptions, type DryRunResult, DryRunStatus, type MutantRunOptions, type MutantRunResult, type TestResult, type TestRunner, TestStatus, toMutantRunResult,
} from '@stryker-mutator/api/test-runner'

/** What the mutated code looks at while it runs. */
type Context = { [K in keyof InstrumenterContext]: InstrumenterContext[K] | undefined }
const context = ((globalThis as Record<string, unknown>)[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {}) as Context

const escaped = (title: string): string => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The option `tests`. */
export interface Tests {
  readonly files: readonly string[]
  /** parts of titles that are not run */
  readonly without: readonly string[]
}

class MochaRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options)
  private readonly mocha = new Mocha({ timeout: 0, reporter: Mocha.reporters.Base })
  private loaded = false

  private readonly all: RegExp

  constructor(options: StrykerOptions) {
    const { files, without } = options['tests'] as Tests
    this.all = new RegExp(`^${without.map((part) => `(?!.*${escaped(part)})`).join('')}`)
    this.mocha.cleanReferencesAfterRun(false)
    for (const file of files) this.mocha.addFile(file)
  }

  /** What Node has imported stays: a mutant of code that runs at import takes a new process. */
  capabilities(): { reloadEnvironment: false } {
    return { reloadEnvironment: false }
  }

  async dryRun({ disableBail }: DryRunOptions): Promise<DryRunResult> {
    this.mocha.grep(this.all)
    const result = await this.run(disableBail)
    return { ...result, ...(context.mutantCoverage && { mutantCoverage: context.mutantCoverage }) }
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, disableBail, hitLimit }: MutantRunOptions): Promise<MutantRunResult> {
    context.hitLimit = hitLimit
    context.hitCount = hitLimit === undefined ? undefined : 0
    this.mocha.grep(testFilter ? new RegExp(testFilter.map((title) => `^${escaped(title)}$`).join('|')) : this.all)
    if (mutantActivation === 'static') context.activeMutant = activeMutant.id
    return toMutantRunResult(await this.run(disableBail, activeMutant.id))
  }

  private async run(disableBail: boolean, mutant?: string): Promise<DryRunResult> {
    try {
      if (!this.loaded) await this.mocha.loadFilesAsync()
    } catch (error) {
      return { status: DryRunStatus.Error, errorMessage: String(error) }
    }
    this.loaded = true
    context.activeMutant = mutant
    const tests: TestResult[] = []
    await new Promise((done) => {
      const run = this.mocha.run(done)
      const result = (test: Mocha.Runnable) => ({ id: test.fullTitle(), name: test.fullTitle(), timeSpentMs: test.duration ?? 0 })
      run.on('test', (test) => (context.currentTestId = test.fullTitle()))
      run.on('pass', (test) => tests.push({ ...result(test), status: TestStatus.Success }))
      run.on('fail', (test, error) => {
        tests.push({ ...result(test), status: TestStatus.Failed, failureMessage: String(error) })
        if (!disableBail) run.abort()
      })
    })
    return determineHitLimitReached(context.hitCount, context.hitLimit) ?? { status: DryRunStatus.Complete, tests }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'mocha', MochaRunner)]
