/** libsignal behind the questions bench/ratchet.ts asks, in a worker of its own. Its stores are maps in memory. */
import { parentPort } from 'node:worker_threads'
import type * as Signal from '@signalapp/libsignal-client'
import * as s from '@signalapp/libsignal-client'

class Sessions extends s.SessionStore {
  readonly records = new Map<string, Signal.SessionRecord>()
  override async saveSession(name: Signal.ProtocolAddress, record: Signal.SessionRecord): Promise<void> {
    this.records.set(name.toString(), record)
  }
  override async getSession(name: Signal.ProtocolAddress): Promise<Signal.SessionRecord | null> {
    return this.records.get(name.toString()) ?? null
  }
  override async getExistingSessions(addresses: Signal.ProtocolAddress[]): Promise<Signal.SessionRecord[]> {
    return addresses.map((name) => this.records.get(name.toString()) as Signal.SessionRecord)
  }
}
class Identities extends s.IdentityKeyStore {
  readonly own = s.PrivateKey.generate()
  override async getIdentityKey(): Promise<Signal.PrivateKey> {
    return this.own
  }
  override async getLocalRegistrationId(): Promise<number> {
    return 5
  }
  override async saveIdentity(): Promise<Signal.IdentityChange> {
    return s.IdentityChange.NewOrUnchanged
  }
  override async isTrustedIdentity(): Promise<boolean> {
    return true
  }
  override async getIdentity(): Promise<Signal.PublicKey | null> {
    return null
  }
}
class Prekeys extends s.PreKeyStore {
  readonly records = new Map<number, Signal.PreKeyRecord>()
  override async savePreKey(id: number, record: Signal.PreKeyRecord): Promise<void> {
    this.records.set(id, record)
  }
  override async getPreKey(id: number): Promise<Signal.PreKeyRecord> {
    return this.records.get(id) as Signal.PreKeyRecord
  }
  override async removePreKey(): Promise<void> {}
}
class SignedPrekeys extends s.SignedPreKeyStore {
  readonly records = new Map<number, Signal.SignedPreKeyRecord>()
  override async saveSignedPreKey(id: number, record: Signal.SignedPreKeyRecord): Promise<void> {
    this.records.set(id, record)
  }
  override async getSignedPreKey(id: number): Promise<Signal.SignedPreKeyRecord> {
    return this.records.get(id) as Signal.SignedPreKeyRecord
  }
}
class KyberPrekeys extends s.KyberPreKeyStore {
  readonly records = new Map<number, Signal.KyberPreKeyRecord>()
  override async saveKyberPreKey(id: number, record: Signal.KyberPreKeyRecord): Promise<void> {
    this.records.set(id, record)
  }
  override async getKyberPreKey(id: number): Promise<Signal.KyberPreKeyRecord> {
    return this.records.get(id) as Signal.KyberPreKeyRecord
  }
  override async markKyberPreKeyUsed(): Promise<void> {}
}

interface Talker {
  address: Signal.ProtocolAddress
  sessions: Sessions
  identities: Identities
  prekeys: Prekeys
  signed: SignedPrekeys
  kyber: KyberPrekeys
}
const talker = (name: string): Talker => ({
  address: s.ProtocolAddress.new(name, 1),
  sessions: new Sessions(),
  identities: new Identities(),
  prekeys: new Prekeys(),
  signed: new SignedPrekeys(),
  kyber: new KyberPrekeys(),
})

async function bundleOf(owner: Talker): Promise<Signal.PreKeyBundle> {
  const identity = owner.identities.own
  const [prekey, signed, kyber] = [s.PrivateKey.generate(), s.PrivateKey.generate(), s.KEMKeyPair.generate()]
  const signature = identity.sign(signed.getPublicKey().serialize())
  const kyberSignature = identity.sign(kyber.getPublicKey().serialize())
  await owner.prekeys.savePreKey(1, s.PreKeyRecord.new(1, prekey.getPublicKey(), prekey))
  await owner.signed.saveSignedPreKey(1, s.SignedPreKeyRecord.new(1, Date.now(), signed.getPublicKey(), signed, signature))
  await owner.kyber.saveKyberPreKey(1, s.KyberPreKeyRecord.new(1, Date.now(), kyber, kyberSignature))
  return s.PreKeyBundle.new(
    5,
    1,
    1,
    prekey.getPublicKey(),
    1,
    signed.getPublicKey(),
    signature,
    identity.getPublicKey(),
    1,
    kyber.getPublicKey(),
    kyberSignature,
  )
}

async function send(from: Talker, to: Talker, plaintext: Uint8Array<ArrayBuffer>): Promise<void> {
  const sent = await s.signalEncrypt(plaintext, to.address, from.address, from.sessions, from.identities)
  const bytes = sent.serialize()
  if (sent.type() === s.CiphertextMessageType.PreKey) {
    const message = s.PreKeySignalMessage.deserialize(bytes)
    await s.signalDecryptPreKey(message, from.address, to.address, to.sessions, to.identities, to.prekeys, to.signed, to.kyber)
  } else {
    await s.signalDecrypt(s.SignalMessage.deserialize(bytes), from.address, to.address, to.sessions, to.identities)
  }
}

async function introduced(): Promise<[Talker, Talker]> {
  const [alice, bob] = [talker('alice'), talker('bob')]
  await s.processPreKeyBundle(await bundleOf(bob), bob.address, alice.address, alice.sessions, alice.identities)
  await send(alice, bob, new Uint8Array(1))
  await send(bob, alice, new Uint8Array(1))
  return [alice, bob]
}

type Step = () => Promise<void>

const steps = {
  async steady(size: number): Promise<Step> {
    const [alice, bob] = await introduced()
    const plaintext = new Uint8Array(size).fill(7)
    return () => send(alice, bob, plaintext)
  },
  async pingPong(size: number): Promise<Step> {
    let [writer, reader] = await introduced()
    const plaintext = new Uint8Array(size).fill(7)
    return async () => {
      await send(writer, reader, plaintext)
      ;[writer, reader] = [reader, writer]
    }
  },
  async setUp(): Promise<Step> {
    const bob = talker('bob')
    const bundle = await bundleOf(bob)
    return async () => {
      const alice = talker('alice')
      bob.sessions.records.clear()
      await s.processPreKeyBundle(bundle, bob.address, alice.address, alice.sessions, alice.identities)
      await send(alice, bob, new Uint8Array(100))
    }
  },
}

/** `begin` makes ready what is asked; `times` does it so often, then again, and answers with the milliseconds that took. */
export type Question = { begin: keyof typeof steps; size: number } | { times: number }

let step: Step
parentPort?.on('message', async (question: Question) => {
  if ('begin' in question) {
    step = await steps[question.begin](question.size)
    return parentPort?.postMessage(0)
  }
  for (let i = 0; i < question.times; i++) await step()
  const start = performance.now()
  for (let i = 0; i < question.times; i++) await step()
  parentPort?.postMessage(performance.now() - start)
})
parentPort?.postMessage(0)
