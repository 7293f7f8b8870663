import type { ChannelView } from '../../../messenger/channels/views.ts'
import { type ManifestOptions, manifestFrom, withManifestOptions } from '../../channel-input.ts'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { inertName } from '../../inert.ts'
import { usageError } from '../../io.ts'

export const set: Register = (channel, run) => {
  withManifestOptions(
    channel
      .command('set')
      .summary('change what your channel says of itself')
      .argument('<channel>')
      .description('Signs a new manifest; what you do not name stays as it is.')
      .option('--name <name>'),
  )
    .addHelpText('after', examples('channel set "Seoul Bakery" --hours "Mo-Fr 08:00-18:00"', 'channel set "Seoul Bakery" --domain bakery.example'))
    .action(
      run<[string], ManifestOptions & { name?: string }>(async ({ api, answer }, [given], { name, ...options }) => {
        const manifest = { ...(await manifestFrom(options)), ...(name !== undefined && { name }) }
        if (Object.keys(manifest).length === 0) throw usageError('what should change?', 'name at least one of the options')
        answer(await api.call<ChannelView>('PUT', path`/v1/channels/${given}/manifest`, manifest), (view) => `${inertName(view.name)} says so from now on.`)
      }),
    )
}
