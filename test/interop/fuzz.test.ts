import assert from 'node:assert/strict'
import fc from 'fast-check'
import { existsSync, readFileSync } from 'node:fs'
import { content as contentOf } from '../reference/content.ts'
import { TwinInviter, TwinPerson } from '../reference/pairing-walk.ts'
import { InteropDoor, type Said } from '../support/interop-door.ts'
import { NOW, OurPerson } from './people.ts'

/** Requests of each property; more with DURE_FUZZ_RUNS. */
const RUNS = Number(process.env['DURE_FUZZ_RUNS'] ?? 300)
/** MiB of objects the door may have: what is in its lines and handles, with room. More ends it. */
const HEAP = 256

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Request = { readonly do: string; readonly with: { readonly [name: string]: Json } }

const content = (text: string): string => contentOf({ kind: 'text', id: '0b'.repeat(16), at: NOW, text })

/** A door that remembers what it was asked. */
class RecordingDoor extends InteropDoor {
  readonly asked: Request[] = []

  override async say(name: string, fields: Record<string, unknown> = {}): Promise<Said> {
    this.asked.push({ do: name, with: JSON.parse(JSON.stringify(fields)) as Request['with'] })
    return super.say(name, fields)
  }
}

/** Right requests of every room, with the states of a device in the middle of its life. */
async function walk(door: RecordingDoor): Promise<readonly Request[]> {
  const ann = await OurPerson.make(door, 'ann')
  const { bundle, prekeys } = await ann.bundle()
  const { text, state } = await door.ask('pairing.invite', { seed: ann.seed(), device: ann.device, prekeys, addresses: ['/ip4/192.0.2.7/tcp/4001'], inPerson: true, expires: NOW / 1000 + 600 })
  await door.ask('pairing.parse', { text, now: NOW })
  const fetched = await door.ask('pairing.judgeFetch', { state, from: ann.signing, now: NOW })
  await door.ask('pairing.readReply', { frame: fetched.frame })
  const twin = new TwinPerson('bob', NOW)
  const inviter = new TwinInviter(twin, { inPerson: true, expires: NOW / 1000 + 600, addresses: [] })
  await ann.start(inviter.prekeys.bundle)
  const envelope = await ann.seal('6869')
  await door.say('session.open', { record: ann.record, self: { account: ann.account, device: ann.signing }, from: twin.device, envelope, now: NOW })
  await door.ask('handshake.readBundle', { bundle, now: NOW })
  await door.ask('identity.readList', { list: ann.list, now: NOW })
  await door.ask('envelope.read', { envelope })
  await door.ask('content.encode', { content: { kind: 'pairing', id: '0b'.repeat(16), at: NOW, step: 'hello', name: 'Ann', addresses: ['/ip4/192.0.2.7/tcp/4001'] } })
  await door.ask('content.decode', { bytes: content('tea') })

  const { state: ratchet } = await door.ask('ratchet.responder', { root: '01'.repeat(32), headerInitiator: '02'.repeat(32), headerResponder: '03'.repeat(32), dh: '04'.repeat(32), kem: '05'.repeat(64) })
  await door.say('ratchet.decrypt', { state: ratchet, message: envelope.slice(4), associated: '', now: NOW })

  const entropy = '07'.repeat(32)
  const made = await door.ask<{ state: unknown; genesis: string; id: string }>('channel.create', { entropy, now: NOW, manifest: { name: 'Tea', description: '', languages: ['ko'], links: [], rate: 50 } })
  const { public: key } = await door.ask('suite.key', { kind: 'ed25519', secret: '01'.repeat(32) })
  const { bytes: body } = await door.ask('channel.body', { body: { of: 'certificate', key, name: 'Kim', scope: 31, firstSeq: 0, endSeq: 9, notBefore: NOW, notAfter: NOW + 1e9 } })
  const certified = await door.ask<{ state: unknown; entry: string; id: string }>('channel.writeRoot', { state: made.state, entropy, generation: 0, kind: 3, body, now: NOW })
  const { bytes: post } = await door.ask('channel.body', { body: { of: 'post', title: 'a', text: 'b', links: [], media: [], event: { start: 1, end: 2, place: 'x' } } })
  const written = await door.ask<{ state: unknown; entry: string }>('channel.write', { state: certified.state, key: '01'.repeat(32), certificate: certified.id, kind: 16, body: post, now: NOW })
  await door.ask('channel.judge', { state: certified.state, entry: written.entry, now: NOW })
  await door.ask('channel.look', { state: written.state })
  await door.ask('channel.readEntry', { entry: written.entry })
  await door.ask('channel.readBody', { of: 'post', bytes: post })
  const leaves = ['11', '22', '33'].map((byte) => byte.repeat(32))
  const { root } = await door.ask('channel.tree', { leaves })
  const { proof } = await door.ask('channel.inclusion', { leaves, index: 1 })
  await door.ask('channel.verifyInclusion', { leaf: leaves[1], index: 1, size: 3, root, proof })
  await door.ask('channel.verifyRange', { leaves: leaves.slice(1, 2), from: 1, size: 3, root, left: leaves.slice(0, 1), right: leaves.slice(2) })
  await door.say('channel.page', { state: written.state, log: made.id, from: 2, entries: [written.entry], left: [], right: [], now: NOW })
  await door.say('channel.checkEvidence', { evidence: `010101${(made.genesis.length / 2).toString(16).padStart(8, '0')}${made.genesis}02${`${(written.entry.length / 2).toString(16).padStart(8, '0')}${written.entry}`.repeat(2)}` })
  await door.ask('channel.syncFrame', { frame: { type: 'head', log: made.id, frontier: leaves, entry: written.entry } })
  await door.ask('channel.sniff', { bytes: '474946383961010001008000' })

  const { node } = await door.ask('mailbox.node', { seed: '01' })
  const { stream, frame } = await door.ask('mailbox.connect', { node, seed: '02', now: NOW })
  const { public: recipientKey } = await door.ask('suite.key', { kind: 'x25519', secret: '0a'.repeat(32) })
  const { sender: senderKey } = await door.ask('mailbox.keys', { secret: '0b'.repeat(32) })
  const create = await door.ask('mailbox.create', { number: 1, kind: 'conversation', recipientKey, senderKey, pass: '00'.repeat(32) })
  const heard = await door.ask('mailbox.hear', { node, stream, frame: create.frame, seed: '03', now: NOW })
  const ids = await door.ask('mailbox.openCreated', { key: '0a'.repeat(32), frame: heard.frame })
  const { recipient } = await door.ask('mailbox.recipient', { queues: [{ id: ids.recipient, kind: 'conversation', key: '0a'.repeat(32), nodeKey: ids.nodeKey, secret: '0b'.repeat(32) }] })
  const { tag } = await door.ask('mailbox.subscribe', { recipient, id: ids.recipient, seed: '04' })
  const said = await door.ask('mailbox.command', { nonce: frame!.slice(68, 132), number: 2, key: '0a'.repeat(32), nodeKey: ids.nodeKey, command: { type: 'subscribe', id: ids.recipient, tag } })
  await door.ask('mailbox.hear', { node, stream, frame: said.frame, seed: '05', now: NOW })
  const { sender } = await door.ask('mailbox.sender', { id: ids.sender, secret: '0b'.repeat(32) })
  await door.ask('mailbox.start', { sender, message: envelope })
  await door.ask('mailbox.due', { sender, seed: '06', now: NOW })
  await door.ask('mailbox.readNodeFrame', { frame: heard.frame })
  await door.ask('mailbox.readCommand', { frame: said.frame })
  await door.ask('mailbox.announcement', { revision: 1, queues: [] })
  return door.asked
}

/** Where a request has something that could be wrong. */
function places(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [...(path.length > 0 ? [path] : []), ...Object.entries(value).flatMap(([name, inside]) => places(inside, [...path, name]))]
}

function changed(value: Json, [name, ...rest]: readonly string[], change: (old: Json) => Json | undefined): Json {
  if (name === undefined) return change(value) ?? null
  if (Array.isArray(value)) return value.map((each: Json, i) => (String(i) === name ? changed(each, rest, change) : each))
  const { [name]: inside, ...others } = value as Record<string, Json>
  const next = rest.length === 0 ? change(inside as Json) : changed(inside as Json, rest, change)
  return next === undefined ? others : { ...others, [name]: next }
}

/** A value made wrong in the way of its kind, by a few numbers. */
function wrong(old: Json, way: number, place: number, byte: number): Json | undefined {
  if (way === 0) return undefined
  if (way === 1) return [null, true, -1, 1.5, 2 ** 53, 'x', [], {}, '', '00', 'ff'.repeat(40), 0][place % 12] as Json
  if (typeof old === 'number') return [old + 1, old - 1, 0, 2 ** 32, Number.MAX_SAFE_INTEGER, old * 2][place % 6] as Json
  if (typeof old !== 'string' || old.length === 0) return old
  const at = 2 * (place % Math.ceil(old.length / 2))
  if (way === 2) return old.slice(0, at) + old.slice(at + 2)
  if (way === 3) return old.slice(0, at) + byte.toString(16).padStart(2, '0') + old.slice(at)
  return old.slice(0, at) + byte.toString(16).padStart(2, '0') + old.slice(at + 2)
}

describe('the interop door, used badly', () => {
  let door: RecordingDoor
  let requests: readonly Request[]
  before(async () => {
    door = new RecordingDoor(`--max-old-space-size=${HEAP}`)
    requests = [...(await walk(door))]
    assert.ok(requests.length > 50)
  })
  after(() => door.end())

  /** One answer, with the id, and in the words of a room or of the door. */
  async function answered(line: string | Uint8Array): Promise<Said> {
    const text = await door.line(line)
    assert.ok(!text.includes(import.meta.dirname.slice(0, -'test/interop'.length)) && !text.includes('    at '), 'no stack, no path')
    const said = JSON.parse(text) as Said
    assert.ok((said.ok === undefined) !== (said.error === undefined))
    if (said.error) assert.ok(said.error.name !== '' && said.error.code !== 'unexpected', `${said.error.name}: ${String(line).slice(0, 2_000)}`)
    return said
  }

  it('answers any bytes', async () => {
    const line = fc.uint8Array({ maxLength: 400, size: 'max' }).map((bytes) => bytes.map((byte) => (byte === 0x0a ? 0x20 : byte)))
    await fc.assert(fc.asyncProperty(line, async (bytes) => assert.ok((await answered(bytes)).error)), { numRuns: RUNS })
  })

  it('answers any JSON', async () => {
    const names = [...new Set(requests.map((request) => request.do))]
    const request = fc.record({ id: fc.jsonValue(), do: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.string()), with: fc.jsonValue() }, { requiredKeys: [] })
    await fc.assert(fc.asyncProperty(fc.oneof(fc.jsonValue(), request), async (value) => void (await answered(JSON.stringify(value)))), { numRuns: RUNS })
  })

  it('answers right requests with one thing wrong, in the words of its rooms', async () => {
    const plan = fc.record({ which: fc.nat(), where: fc.nat(), way: fc.nat(8), place: fc.nat(), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(plan, async ({ which, where, way, place, byte }) => {
        const request = requests[which % requests.length]!
        const all = places(request.with)
        const fields = all.length === 0 ? request.with : changed(request.with, all[where % all.length]!, (old) => wrong(old, way, place, byte))
        assert.equal((await answered(JSON.stringify({ id: which, do: request.do, with: fields }))).id, which)
      }),
      { numRuns: 2 * RUNS },
    )
  })

  it('answers what is deep, large, or endless within its memory', async () => {
    const most = 2 * 1024 * 1024
    const shapes = ['[', '[{"a":[', '-', '[1,']
    for (const shape of shapes) assert.ok((await answered(shape.repeat(most / shape.length))).error)
    assert.ok((await answered(`{"do":"suite.labelled","with":{"label":"dure/v1/handshake/root","fields":[${'"",'.repeat(600_000)}""]}}`)).error)
    const closed = `{"do":"channel.tree","with":{"leaves":${'['.repeat(900_000)}${']'.repeat(900_000)}}}`
    assert.equal((await answered(closed)).error?.code, 'field')
    assert.ok((await answered(JSON.stringify({ do: 'identity.words', with: { phrase: '\ufdfa'.repeat(600_000) } }))).error)
    for (let i = 0; i < 8; i++) door.process.stdin.write('x'.repeat(4 * most))
    assert.equal((await answered('')).error?.code, 'too-long', '64 MiB without an end')
    const status = `/proc/${door.process.pid}/status`
    if (existsSync(status)) {
      const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'))?.[1])
      assert.ok(peak < 2 * HEAP * 1024 + 200 * 1024, `${peak} kB`)
    }
  })
})
