import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { lines, TOO_LONG } from '../../interop/lines.ts'
import { InteropDoor, type Said } from '../support/interop-door.ts'

const README = readFileSync(path.join(import.meta.dirname, '../../protocols/README.md'), 'utf8')
/** A line may be so long, says the README. */
const MAX_LINE = Number(/\((\d{1,3}(?:,\d{3})+) bytes\), twice the largest/.exec(README)?.[1]?.replaceAll(',', ''))

describe('the interop door', () => {
  let door: InteropDoor
  before(() => (door = new InteropDoor()))
  after(() => door.end())

  const answer = async (line: string | Uint8Array): Promise<Said> => JSON.parse(await door.line(line)) as Said

  it('answers the example of its documents word for word', async () => {
    const example = /^```\n((?:[<>] .*\n)+)```$/m.exec(README.slice(README.indexOf('## The interop door')))?.[1]?.trimEnd().split('\n') ?? []
    assert.ok(example.length >= 10)
    for (let at = 0; at < example.length; at += 2) assert.equal(`< ${await door.line(example[at]!.slice(2))}`, example[at + 1])
  })

  it('has every command, and every field of it, in its documents', async () => {
    const { commands } = await door.ask<{ commands: Record<string, Record<string, string>> }>('commands')
    const documented = Object.fromEntries([...README.matchAll(/^\| `(\w+(?:\.\w+)?)` \| ([^|]*) \| [^|]+ \|$/gm)].map(([, name, fields]) => [name, fields]))
    assert.deepEqual(documented, Object.fromEntries(Object.entries(commands).map(([name, fields]) => [name, Object.keys(fields).join(', ')])))
  })

  it('answers what is no request, and goes on', async () => {
    for (const line of ['', ' ', 'x', '{', '[]', 'null', '3', '"do"', '{"do":1}', '{"do":"commands","with":[]}', '{"do":"commands","more":1}', new Uint8Array([0x7b, 0xff, 0x7d])]) {
      const { id, error } = await answer(line)
      assert.equal(id, null)
      assert.ok(error?.name === 'DoorError' && ['not-json', 'field'].includes(error.code), JSON.stringify(error))
    }
    for (const [fields, what] of [
      [{}, 'a: hex (32)'],
      [{ a: '00', b: '' }, 'a: hex (32)'],
      [{ a: 'AA'.repeat(32), b: '' }, 'a: hex (32)'],
      [{ a: 'aa'.repeat(32), b: null }, 'b: hex (32)'],
      [{ a: 'aa'.repeat(32), b: 'bb'.repeat(32), c: 1 }, 'c: there is no such field'],
    ] as const) {
      assert.deepEqual((await answer(JSON.stringify({ do: 'identity.safetyNumber', with: fields }))).error, { name: 'DoorError', code: 'field', what })
    }
    for (const name of ['toString', '__proto__', 'constructor', 'suite.toString', 'suite', '']) assert.equal(await door.refusal(name), 'unknown-command', name)
    assert.equal((await door.say('identity.safetyNumber', JSON.parse('{"__proto__":1}') as Record<string, unknown>)).error?.code, 'field')
    assert.deepEqual((await answer('{"id":"mine","do":"suite.draw","with":{"seed":"","length":0}}')), { id: 'mine', ok: { bytes: '' } })
    assert.equal((await answer(`{"id":"${'i'.repeat(65)}","do":"commands"}`)).id, null)
  })

  it('takes a line of its limit, refuses one that is longer, and keeps nothing of it', async () => {
    const request = '{"id":1,"do":"suite.sha256","with":{"bytes":""}}'
    const longest = `${request}${' '.repeat(MAX_LINE - request.length)}`
    assert.equal((await answer(longest)).id, 1)
    assert.deepEqual(await answer(`${longest} `), { id: null, error: { name: 'DoorError', code: 'too-long', what: `at most ${MAX_LINE} bytes` } })
    assert.equal((await answer(request)).id, 1)
  })

  it('holds so many things and no more, and knows none that it forgot', async () => {
    const nodes = await Promise.all(Array.from({ length: 16 }, async (_, seed) => (await door.ask('mailbox.node', { seed: seed.toString(16).padStart(2, '0') })).node))
    assert.equal(new Set(nodes).size, 16)
    assert.equal(await door.refusal('mailbox.node', { seed: 'ff' }), 'too-many')
    assert.deepEqual(await door.ask('mailbox.forgetNode', { node: nodes[3] }), { forgotten: true })
    assert.equal(await door.refusal('mailbox.connect', { node: nodes[3], seed: '', now: 0 }), 'unknown-handle')
    assert.notEqual((await door.ask('mailbox.node', { seed: '03' })).node, nodes[3], 'a name is given once')
    const { stream, frame } = await door.ask('mailbox.connect', { node: nodes[0], seed: '', now: 0 })
    assert.equal(await door.refusal('mailbox.hear', { node: nodes[0], stream, frame, seed: '', now: 0 }), 'malformed')
    assert.equal(await door.refusal('mailbox.hear', { node: nodes[0], stream, frame, seed: '', now: 0 }), 'unknown-handle', 'the stream was reset')
  })

  it('gives the same answer to the same request', async () => {
    const asked = { seed: '0102', kind: 'ml-kem-768', public: (await door.ask('suite.key', { kind: 'ml-kem-768', secret: '05'.repeat(64) })).public }
    assert.deepEqual(await door.ask('suite.encapsulate', asked), await door.ask('suite.encapsulate', asked))
    assert.notDeepEqual(await door.ask('suite.encapsulate', asked), await door.ask('suite.encapsulate', { ...asked, seed: '0103' }))
  })

  it('ends with its input, having answered a last line without an end', async () => {
    const ending = new InteropDoor()
    const last = new Promise<string>((resolve) => ending.process.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())))
    ending.process.stdin.write('{"id":9,"do":"suite.draw","with":{"seed":"","length":0}}')
    assert.equal(await ending.end(), 0)
    assert.equal(await last, '{"id":9,"ok":{"bytes":""}}\n')
    assert.equal(ending.stderr + door.stderr, '')
  })

  it('cuts a stream into lines wherever its chunks begin', async () => {
    const read = async (chunks: readonly string[], most: number): Promise<unknown[]> => {
      const found: unknown[] = []
      const source = (async function* () {
        for (const chunk of chunks) yield Buffer.from(chunk)
      })()
      for await (const line of lines(source, most)) found.push(line === TOO_LONG ? TOO_LONG : Buffer.from(line).toString())
      return found
    }
    assert.deepEqual(await read(['a', 'b\nc', '\n\n', 'd'], 9), ['ab', 'c', '', 'd'])
    assert.deepEqual(await read(['123', '45\n', '1234\n', '1', '2345', '6'], 4), [TOO_LONG, '1234', TOO_LONG])
    assert.deepEqual(await read([], 4), [])
  })
})
