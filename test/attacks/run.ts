/**
 * npm run attacks: the attack set of the gossipsub v1.1 evaluation at a tenth of its size, as a table; `-- --sybils N`, `-- --only NAME`. Exits 1 when followers
 * miss more than one post in a hundred.
 */
import { stopAll } from '../src/net/support.ts'
import { argumentsOf, misused, wholeNumberAbove0 } from '../support/command.ts'
import { ATTACKS, perform } from './arena.ts'

/** What must arrive by gossip alone. */
const LEAST = 0.99

const { values } = argumentsOf({ options: { sybils: { type: 'string', default: '20' }, only: { type: 'string', default: '' } } })
const size = { followers: 20, sybils: wholeNumberAbove0('--sybils', values.sybils), posts: 20 }
const chosen = ATTACKS.filter(({ name }) => name.includes(values.only))
if (chosen.length === 0) misused(`no attack is called ${values.only}: ${ATTACKS.map(({ name }) => name).join(', ')}`)
console.log(`${size.followers} followers, ${size.sybils} sybils, ${size.posts} posts; time in heartbeats of a second`)
console.log('attack                           arrived     half     99 %   sybils beside     memory    CPU')
for (const attack of chosen) {
  const { delivered, half, most, held, memory, cpu } = await perform(attack, size)
  await stopAll()
  const figures = [`${(delivered * 100).toFixed(1)} %`.padStart(8), half.toFixed(3).padStart(8), most.toFixed(3).padStart(8), `${(held * 100).toFixed(0)} %`.padStart(15), `${memory.toFixed(0)} MiB`.padStart(10), `${cpu.toFixed(0)} s`.padStart(6)]
  console.log(attack.name.padEnd(31), ...figures)
  if (delivered < LEAST) process.exitCode = 1
}
process.exit()
