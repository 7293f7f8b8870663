/** Who we are: the account, this device, and the signed list that joins them. */
import {
  accountFingerprint,
  type DeviceSecrets,
  decodeDeviceSecrets,
  renewDeviceList,
  rootKey,
  type VerifiedDeviceList,
  verifyDeviceList,
} from '../../protocols/identity/index.ts'
import { type KeyPair, toHex } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import type { AccountKey, Change, DeviceKey, SelfRow } from './ports.ts'
import type { SelfView } from './views.ts'

/** A device list this close to its end is signed anew: contacts who are away for months still get it in time. */
const RENEW_BEFORE_SECONDS = 180 * 24 * 3600

export class Self {
  readonly #context: Context
  readonly #peerId: string
  readonly root: KeyPair<'ed25519'>
  readonly device: DeviceSecrets
  #row!: SelfRow
  #list!: VerifiedDeviceList

  constructor(context: Context, row: SelfRow, peerIdOf: (device: Uint8Array) => string) {
    const { suite } = context
    this.#context = context
    this.root = rootKey(suite, row.entropy)
    this.device = decodeDeviceSecrets(suite, row.device)
    this.#peerId = peerIdOf(this.device.signing.publicKey)
    this.#hold(row)
  }

  get account(): Uint8Array {
    return this.root.publicKey
  }
  get accountKey(): AccountKey {
    return toHex(this.root.publicKey)
  }
  get deviceId(): Uint8Array {
    return this.device.signing.publicKey
  }
  get deviceKey(): DeviceKey {
    return toHex(this.deviceId)
  }
  get list(): VerifiedDeviceList {
    return this.#list
  }
  get name(): string {
    return this.#row.name
  }
  get picture(): Uint8Array | undefined {
    return this.#row.picture
  }
  /** Both ends of a session, our half. */
  get end(): { account: Uint8Array; device: Uint8Array } {
    return { account: this.account, device: this.deviceId }
  }

  update(changed: Partial<Pick<SelfRow, 'name' | 'picture' | 'deviceList'>>): Change {
    this.#row = { ...this.#row, ...changed }
    return { put: 'self', row: this.#row }
  }

  /** A fresh signature when ours is near its end, or undefined. */
  renewedList(): Change | undefined {
    const { suite, clock } = this.#context
    const now = clock.now()
    if (this.#list.list.notAfter - now / 1000 > RENEW_BEFORE_SECONDS) return undefined
    const bytes = renewDeviceList(suite, this.root, this.#list, now)
    this.#list = verifyDeviceList(suite, bytes, now)
    return this.update({ deviceList: bytes })
  }

  /** Back to what the store holds, after a transaction failed. */
  reload(): void {
    const row = this.#context.store.self()
    if (row) this.#hold(row)
  }

  view(): SelfView {
    return {
      name: this.name,
      account: this.accountKey,
      fingerprint: accountFingerprint(this.#context.suite, this.account),
      peerId: this.#peerId,
      device: this.deviceKey,
    }
  }

  #hold(row: SelfRow): void {
    this.#row = row
    this.#list = verifyDeviceList(this.#context.suite, row.deviceList, 0)
  }
}
