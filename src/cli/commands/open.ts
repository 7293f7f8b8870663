import { openInBrowser } from '../browser.ts'
import { examples, type Register } from '../command.ts'

export const open: Register = (program, run) => {
  program
    .command('open')
    .summary('open the page')
    .description('Opens the page of your running node in the browser, or shows the address that does. It works once, within ten minutes: whoever opens it is let in as you.')
    .addHelpText('after', examples('open'))
    .action(
      run(async ({ api, answer, io, json }) => {
        const { link } = await api.call<{ link: string }>('POST', '/v1/page')
        const opened = !json && openInBrowser(io, link)
        answer({ link }, () => (opened ? `The page opens in your browser. If it does not: ${link}` : link))
      }),
    )
}
