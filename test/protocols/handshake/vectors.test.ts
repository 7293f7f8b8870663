import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { DeviceSecrets } from '../../../protocols/identity/index.ts'
import { bundleHash, decodePrekeySecrets, encodePrekeySecrets, initiate, makeBundle, respond, verifyBundle } from '../../../protocols/handshake/index.ts'
import { fromHex, noble, type Random, type Suite, toHex } from '../../../protocols/suite/index.ts'
import { vectors } from '../../../scripts/vectors/handshake.ts'
import { openssl } from '../../../src/crypto/index.ts'
import type { Inputs, Outputs } from '../../reference/handshake.ts'

interface Edit {
  readonly name: string
  readonly error: string
  readonly at?: number
  readonly put?: string
  readonly and?: { readonly at: number; readonly put: string }
  readonly append?: string
  readonly drop?: number
}

const FILE = path.join(import.meta.dirname, '../../../protocols/handshake/vectors.json')
const file = JSON.parse(readFileSync(FILE, 'utf8')) as {
  now: number
  cases: { name: string; inputs: Inputs; outputs: Outputs }[]
  refused: { bundles: Edit[]; messages: Edit[] }
}
const [first] = file.cases as [(typeof file.cases)[number]]

/** Hands out what a vector says, in the order the room asks for it. */
function queue(...seeds: string[]): Random {
  return (length) => {
    const next = fromHex(seeds.shift() as string)
    assert.equal(next.length, length)
    return next
  }
}

const device = (suite: Suite, seeds: { signing: string; agreement: string }): DeviceSecrets => ({
  signing: suite.importSecret('ed25519', fromHex(seeds.signing)),
  agreement: suite.importSecret('x25519', fromHex(seeds.agreement)),
})

function edited(hex: string, edit: Edit): Uint8Array {
  let bytes = fromHex(hex)
  for (const change of [edit, edit.and]) {
    if (change?.at === undefined || change.put === undefined) continue
    bytes.set(fromHex(change.put), change.at < 0 ? bytes.length + change.at : change.at)
  }
  if (edit.append) bytes = new Uint8Array([...bytes, ...fromHex(edit.append)])
  return edit.drop ? bytes.slice(0, Math.max(0, bytes.length - edit.drop)) : bytes
}

describe('the vectors of the handshake', () => {
  for (const { name, inputs, outputs } of file.cases) {
    const pairing = inputs.pairing === undefined ? {} : { secret: fromHex(inputs.pairing) }

    it(`are what the room makes: ${name}`, () => {
      const { responder, initiator, ids } = inputs
      const { oneTimePrekey, ...others } = ids
      const seeds = [responder.signedPrekey, responder.pqPrekey, responder.ratchetDh, responder.ratchetKem, responder.oneTimePrekey]
      const { bundle, secrets } = makeBundle(noble, queue(...seeds), {
        device: device(noble, responder),
        deviceList: fromHex(responder.deviceList),
        notAfter: inputs.notAfter,
        ids: inputs.oneTime ? { ...others, oneTimePrekey } : others,
      })
      assert.equal(toHex(bundle), outputs.bundle)
      assert.equal(toHex(bundleHash(noble, bundle)), outputs.bundleHash)
      assert.equal(toHex(encodePrekeySecrets(noble, secrets)), outputs.secrets)
      const { message, secret } = initiate(noble, queue(initiator.ephemeral, initiator.coins), {
        device: device(noble, initiator),
        deviceList: fromHex(initiator.deviceList),
        bundle: verifyBundle(noble, bundle, file.now),
        ...pairing,
      })
      assert.equal(toHex(message), outputs.message)
      for (const part of ['root', 'headerInitiator', 'headerResponder', 'transcript'] as const) assert.equal(toHex(secret[part]), outputs[part], part)
    })

    for (const suite of [noble, openssl]) {
      it(`are answered on ${suite.name}: ${name}`, () => {
        const prekeys = decodePrekeySecrets(suite, fromHex(outputs.secrets))
        const answered = respond(suite, { device: device(suite, inputs.responder), prekeys, message: fromHex(outputs.message), now: file.now, ...pairing })
        for (const part of ['root', 'headerInitiator', 'headerResponder', 'transcript'] as const) assert.equal(toHex(answered.secret[part]), outputs[part], part)
      })
    }
  }

  for (const edit of file.refused.bundles) {
    it(`refuse a bundle with ${edit.name}`, () => {
      for (const suite of [noble, openssl]) {
        assert.throws(() => verifyBundle(suite, edited(first.outputs.bundle, edit), file.now), { name: 'HandshakeError', code: edit.error })
      }
    })
  }

  for (const edit of file.refused.messages) {
    it(`refuse a message with ${edit.name}`, () => {
      for (const suite of [noble, openssl]) {
        const prekeys = decodePrekeySecrets(suite, fromHex(first.outputs.secrets))
        const message = edited(first.outputs.message, edit)
        const run = (): unknown => respond(suite, { device: device(suite, first.inputs.responder), prekeys, message, now: file.now })
        assert.throws(run, { name: 'HandshakeError', code: edit.error })
      }
    })
  }

  it('are made again, byte for byte, by their generator', () => {
    assert.equal(readFileSync(FILE, 'utf8'), `${JSON.stringify(vectors(), null, 2)}\n`)
  })

  const python = spawnSync('python3', ['--version'])
  if (python.error) {
    console.log('handshake: no python3 here, the independent check of the key schedule is left out')
  } else {
    it('agree with an independent script over the whole DH concatenation (attack 13)', () => {
      const script = path.join(import.meta.dirname, '../../reference/handshake.py')
      const run = spawnSync('python3', [script, FILE], { encoding: 'utf8' })
      assert.equal(run.status, 0, run.stderr)
      assert.equal(run.stdout.trim(), `${file.cases.length} cases agree`)
    })
  }
})
