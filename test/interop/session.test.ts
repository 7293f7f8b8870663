import assert from 'node:assert/strict'
import { baseOf, TwinRecord } from '../reference/session.ts'
import { bytesOf, handshakeIn, hexOf, type Prekeys, TwinPerson } from '../reference/pairing-walk.ts'
import { InteropDoor } from '../support/interop-door.ts'
import { seededRandom } from '../support/seeded.ts'
import { NOW, OurPerson } from './people.ts'

const textOf = (text: string): string => Buffer.from(text).toString('hex')

/** The twin's end of a conversation. */
class TwinTalker {
  readonly person: TwinPerson
  readonly record = new TwinRecord()
  readonly prekeys: Prekeys
  now = NOW

  constructor(name: string) {
    this.person = new TwinPerson(name, NOW)
    this.prekeys = this.person.prekeys(NOW + 86_400_000)
  }

  /** @returns base of the session, hex */
  start(bundle: string): string {
    const { session, agreed } = this.person.begun(bundle, undefined, this.now)
    this.record.start(session, bytesOf(agreed.message))
    return hexOf(baseOf(bytesOf(agreed.message)))
  }

  seal(text: string): string {
    return hexOf(this.record.seal(bytesOf(textOf(text)), this.now, this.person.drawn()))
  }

  /** Says hello in a session beside the one in use. */
  hello(bundle: string, text: string): string {
    const { session, agreed } = this.person.begun(bundle, undefined, this.now)
    this.record.startBeside(session, bytesOf(agreed.message))
    return hexOf(this.record.hello(bytesOf(agreed.message), bytesOf(textOf(text)), this.now, this.person.drawn()))
  }

  answer(first: string, text: string): string {
    return hexOf(this.record.answer(bytesOf(first), bytesOf(textOf(text)), this.now, this.person.drawn()))
  }

  open(envelope: string): { text: string; isNewSession: boolean; historyBroken: boolean; late: boolean } {
    const { content, ...rest } = this.record.open(bytesOf(envelope), this.now, (handshake) => this.person.answered(this.prekeys, hexOf(handshake), undefined, this.now).session)
    return { text: Buffer.from(content).toString(), ...rest }
  }
}

/** Both ends, and what is on its way between them. */
class Conversation {
  readonly ours: OurPerson
  readonly twin: TwinTalker
  readonly prekeys: { readonly bundle: string; readonly prekeys: string }
  readonly toTwin: { envelope: string; text: string }[] = []
  readonly toOurs: { envelope: string; text: string }[] = []

  constructor(ours: OurPerson, prekeys: { bundle: string; prekeys: string }) {
    this.ours = ours
    this.prekeys = prekeys
    this.twin = new TwinTalker(`twin of ${ours.name}`)
  }

  static async of(door: InteropDoor, name: string): Promise<Conversation> {
    const ours = await OurPerson.make(door, name)
    return new Conversation(ours, await ours.bundle())
  }

  async oursSays(text: string): Promise<void> {
    this.toTwin.push({ envelope: await this.ours.seal(textOf(text)), text })
  }

  twinSays(text: string): void {
    this.toOurs.push({ envelope: this.twin.seal(text), text })
  }

  async oursHears({ envelope, text }: { envelope: string; text: string }) {
    const answering = { device: this.ours.device, prekeys: this.prekeys.prekeys }
    const opened = await this.ours.open(envelope, this.twin.person.device, answering)
    assert.equal(Buffer.from(opened.content, 'hex').toString(), text)
    return opened
  }

  twinHears({ envelope, text }: { envelope: string; text: string }) {
    const opened = this.twin.open(envelope)
    assert.equal(opened.text, text)
    return opened
  }
}

describe('a conversation over the interop door', () => {
  let door: InteropDoor
  before(() => (door = new InteropDoor()))
  after(() => door.end())

  for (const first of ['ours', 'twin'] as const) {
    const seed = first === 'ours' ? 11 : 12
    it(`of sixty messages comes through loss, repetition and disorder when ${first} begins (seed ${seed})`, async () => {
      const random = seededRandom(seed)
      const below = (n: number): number => (random(4)[0]! * 256 + random(1)[0]!) % n
      const talk = await Conversation.of(door, `ann ${first}`)
      if (first === 'ours') await talk.ours.start(talk.twin.prekeys.bundle)
      else talk.twin.start(talk.prekeys.bundle)
      const heard = { ours: new Set<string>(), twin: new Set<string>() }
      const can = { ours: first === 'ours', twin: first === 'twin' }
      let said = 0
      for (let step = 0; said < 60 || talk.toOurs.length + talk.toTwin.length > 0; step++) {
        talk.ours.now = talk.twin.now = NOW + 1_000 * step
        const move = below(10)
        if (said < 60 && move < 2 && can.ours) await talk.oursSays(`ours says ${said++} ${'x'.repeat(below(6_000))}`)
        else if (said < 60 && move < 4 && can.twin) talk.twinSays(`twin says ${said++} 안녕 ${'y'.repeat(below(6_000))}`)
        const line = move % 2 === 0 ? talk.toOurs : talk.toTwin
        const place = below(Math.max(1, line.length))
        const [letter] = move < 5 ? line.slice(place, place + 1) : line.splice(place, 1)
        if (!letter || move === 9) continue // 9: lost
        const [receiver, known] = line === talk.toOurs ? (['ours', heard.ours] as const) : (['twin', heard.twin] as const)
        if (known.has(letter.text)) {
          if (receiver === 'ours') assert.equal(await talk.ours.refuses(letter.envelope, talk.twin.person.device), 'duplicate')
          else assert.throws(() => talk.twinHears(letter), /duplicate/)
          continue
        }
        const { historyBroken } = receiver === 'ours' ? await talk.oursHears(letter) : talk.twinHears(letter)
        assert.equal(historyBroken, false)
        known.add(letter.text)
        can[receiver] = true
      }
      assert.ok(heard.ours.size + heard.twin.size > 35, `${heard.ours.size} and ${heard.twin.size} came through`)
      assert.ok(heard.ours.size > 5 && heard.twin.size > 5)
    })
  }

  it('settles on one session when both start at once, on both sides the same', async () => {
    for (const name of ['bea', 'cid', 'dan', 'eva']) {
      const talk = await Conversation.of(door, name)
      const { message } = await talk.ours.start(talk.twin.prekeys.bundle)
      const bases = [hexOf(baseOf(bytesOf(message))), talk.twin.start(talk.prekeys.bundle)]
      await talk.oursSays('hello from ours')
      talk.twinSays('hello from the twin')
      assert.equal((await talk.oursHears(talk.toOurs[0]!)).isNewSession, true)
      assert.equal(talk.twinHears(talk.toTwin[0]!).isNewSession, true)
      await talk.oursSays('which one?')
      talk.twinSays('this one')
      await talk.oursHears(talk.toOurs[1]!)
      talk.twinHears(talk.toTwin[1]!)
      const lower = bases.sort()[0]
      assert.equal(talk.twin.record.sessions[0]?.base, lower, 'the twin sends in the lower one')
      talk.twinSays('and on')
      await talk.oursHears(talk.toOurs[2]!)
      await talk.oursSays('and on')
      const { envelope } = talk.toTwin[2]!
      talk.twinHears(talk.toTwin[2]!)
      if (envelope.startsWith('0101')) assert.equal(hexOf(baseOf(bytesOf(handshakeIn(envelope)))), lower, 'and so does ours')
    }
  })

  it('answers a hello in the session it began, so that it opens before the other start is heard of', async () => {
    for (const name of ['bea', 'cid', 'dan', 'eva']) {
      const talk = await Conversation.of(door, name)
      await talk.ours.start(talk.twin.prekeys.bundle)
      talk.twin.start(talk.prekeys.bundle)
      await talk.oursSays('hello from ours')
      talk.twinSays('hello from the twin')
      const [toTwin, toOurs] = [talk.toTwin[0]!, talk.toOurs[0]!]
      talk.twinHears(toTwin)
      const answers = { twin: talk.twin.answer(toTwin.envelope, 'the twin answers'), ours: '' }
      await talk.oursHears(toOurs)
      answers.ours = await talk.ours.answer(toOurs.envelope, textOf('ours answers'))
      assert.equal((await talk.oursHears({ envelope: answers.twin, text: 'the twin answers' })).isNewSession, false)
      assert.equal(talk.twinHears({ envelope: answers.ours, text: 'ours answers' }).isNewSession, false)
    }
  })

  it('goes on while a hello is answered, refused or lost, and the answer opens in the session that the hello began', async () => {
    const talk = await Conversation.of(door, 'hal')
    await talk.ours.start(talk.twin.prekeys.bundle)
    await talk.oursSays('one')
    talk.twinHears(talk.toTwin[0]!)
    talk.twinSays('two')
    await talk.oursHears(talk.toOurs[0]!)
    const [more, twins] = [await talk.ours.bundle(), talk.twin.person.prekeys(NOW + 86_400_000)]
    const hellos = { ours: await talk.ours.hello(twins.bundle, textOf('hello from ours')), twin: talk.twin.hello(more.bundle, 'hello from the twin') }
    await talk.oursSays('three')
    talk.twinSays('four')
    assert.deepEqual([talk.toTwin[1], talk.toOurs[1]].map((letter) => letter?.envelope.slice(0, 4)), ['0102', '0102'], 'in the session that both know')
    talk.twinHears(talk.toTwin[1]!)
    await talk.oursHears(talk.toOurs[1]!)
    talk.ours.now = talk.twin.now = NOW + 1_000
    const opened = await talk.ours.open(hellos.twin, talk.twin.person.device, { device: talk.ours.device, prekeys: more.prekeys })
    assert.equal(opened.isNewSession, true)
    const answer = await talk.ours.answer(hellos.twin, textOf('an answer'))
    assert.equal(talk.twinHears({ envelope: answer, text: 'an answer' }).isNewSession, false)
    assert.equal(talk.twin.record.open(bytesOf(hellos.ours), talk.twin.now, (handshake) => talk.twin.person.answered(twins, hexOf(handshake), undefined, talk.twin.now).session).isNewSession, true)
    const reply = talk.twin.answer(hellos.ours, 'another')
    assert.equal((await talk.oursHears({ envelope: reply, text: 'another' })).isNewSession, false)
    await talk.oursSays('five')
    talk.twinSays('six')
    talk.twinHears(talk.toTwin[2]!)
    await talk.oursHears(talk.toOurs[2]!)
  })

  it('goes on anew when one side has lost everything, and what it said before that is late', async () => {
    const talk = await Conversation.of(door, 'fay')
    talk.twin.start(talk.prekeys.bundle)
    talk.twinSays('one')
    talk.twinSays('lost on the way for a while')
    await talk.oursHears(talk.toOurs[0]!)
    await talk.oursSays('two')
    talk.twinHears(talk.toTwin[0]!)
    talk.twin.record.sessions = []
    talk.ours.now = talk.twin.now = NOW + 60_000
    const fresh = await talk.ours.bundle()
    talk.twin.start(fresh.bundle)
    talk.twinSays('I lost my phone')
    const opened = await talk.ours.open(talk.toOurs[2]!.envelope, talk.twin.person.device, { device: talk.ours.device, prekeys: fresh.prekeys })
    assert.deepEqual([opened.isNewSession, opened.late], [true, false])
    assert.equal((await talk.oursHears(talk.toOurs[1]!)).late, true)
    await talk.oursSays('welcome back')
    assert.equal(talk.twinHears(talk.toTwin[1]!).isNewSession, false, 'ours answers in the new session')
  })

  it('shows a clone of either side', async () => {
    const talk = await Conversation.of(door, 'gil')
    await talk.ours.start(talk.twin.prekeys.bundle)
    await talk.oursSays('before')
    talk.twinHears(talk.toTwin[0]!)
    talk.twinSays('yes?')
    await talk.oursHears(talk.toOurs[0]!)
    await talk.oursSays('begins a chain')
    const copied = talk.ours.record
    await talk.oursSays('said by the device')
    talk.ours.record = copied
    await talk.oursSays('said by its clone')
    await talk.oursSays('and once more')
    talk.twinHears(talk.toTwin[1]!)
    talk.twinHears(talk.toTwin[2]!)
    assert.throws(() => talk.twinHears(talk.toTwin[3]!), /forked/)
    assert.equal(talk.twinHears(talk.toTwin[4]!).historyBroken, true)
  })
})
