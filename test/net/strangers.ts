/**
 * Peers of a DHT of the public kind, in a process of their own. Arguments: an address of this host; addresses it names to whoever asks.
 * Prints where a search may begin, and a line for every call to the place that one of them, who lies, says relays are at.
 */
import { createServer } from 'node:net'
import { dhtPeer, inventions, lie, named } from '../support/public-dht.ts'

const [host = '', ...inside] = process.argv.slice(2)
const HERE = 4444

createServer((socket) => {
  console.log('called')
  socket.on('error', () => undefined).destroy()
}).listen(HERE, host)
const honest = await dhtPeer(`/ip4/${host}/tcp/4001`)
const liar = await dhtPeer(`/ip4/${host}/tcp/4002`)
lie(liar, () => ({
  providers: inventions(100, [...inside, `/ip4/${host}/tcp/${HERE}`]),
  closer: [named(honest.node.peerId, [honest.address]), ...inventions(100, [...inside, `/ip4/${host}/tcp/${HERE}`])],
}))
console.log(JSON.stringify([honest.address, liar.address]))
