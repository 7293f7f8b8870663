/** Where a node can listen, and in plain words why it could not. */
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { ListenError } from '../messenger/channels/ports.ts'

/** TCP or WebSocket on an address of a machine. */
const LISTENABLE = /^\/(?:ip[46]|dns[46]?)\/[^/]+\/tcp\/\d+(?:\/ws)?$/
/** The library names each address it could not listen at on a line of its own, with what the system said. */
const REFUSED = /^ *(\/\S+): (.+)$/gm
const SYSTEM = [
  [/\bEADDRINUSE\b/, 'the port is taken'],
  [/\bEADDRNOTAVAIL\b/, 'this machine has no such address'],
  [/\bEACCES\b/, 'the system does not let us have that port'],
] as const

export function isListenable(text: string): boolean {
  if (!LISTENABLE.test(text)) return false
  try {
    multiaddr(text)
    return true
  } catch {
    return false // a port or a host that is none
  }
}

/** @throws ListenError */
export async function startListening(libp2p: Pick<Libp2p, 'start'>): Promise<void> {
  try {
    await libp2p.start()
  } catch (error) {
    const refused = [...(error as Error).message.matchAll(REFUSED)].map(([, address = '', said = '']) => ({ address, why: inWords(said) }))
    throw refused.length > 0 ? new ListenError(refused, error) : error
  }
}

const inWords = (said: string): string => SYSTEM.find(([form]) => form.test(said))?.[1] ?? said
