import type { SelfView } from '../../messenger/views.ts'
import { examples, type Register } from '../command.ts'
import { inertName } from '../inert.ts'

export const id: Register = (program, run) => {
  program
    .command('id')
    .summary('who you are')
    .description('Shows your name, the fingerprint of your account, and the peer id of this device.')
    .addHelpText('after', examples('id', 'id --json'))
    .action(
      run(async ({ api, answer, style }) => {
        answer(await api.get<SelfView>('/v1/id'), (self) =>
          [style('bold', inertName(self.name)), `fingerprint  ${self.fingerprint}`, `peer id      ${self.peerId}`, `account      ${self.account}`].join('\n'),
        )
      }),
    )
}
