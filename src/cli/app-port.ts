/** What `dure init` and `dure start` need of composition (src/app.ts). */
import type { Api, Door } from '../api/index.ts'
import type { Unlock } from '../config.ts'
import type { Messenger } from '../messenger/messenger.ts'

export interface AppModule {
  /** Before anything else of a node. @throws ConfigError when one runs on the profile, or the port is taken */
  openDoors(options: { home: string; page: { port: number | undefined } | undefined; onStop: () => void }): Promise<Door>
  /** Makes an identity, or restores the one of `phrase`; needs no running node. @throws StoreError, PhraseError, MessengerError 'conflict' */
  createProfile(options: { home: string; name: string; unlock: Unlock; phrase?: string; keepWords?: boolean }): Promise<{ phrase: string }>
  /** @throws StoreError */
  salvageProfile(options: { home: string; unlock: Unlock; out: string }): Promise<Saved>
  /** @throws StoreError 'no-profile' | 'other-protection' | 'wrong-passphrase' | 'locked' before anything runs */
  startApp(options: {
    home: string
    unlock: Unlock
    listen: readonly string[]
    channelListen: readonly string[]
    mdns: boolean
    dht: boolean
    network: 'public' | 'private' | undefined
    bootstrap: readonly string[]
    logLevel: 'warn'
    onStop: () => void
  }): Promise<App>
}

/** Rows that could be saved, whether the identity is among them, and messages on their way that nothing sends any more. */
export interface Saved {
  readonly identity: boolean
  readonly message: number
  readonly contact: number
  readonly channel: number
  readonly entry: number
  readonly stranded: number
}

export interface App {
  readonly messenger: Messenger
  /** for the door to hand requests to */
  readonly api: Api
  stop(): Promise<void>
}
