/**
 * The ratchet beside libsignal's, in one run, on both engines. libsignal is a native library with its own post-quantum
 * ratchet and in-memory stores; it lives in bench/peers (`npm --prefix bench/peers ci`). Medians; the ratio is peer time
 * over ours, so above 1 we are faster. A ping-pong and a set-up are mostly public-key operations, so what node:crypto takes for
 * those alone stands beside them. No keys are made ahead of need: a key that waits in memory is a key a thief of that memory has.
 * Run: npm run bench -- ratchet
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { initiate, makeBundle, respond, verifyBundle } from '../protocols/handshake/index.ts'
import { type DeviceSecrets, firstDeviceList, generateDevice, publicDevice, rootKey } from '../protocols/identity/index.ts'
import { decrypt, encodeRatchet, encrypt, startInitiator, startResponder } from '../protocols/ratchet/index.ts'
import { open, type Party, seal, startSession } from '../protocols/session/index.ts'
import { noble, type Suite } from '../protocols/suite/index.ts'
import { openssl, secureRandom } from '../src/crypto/index.ts'
import { bareSetUp, bareStep } from './bare-keys.ts'
import type { Figure } from './figure.ts'

/** What bench/peers/libsignal.ts answers. By its shape, so that the project's types do not depend on it. */
type Question = { begin: 'steady' | 'pingPong' | 'setUp'; size: number } | { times: number }

/**
 * A peer in a worker: never at work while we are, and with a heap of its own, so that neither collects what the other left
 * behind. Answers in milliseconds.
 */
class Peer {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Undefined when bench/peers is not installed. */
  static async libsignal(): Promise<Peer | undefined> {
    const worker = new Worker(new URL('./peers/libsignal.ts', import.meta.url))
    try {
      await once(worker, 'message')
      return new Peer(worker)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
      console.log('libsignal is not installed (npm --prefix bench/peers ci): measured alone')
      return undefined
    }
  }

  async ask(question: Question): Promise<number> {
    const answer = once(this.#worker, 'message') as Promise<[number]>
    this.#worker.postMessage(question)
    return (await answer)[0]
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Operations each side does only to warm up, so that the compiler is done before the first is counted. */
const WARM_UP = 6_000
const NOW = Date.UTC(2026, 10, 21)

/**
 * Two things measured in turns of `each` operations, so that a busy moment of the machine falls on both. Many short turns rather than few
 * long ones: what else the machine does lasts longer than a turn. The first half of a turn is not counted: it brings code and data back to where
 * they were before the other's. Medians in us per operation.
 */
async function inTurns(ours: () => void, peer: Peer | undefined, each: number, rounds: number): Promise<[number, number | undefined]> {
  const times: [number[], number[]] = [[], []]
  const turn = async (): Promise<void> => {
    for (let i = 0; i < each; i++) ours()
    const start = performance.now()
    for (let i = 0; i < each; i++) ours()
    times[0].push(((performance.now() - start) / each) * 1000)
    if (peer) times[1].push(((await peer.ask({ times: each })) / each) * 1000)
  }
  const warmUp = Math.min(WARM_UP / each, rounds)
  for (let round = 0; round < warmUp; round++) await turn()
  times[0].length = times[1].length = 0
  for (let round = 0; round < rounds; round++) await turn()
  const median = (list: number[]): number => list.sort((a, b) => a - b)[rounds >> 1] as number
  return [median(times[0]), peer && median(times[1])]
}

function talkers(suite: Suite): { alice: ReturnType<typeof startInitiator>; bob: ReturnType<typeof startResponder>; associated: Uint8Array } {
  const shared = { root: secureRandom(32), headerInitiator: secureRandom(32), headerResponder: secureRandom(32) }
  const dh = suite.generate('x25519', secureRandom)
  const kem = suite.generate('ml-kem-768', secureRandom)
  return {
    alice: startInitiator({ ...shared, peerDh: dh.publicKey, peerKem: kem.publicKey }),
    bob: startResponder({ ...shared, dh, kem }),
    associated: secureRandom(32),
  }
}

/** One direction, one chain: what a run of messages costs both sides. */
function steady(suite: Suite, size: number): () => void {
  const { alice, bob, associated } = talkers(suite)
  let [writer, reader] = [alice, bob]
  const plaintext = secureRandom(size)
  return () => {
    const sent = encrypt(suite, secureRandom, writer, plaintext, associated)
    writer = sent.state
    reader = decrypt(suite, reader, sent.message, associated, NOW).state
  }
}

/** Each message answers the one before: a whole step with X25519 and ML-KEM-768 every time. One call is one message. */
function pingPong(suite: Suite): () => void {
  const { alice, bob, associated } = talkers(suite)
  let [writer, reader] = [alice, bob]
  const plaintext = secureRandom(100)
  return () => {
    const sent = encrypt(suite, secureRandom, writer, plaintext, associated)
    const got = decrypt(suite, reader, sent.message, associated, NOW)
    writer = got.state
    reader = sent.state
  }
}

function person(suite: Suite): { device: DeviceSecrets; deviceList: Uint8Array; party: Party } {
  const root = rootKey(suite, secureRandom(32))
  const device = generateDevice(suite, secureRandom)
  const deviceList = firstDeviceList(suite, root, publicDevice(device, 'bench', NOW / 1000), NOW)
  return { device, deviceList, party: { account: root.publicKey, device: device.signing.publicKey } }
}

/** More people than the engine's short memory of public keys holds: every set-up imports them all, as at a first contact. */
const PAIRS = 16

function setUp(suite: Suite): () => void {
  const pairs = Array.from({ length: PAIRS }, () => setUpOf(suite))
  let next = 0
  return () => (pairs[next++ % PAIRS] as () => void)()
}

/** From a bundle as it travelled to its owner reading the first message. The envelope is a full padded one. */
function setUpOf(suite: Suite): () => void {
  const [alice, bob] = [person(suite), person(suite)]
  const ids = { signedPrekey: 1, pqPrekey: 1, ratchet: 1, oneTimePrekey: 1 }
  const { bundle, secrets } = makeBundle(suite, secureRandom, { ...bob, notAfter: NOW + 1e9, ids })
  const content = secureRandom(100)
  return () => {
    const handshake = initiate(suite, secureRandom, { ...alice, bundle: verifyBundle(suite, bundle, NOW) })
    const record = startSession(suite, undefined, { handshake, self: alice.party, peer: bob.party, now: NOW })
    const { envelope } = seal(suite, secureRandom, record, content, NOW)
    open(suite, undefined, envelope, {
      self: bob.party,
      peer: alice.party.device,
      now: NOW,
      respond: (message) => respond(suite, { device: bob.device, prekeys: secrets, message, now: NOW }),
    })
  }
}

/** What is stored at every message. */
function stored(suite: Suite): () => void {
  const { alice, associated } = talkers(suite)
  const { state } = encrypt(suite, secureRandom, alice, secureRandom(100), associated)
  return () => void encodeRatchet(suite, state)
}

export async function run(): Promise<Figure[]> {
  const libsignal = await Peer.libsignal()
  const figures: Figure[] = []
  for (const suite of [openssl, noble]) {
    const native = suite === openssl
    const add = async (name: string, ours: () => void, beside: Question | undefined, each: number, rounds: number, goal?: number): Promise<void> => {
      if (beside) await libsignal?.ask(beside)
      const [mine, theirs] = await inTurns(ours, beside && libsignal, each, rounds)
      const wanted = goal === undefined ? '' : ` (goal: ${goal})`
      const note = theirs === undefined ? {} : { note: `libsignal ${theirs.toFixed(0)} us, ${(theirs / mine).toFixed(2)} times its rate${wanted}` }
      figures.push({ name: `${name}, ${suite.name}`, value: mine, unit: 'us', ...note })
    }
    await add('encrypt + decrypt 100 B', steady(suite, 100), { begin: 'steady', size: 100 }, 20, 501, native ? 5 : 2)
    await add('encrypt + decrypt 1 KB', steady(suite, 1024), { begin: 'steady', size: 1024 }, 20, 501, native ? 5 : 2)
    await add('ping-pong, a message', pingPong(suite), { begin: 'pingPong', size: 100 }, 2, native ? 501 : 101, native ? 1 : undefined)
    await add('session set-up', setUp(suite), { begin: 'setUp', size: 100 }, 1, native ? 301 : 51, native ? 1 : undefined)
    await add('encode state', stored(suite), undefined, 40, 101)
    if (!native) continue
    const bare = async (name: string, operations: () => void, each: number, ours: string): Promise<void> => {
      const [us] = await inTurns(operations, undefined, each, 301)
      const whole = figures.find((figure) => figure.name.startsWith(ours))?.value ?? 0
      figures.push({ name: `${name}, node:crypto`, value: us, unit: 'us', note: `the floor: ${((100 * us) / whole).toFixed(0)} % of what the whole takes` })
    }
    await bare('bare key operations of a ping-pong message', bareStep(), 2, 'ping-pong')
    await bare('bare key operations of a set-up', bareSetUp(), 1, 'session set-up')
  }
  await libsignal?.close()
  return figures
}
