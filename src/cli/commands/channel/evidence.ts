import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { path } from '../../client.ts'
import { examples, type Register } from '../../command.ts'
import { inertLine } from '../../inert.ts'
import { CliError } from '../../io.ts'

interface Evidence {
  readonly id: string
  readonly text: string
  readonly bytes: string
}

export const evidence: Register = (channel, run) => {
  channel
    .command('evidence')
    .summary('proofs that a channel broke its word')
    .argument('<channel>')
    .description('Lists proofs of forks and of trimmed logs. Written to files, they convince anyone who trusts neither side.')
    .option('--out <dir>', 'write each to a file in this folder')
    .addHelpText('after', examples('channel evidence "Seoul Bakery" --out .'))
    .action(
      run<[string], { out?: string }>(async ({ api, answer, tell }, [name], { out }) => {
        const all = await api.get<Evidence[]>(path`/v1/channels/${name}/evidence`)
        if (all.length === 0) tell('There is nothing against it.')
        for (const one of all) {
          const file = out === undefined ? undefined : join(out, `dure-evidence-${one.id.slice(0, 16)}.bin`)
          if (file !== undefined) await writeFile(file, Buffer.from(one.bytes, 'base64'), { flag: 'wx' })
          answer({ ...one, file }, () => `${inertLine(one.text)}${file === undefined ? '' : `\n  ${file}`}`)
        }
      }),
    )
}

export const check: Register = (channel, run) => {
  channel
    .command('check')
    .summary('check a proof somebody gave you')
    .argument('<file>')
    .description('Checks an exported proof without any network.')
    .addHelpText('after', examples('channel check dure-evidence-3f2a.bin'))
    .action(
      run<[string]>(async ({ api, answer }, [file]) => {
        const bytes = await readFile(file).catch(() => {
          throw new CliError(`${file} cannot be read`, 'name a file that `dure channel evidence --out` wrote')
        })
        answer(await api.call<{ text: string; channel: string }>('POST', '/v1/evidence', { bytes: bytes.toString('base64') }), (view) => `It proves: ${inertLine(view.text)}\n  channel ${view.channel}`)
      }),
    )
}
