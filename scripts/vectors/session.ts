/** Vectors of the session room, made by the readable twin: two firsts, an answer, and what follows it. The handshake is given. */
import { toHex, utf8 } from '../../protocols/suite/index.ts'
import { type Drawn, twins } from '../../test/reference/ratchet.ts'
import { associate, baseOf, TwinSession } from '../../test/reference/session.ts'

const seed = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte)

export function vectors(): unknown {
  const secret = { root: seed(0x01, 32), headerInitiator: seed(0x02, 32), headerResponder: seed(0x03, 32), dh: seed(0x04, 32), kem: seed(0x05, 64) }
  const transcript = seed(0x06, 64)
  const handshake = utf8('stands for a handshake message')
  const initiator = { account: seed(0x11, 32), device: seed(0x12, 32) }
  const responder = { account: seed(0x21, 32), device: seed(0x22, 32) }
  const ratchets = twins(secret)
  const sides = {
    initiator: new TwinSession({ ratchet: ratchets.initiator, transcript, self: initiator, peer: responder, first: handshake }),
    responder: new TwinSession({ ratchet: ratchets.responder, transcript, self: responder, peer: initiator }),
  }
  const now = 1_800_000_000_000
  const plan: { by: 'initiator' | 'responder'; text: string; now: number; begins?: boolean }[] = [
    { by: 'initiator', text: 'hello', now, begins: true },
    { by: 'initiator', text: '', now },
    { by: 'responder', text: '안녕', now: now - 5_000, begins: true },
    { by: 'initiator', text: 'x'.repeat(1_673), now: now + 1, begins: true },
    { by: 'initiator', text: 'the clock went back', now: now - 1_000 },
  ]
  const envelopes = plan.map((said, place) => {
    const base = 0x30 + 4 * place
    const draws = [...(said.begins ? [seed(base, 32), seed(base + 1, 64), seed(base + 2, 32)] : []), seed(base + 3, 16)]
    const [dh, kem, coins] = draws
    const drawn: Drawn = { salt: draws.at(-1) as Uint8Array, ...(said.begins && { step: { dh, kem, coins } as NonNullable<Drawn['step']> }) }
    const content = utf8(said.text)
    const envelope = sides[said.by].seal(content, said.now, drawn)
    const { index, at, previous } = sides[said.by === 'initiator' ? 'responder' : 'initiator'].open(envelope)
    return { by: said.by, content: toHex(content), now: said.now, draws: draws.map(toHex), index, at, previous: toHex(previous), envelope: toHex(envelope) }
  })
  return {
    about: 'Each envelope is opened by the other side before the next is sealed. draws: X25519 scalar, ML-KEM-768 seed, encapsulation coins (when a chain begins), salt.',
    secret: Object.fromEntries(Object.entries(secret).map(([name, bytes]) => [name, toHex(bytes)])),
    transcript: toHex(transcript),
    handshake: toHex(handshake),
    initiator: { account: toHex(initiator.account), device: toHex(initiator.device) },
    responder: { account: toHex(responder.account), device: toHex(responder.device) },
    base: toHex(baseOf(handshake)),
    associated: { initiator: toHex(associate(transcript, initiator, responder)), responder: toHex(associate(transcript, responder, initiator)) },
    envelopes,
  }
}
