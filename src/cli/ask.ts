/** Questions on the terminal. The prompt library is loaded when somebody is asked. */
import type * as clack from '@clack/prompts'
import { type Ask, CliError, type In, type Out } from './io.ts'

export function terminalAsk(input: In, output: Out): Ask {
  async function answer<T>(put: (prompts: typeof clack, streams: object) => Promise<T | symbol>): Promise<T> {
    const prompts = await import('@clack/prompts')
    const given = await put(prompts, { input, output, withGuide: false })
    if (prompts.isCancel(given)) throw new CliError('nothing was done', undefined, { code: 'cancelled' })
    return given as T
  }
  return {
    text: async (message, preset) =>
      (await answer<string | undefined>((prompts, streams) =>
        prompts.text({ message, ...(preset === undefined ? {} : { placeholder: preset, defaultValue: preset }), ...streams }),
      )) ?? '',
    secret: async (message) => (await answer<string | undefined>((prompts, streams) => prompts.password({ message, ...streams }))) ?? '',
    yes: (message) => answer<boolean>((prompts, streams) => prompts.confirm({ message, initialValue: false, ...streams })),
  }
}
