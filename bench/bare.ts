/** libp2p with nothing of ours: TCP, Noise, yamux, one kept stream, 4 KiB there and a few bytes back. */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'

const PROTOCOL = '/bench/echo/1'
const REQUEST_BYTES = 4096
const RESPONSE_BYTES = 10

const node = (listen: string[]): Promise<Libp2p> =>
  createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
  })

/** Answers every request. */
export async function bareListen(): Promise<{ address: string; close(): Promise<void> }> {
  const listening = await node(['/ip4/127.0.0.1/tcp/0'])
  await listening.handle(PROTOCOL, async (stream) => {
    const frames = lpStream(stream, { maxDataLength: REQUEST_BYTES })
    for (;;) {
      await frames.read()
      await frames.write(new Uint8Array(RESPONSE_BYTES))
    }
  })
  return { address: listening.getMultiaddrs()[0]?.toString() ?? '', close: async () => listening.stop() }
}

export async function bareDial(address: string): Promise<{ request(): Promise<void>; close(): Promise<void> }> {
  const dialling = await node([])
  const frames = lpStream(await dialling.dialProtocol(multiaddr(address), PROTOCOL), { maxDataLength: RESPONSE_BYTES })
  const payload = new Uint8Array(REQUEST_BYTES)
  return {
    async request() {
      await frames.write(payload)
      await frames.read()
    },
    close: async () => dialling.stop(),
  }
}
