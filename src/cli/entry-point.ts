import { usageError } from './io.ts'

/** Collects `--bootstrap`: addresses that end in the Ed25519 peer id of who answers there. @throws usage error */
export function entryPoint(text: string, all: string[] = []): string[] {
  if (!/^\/.+\/p2p\/12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/.test(text)) throw usageError(`${text} is no address to begin at`, 'a multiaddr that ends in an Ed25519 peer id: /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW...')
  return [...all, text]
}
