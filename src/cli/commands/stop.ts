import { examples, type Register } from '../command.ts'

export const stop: Register = (program, run) => {
  program
    .command('stop')
    .summary('stop your node')
    .description('Stops the node that runs on this profile, as Ctrl-C in its terminal does.')
    .addHelpText('after', examples('stop'))
    .action(
      run(async ({ api, answer }) => {
        answer(await api.call('POST', '/v1/stop'), () => 'Dure is stopping.')
      }),
    )
}
