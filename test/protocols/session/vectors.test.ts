import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Initiated, Responded } from '../../../protocols/handshake/index.ts'
import { open, type Party, seal, type SessionRecord, startSession } from '../../../protocols/session/index.ts'
import { fromHex, noble, type Random, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/session.ts'

type Side = 'initiator' | 'responder'
interface File {
  secret: Record<'root' | 'headerInitiator' | 'headerResponder' | 'dh' | 'kem', string>
  transcript: string
  handshake: string
  initiator: { account: string; device: string }
  responder: { account: string; device: string }
  base: string
  associated: Record<Side, string>
  envelopes: { by: Side; content: string; now: number; draws: string[]; index: number; at: number; previous: string; envelope: string }[]
}

const text = readFileSync(path.join(import.meta.dirname, '../../../protocols/session/vectors.json'), 'utf8')
const file = JSON.parse(text) as File

const party = (side: Side): Party => ({ account: fromHex(file[side].account), device: fromHex(file[side].device) })

function queue(draws: string[]): Random {
  const rest = draws.map(fromHex)
  return (length) => {
    const next = rest.shift() as Uint8Array
    assert.equal(next.length, length)
    return next
  }
}

describe('the vectors of the session', () => {
  it('are what their generator makes', () => {
    assert.equal(`${JSON.stringify(vectors(), null, 2)}\n`, text)
  })

  it('are the envelopes the room seals and opens', () => {
    const { root, headerInitiator, headerResponder } = file.secret
    const shared = { root: fromHex(root), headerInitiator: fromHex(headerInitiator), headerResponder: fromHex(headerResponder), transcript: fromHex(file.transcript) }
    const dh = noble.importSecret('x25519', fromHex(file.secret.dh))
    const kem = noble.importSecret('ml-kem-768', fromHex(file.secret.kem))
    const handshake: Initiated = {
      message: fromHex(file.handshake),
      secret: { ...shared, ratchet: { peerDh: dh.publicKey, peerKem: kem.publicKey } },
      peer: party('responder'),
    }
    const answer = {
      secret: { ...shared, ratchet: { dh, kem } },
      peer: { list: { list: { account: party('initiator').account } }, device: party('initiator').device },
    } as unknown as Responded
    const [{ now }] = file.envelopes as [File['envelopes'][number]]
    const records: Record<Side, SessionRecord | undefined> = {
      initiator: startSession(noble, undefined, { handshake, self: party('initiator'), peer: party('responder'), now }),
      responder: undefined,
    }
    for (const said of file.envelopes) {
      const to = said.by === 'initiator' ? 'responder' : 'initiator'
      const sealed = seal(noble, queue(said.draws), records[said.by] as SessionRecord, fromHex(said.content), said.now)
      records[said.by] = sealed.record
      assert.equal(toHex(sealed.envelope), said.envelope)
      const opened = open(noble, records[to], sealed.envelope, { self: party(to), peer: party(said.by).device, now, respond: () => answer })
      records[to] = opened.record
      assert.equal(toHex(opened.content), said.content)
      const last = opened.record.active.received.at(-1)
      assert.deepEqual([last?.index, toHex(last?.previous as Uint8Array), opened.record.active.heard?.sentAt], [said.index, said.previous, said.at])
    }
    for (const side of ['initiator', 'responder'] as const) {
      const { base, associated } = (records[side] as SessionRecord).active
      assert.equal(toHex(base), file.base)
      assert.equal(toHex(associated.send), file.associated[side])
    }
  })
})
