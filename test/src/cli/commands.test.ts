import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dure, type Doorway, openDoor, type Typing } from '../../support/door.ts'
import { LINK, SAFETY_NUMBER } from '../../support/fake-messenger.ts'

const ID = '0'.repeat(31)

describe('the command line', () => {
  let door: Doorway
  let folder: string
  const type = (line: string, typing?: Typing) => dure([...line.split(' '), '--home', door.home], typing)
  const says = async (line: string, out: string, typing?: Typing) => assert.deepEqual(await type(line, typing), { code: 0, out: `${out}\n`, err: '' })

  beforeEach(async () => {
    door = await openDoor()
    folder = mkdtempSync(join(tmpdir(), 'dure-cli-'))
    door.messenger.befriend('Bob')
  })
  afterEach(async () => {
    await door.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('tells who you are and how you are connected', async () => {
    assert.match((await type('id')).out, /^Ana\nfingerprint  ana7 kq2m\npeer id      12D3KooWAna\n/)
    const { out } = await type('status')
    assert.match(out, /^Dure is running for Ana\n/)
    assert.match(out, /listens on {3}\/ip4\/192\.0\.2\.7\/tcp\/4001/)
    assert.match(out, /database {5}locked with a key file/)
  })

  it('makes a code on the screen, a link to send, and pictures', async () => {
    const shown = await type('invite')
    assert.match(shown.out, /▀|█/)
    assert.ok(shown.out.includes(LINK))
    assert.equal((await type('invite --link --expires 2h')).out.split('\n')[0], LINK)
    await type(`invite --qr ${folder}/code.png`)
    await type(`invite --qr ${folder}/code.svg`)
    assert.equal(readFileSync(join(folder, 'code.png')).toString('latin1', 1, 4), 'PNG')
    assert.match(readFileSync(join(folder, 'code.svg'), 'utf8'), /^<(\?xml|svg)/)
    assert.equal(statSync(join(folder, 'code.png')).mode & 0o777, 0o600)
    assert.deepEqual(door.messenger.calls, ['invite in person default', 'invite link 7200', 'invite in person default', 'invite in person default'])
  })

  it('says when the window is too narrow for a code', async () => {
    const { err, out } = await type('invite', { columns: 20 })
    assert.match(err, /too narrow .* --qr code\.png/)
    assert.doesNotMatch(out, /▀/)
  })

  it('says that an answer waits in a mailbox, and how to come to the code', async () => {
    door.messenger.pair = async () => ({ name: 'Bob', account: ID, code: undefined, state: 'asked', left: true, verified: false })
    assert.match((await type('pair DURE:X')).out, /^Bob is away\. Your answer waits for them in a mailbox\.\n/)
  })

  it('pairs by link, by standard input, and by a picture, which counts as scanned', async () => {
    assert.match((await dure(['pair', LINK, '--home', door.home])).out, /^You asked Bob\.\nCompare this code with them: 123 456\n/)
    await type('pair -', { input: `${LINK}\n` })
    await type(`invite --qr ${folder}/code.png`)
    await type(`pair ${folder}/code.png`)
    assert.deepEqual(door.messenger.calls.filter((call) => call.startsWith('pair')), [`pair link ${LINK}`, `pair link ${LINK}`, `pair scanned ${LINK}`])
  })

  it('shows requests with the code to compare, and answers them', async () => {
    await says('requests', 'Nobody waits for your answer.')
    door.messenger.ask('Carol')
    const { out } = await type('requests')
    assert.match(out, /^Carol answered your invite\. Both of you must see the code 123 456\.\n {2}dure accept abc234 --home \S+ {2}or {2}dure refuse abc234 --home/)
    assert.match((await type('accept abc234')).out, /^Carol is your contact\./)
    door.messenger.ask('Bob', { kind: 'new-device', code: undefined, waiting: 2 })
    assert.match((await type('requests')).out, /^Bob has a new device\. 2 messages of yours wait/)
    await says('refuse abc234', 'Refused.')
  })

  it('lists contacts, and one with its devices', async () => {
    door.messenger.receive('Bob', 'see you\nsoon')
    door.messenger.befriend('김민수', { verified: true, online: false })
    assert.equal((await type('contacts')).out, '● Bob     1 new  see you soon\n○ 김민수  verified\n')
    assert.match((await type('contacts Bob')).out, /device {8}laptop\n {16}\/ip4\/127\.0\.0\.1\/tcp\/4001/)
    assert.match((await dure(['contacts', '--home', (await openEmpty()).home])).out, /no contacts yet\. Make one: dure invite/)
  })

  it('warns of a name that looks like that of another contact, wherever somebody is to be trusted (attack 95)', async () => {
    const likeness = { lookalike: 'Bob', mixedScript: true }
    const looks = /! The name looks like that of your contact Bob\. Make sure who it is: (.+)\n/
    const mixes = /! The name mixes letters of several scripts; some may not be what they look like\. Make sure who it is: /
    const check = async (line: string): Promise<string> => {
      const { out } = await type(line)
      assert.match(out, mixes, line)
      return looks.exec(out)?.[1] ?? ''
    }
    door.messenger.ask('Bоb', likeness)
    assert.equal(await check('requests'), 'let them say the code to you')
    const forged = door.messenger.befriend('Bоb', likeness)
    door.messenger.accept = async () => forged
    door.messenger.pair = async () => ({ name: forged.name, account: forged.account, code: '123 456', state: 'asked', verified: false, ...likeness })
    assert.equal(await check('pair DURE:X'), 'let them say the code to you')
    assert.match(await check('contacts'), /^dure verify 'Bоb' --home/)
    assert.match(await check('contacts Bоb'), /^dure verify 'Bоb' --home/)
    assert.match(await check('accept abc234'), /^dure verify 'Bоb' --home/)
    assert.deepEqual(JSON.parse((await type('contacts Bоb --json')).out).lookalike, 'Bob')
    assert.doesNotMatch((await type('contacts Bob')).out, looks)
  })

  it('compares safety numbers: shows, asks on a terminal, marks', async () => {
    const shown = await type('verify Bob')
    assert.match(shown.out, new RegExp(SAFETY_NUMBER.slice(0, 23)))
    assert.match(shown.out, /dure verify Bob --yes --home/)
    assert.equal(door.messenger.contact('Bob').verified, false)
    await type('verify Bob', { columns: 80, ask: { yes: async () => false } })
    assert.equal(door.messenger.contact('Bob').verified, false)
    assert.match((await type('verify Bob', { columns: 80, ask: { yes: async () => true } })).out, /Bob is verified\.\n$/)
    assert.equal(door.messenger.contact('Bob').verified, true)
    await says('verify Bob --yes', 'Bob is verified.')
  })

  it('blocks, unblocks, renames, and sets the timer', async () => {
    await says('block Bob', 'Bob is blocked.')
    await says('unblock Bob', 'Bob is not blocked any more.')
    await says('rename Bob Robert', 'You call them Robert now.')
    await says('timer Robert 1d', 'New messages with Robert disappear after 1 day.')
    await says('timer Robert off', 'Messages with Robert stay.')
  })

  it('sends words, standard input, and text that begins with a dash', async () => {
    await says('send Bob hello there', `… queued for Bob  ${ID}1`)
    await says('send Bob', `… queued for Bob  ${ID}2`, { input: 'two\nlines\n' })
    await dure(['send', 'Bob', '--home', door.home, '--', '--json'])
    assert.deepEqual(door.messenger.calls, ['send Bob hello there', 'send Bob two\nlines', 'send Bob --json'])
  })

  it('answers, edits, deletes and reacts by message id', async () => {
    door.messenger.receive('Bob', 'shall we?')
    await says(`reply ${ID}1 yes`, `… queued for Bob  ${ID}2`)
    assert.equal(door.messenger.message(`${ID}2`).replyTo, `${ID}1`)
    await says(`edit ${ID}2 no`, 'Edited.')
    await says(`react ${ID}1 👍`, 'Done.')
    await says(`react ${ID}1`, 'Taken back.')
    await says(`delete ${ID}2`, 'Deleted for everyone.')
  })

  it('shows history by days, with quotes, marks and ids', async () => {
    door.messenger.receive('Bob', 'shall we?')
    await type(`reply ${ID}1 yes`)
    door.messenger.deliver(`${ID}2`, 'read')
    door.messenger.notice('Bob', 'new-device')
    assert.equal(
      (await type('history Bob')).out,
      [
        '── Sunday, 22 November 2026 ──',
        '03:01 Bob  shall we?',
        '03:02 you  ↪ Bob: shall we?',
        '           yes ✓✓ read',
        '· Bob has a new device. Compare the safety number again to be sure it is theirs.',
        '',
      ].join('\n'),
    )
    assert.match((await type('history Bob --ids --limit 2')).out, new RegExp(`yes ✓✓ read ${ID}2`))
    assert.equal((await type(`history Bob --before ${ID}2`)).out.split('\n').length, 3)
  })

  it('says of one message how far it came: in which mailbox it lies, on which device it is', async () => {
    const [phone, laptop] = [{ device: '1', name: 'phone', addresses: [] }, { device: '2', name: 'lap\u202etop', addresses: [] }]
    door.messenger.befriend('Ann', { devices: [phone, laptop] })
    await type('send Ann hello')
    const at = door.messenger.message(`${ID}1`).at
    const left = (relay: string, keeps: boolean, minutes: number) => ({ relay, keeps, at: at + minutes * 60_000 })
    door.messenger.deliver(`${ID}1`, 'mailbox', [
      { device: '1', name: 'phone', state: 'mailbox', at, mailboxes: [left('5e0a91c2', true, 1), left('0badcafe', false, 0)] },
      { device: '2', name: 'lap\u202etop', state: 'read', at: at + 120_000, mailboxes: [left('5e0a91c2', false, 1)] },
    ])
    assert.equal(
      (await type(`message ${ID}1`)).out,
      [
        'to Ann  22 Nov 2026, 03:01', 'hello', 'queued here 03:01',
        'with mailbox 5e0a91c2 since 03:02', 'left with mailbox 0badcafe 03:01, which has lost it or let it go; it is left again',
        'left with mailbox 5e0a91c2 03:02', "read on Ann's laptop since 03:03", '',
      ].join('\n'),
    )
    assert.match((await type('chat Ann', { input: '/where\n' })).err, /^queued here .*\nwith mailbox 5e0a91c2 since /)
  })

  it('speaks of times in the language and zone of its user', async () => {
    door.messenger.receive('Bob', 'hi')
    const korean = (await type('history Bob', { env: { LC_ALL: 'ko_KR.UTF-8', TZ: 'Asia/Seoul' } })).out
    assert.match(korean, /2026년 11월 22일 일요일/)
    const american = (await type('history Bob', { env: { LANG: 'en_US.UTF-8', TZ: 'America/New_York' } })).out
    assert.match(american, /Saturday, November 21, 2026[^]*01:01 PM/)
  })

  it('finds 안녕 inside a sentence and makes it visible', async () => {
    door.messenger.receive('Bob', '모두 안녕하세요 여러분')
    const { out } = await type('search 안녕', { columns: 60, env: { NO_COLOR: '', TERM: 'xterm' } })
    assert.ok(out.includes('\x1b[1m\x1b[7m안녕\x1b[27m\x1b[22m하세요'), JSON.stringify(out))
    await says('search nothing', 'Nothing contains "nothing".')
  })

  it('changes the profile, the settings and the passphrase', async () => {
    await says('profile --name Anna', 'Your contacts see you as Anna.')
    writeFileSync(join(folder, 'me.png'), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    await type(`profile --picture ${folder}/me.png`)
    await type('profile --no-picture')
    assert.deepEqual(door.messenger.calls, ['picture 8', 'picture none'])
    await says('settings', 'receipts      on\nhide-address  off\nnetwork       public')
    await says('settings receipts off', 'receipts      off\nhide-address  off\nnetwork       public')

    const secrets = ['one', 'other', 'same', 'same']
    const ask = { secret: async () => secrets.shift()! }
    assert.match((await type('passphrase set', { columns: 80, ask })).err, /not the same/)
    assert.equal((await type('passphrase set', { columns: 80, ask })).code, 0)
    writeFileSync(join(folder, 'pass'), 'from a file\nsecond line\n')
    await type(`passphrase set --passphrase-file ${folder}/pass`)
    await type('passphrase remove')
    assert.deepEqual(door.passphrases, ['same', 'from a file', undefined])
    assert.match((await type('passphrase set')).err, /--passphrase-file/)
  })

  it('takes the history away and brings it back', async () => {
    door.messenger.receive('Bob', 'keep me')
    const file = join(folder, 'backup', 'dure.jsonl')
    await says(`export ${folder}/backup`, `2 lines in ${file}. Anyone who has this file can read it.`)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(JSON.parse(readFileSync(file, 'utf8').split('\n')[1]!).text, 'keep me')
    assert.match((await type(`export ${folder}/backup`)).err, /is there already/)
    await says(`import ${folder}/backup`, 'Brought back 1 contact and 1 message.')
    assert.match((await type(`import ${folder}`)).err, /there is no dure\.jsonl/)
    assert.equal(existsSync(`${file}.partial`), false)
  })

  it('talks where there is no terminal: lines in, lines out', async () => {
    door.messenger.receive('Bob', 'are you there?')
    const { out, err, code } = await type('chat Bob', { input: 'yes\n/reply 안녕\n/dance\n//slash\n/quit\nnot sent\n' })
    assert.deepEqual([code, out, err], [0, '03:01 Bob  are you there?\n', 'there is no /dance; /help lists what there is\n'])
    assert.deepEqual(door.messenger.calls.filter((call) => call.startsWith('send')), ['send Bob yes', 'send Bob 안녕', 'send Bob /slash'])
    assert.ok(door.messenger.calls.some((call) => call.startsWith('read')))
  })

  it('uses, lists and forgets relays, and hides behind them', async () => {
    assert.match((await type('relay list')).out, /^You use no relay\. Use one: dure relay use LINK/)
    const used = await type('relay use DURE:AEC5')
    assert.match(used.out, /You use the relay 5e5e0 at [^\n]*\n[^\n]*relay list[^\n]*\nUse a second one of another operator/)
    assert.match((await type('relay list')).out, /5e5e0 {2}you can be called through it {2}keeps your mailboxes[^\n]* {2}\/ip4\/192\.0\.2\.7\/tcp\/4001\nTwo of different operators/)
    assert.doesNotMatch((await type('relay use DURE:AEC6')).out, /second one/)
    assert.match((await type('settings --hide-address on')).out, /^receipts {6}on\nhide-address {2}on\nnetwork {7}public\nContacts are told of you/)
    assert.match((await type('status')).out, /2 of 2 ready/)
    assert.equal((await type('settings receipts on --hide-address on')).code, 2)
    assert.match((await type('settings network private')).out, /^network {7}private$/m)
    for (const [wrong, said] of [['network sometimes', 'network is public or private'], ['receipts private', 'receipts is on or off'], ['hide-address maybe', 'hide-address is on or off']]) {
      const { code, err } = await type(`settings ${wrong}`)
      assert.deepEqual([code, err.split('\n')[0]], [2, `dure: error: ${said}`])
    }
    await says('relay forget 5e5e0', 'Forgotten.')
    assert.match((await type('relay forget none')).err, /you use no such relay/)
  })

  it('stops the node', async () => {
    await says('stop', 'Dure is stopping.')
    assert.ok(door.stopped())
  })

  it('answers every reading command in JSON lines that parse, with nothing else', async () => {
    door.messenger.receive('Bob', 'evil \x1b[2J\u202e\u009b text')
    door.messenger.ask('Carol')
    for (const line of ['id', 'status', 'requests', 'contacts', 'contacts Bob', 'verify Bob', 'history Bob', 'search evil', 'settings', 'invite', 'send Bob x', 'timer Bob 1h']) {
      const { out, err, code } = await type(`${line} --json`)
      assert.deepEqual([code, err], [0, ''], line)
      for (const one of out.trimEnd().split('\n')) assert.equal(typeof JSON.parse(one), 'object', line)
      assert.doesNotMatch(out, /[\x1b\x7f-\x9f\u202e]/, line)
    }
  })

  it('ends with 1, an error and a hint when it is refused', async () => {
    const table: readonly [string, RegExp][] = [
      ['send Nobody hi', /^dure: error: you have no contact named Nobody\ndure: hint: `dure contacts` lists them\n$/],
      ['accept zzz', /^dure: error: no request zzz is waiting\ndure: hint: /],
      ['pair nonsense', /^dure: error: this is neither an invite link nor a picture of its code\ndure: hint: /],
      ['relay use nonsense', /^dure: error: this is neither the link of a relay nor a picture of its code\ndure: hint: /],
      ['pair dure:x?', /./],
      [`reply ${ID}9 hi`, /^dure: error: there is no such message\ndure: hint: /],
      ['reply 12 hi', /^dure: error: params\.id must match pattern/],
      [`profile --picture ${folder}`, /cannot be read/],
    ]
    for (const [line, err] of table.filter(([line]) => line !== 'pair dure:x?')) {
      const result = await type(line)
      assert.deepEqual([result.code, result.out], [1, ''], line)
      assert.match(result.err, err, line)
    }
  })

  it('ends with 2 and points to its help when it is used wrongly', async () => {
    for (const line of ['dance', 'send', 'timer Bob soon', 'history Bob --limit x', 'invite --qr code.gif', 'settings receipts maybe', 'send Bob --loud', 'invite --expires 10']) {
      const { code, out, err } = await type(line)
      assert.deepEqual([code, out], [2, ''], line)
      assert.match(err, /^dure: error: .*\n/, line)
      assert.match(err, /dure: hint: /, line)
    }
    assert.match((await type('send Bob --loud')).err, /put -- before a text/)
  })

  it('says how to start the node when none runs', async () => {
    const { code, err } = await dure(['status', '--home', folder])
    assert.deepEqual([code, err], [1, `dure: error: Dure is not running\ndure: hint: start it in another terminal: dure start --home ${folder}\n`])
    const npm = await dure(['status', '--home', folder], { env: { npm_lifecycle_event: 'dure' } })
    assert.match(npm.err, /npm start -- --home/)
  })

  it('has help with an example for every command', async () => {
    let commands = 0
    const check = async (line: string[], shownAbove: boolean): Promise<void> => {
      const { code, out } = await dure([...line, '--help'])
      assert.equal(code, 0)
      assert.match(out, /--home <dir>/, line.join(' '))
      const parts = [...(/^Commands:\n([^]*)/m.exec(out)?.[1] ?? '').matchAll(/^ {2}([a-z]+)[ |]/gm)].map((match) => match[1]!).filter((name) => name !== 'help')
      const shown = shownAbove || /Examples:\n {2}\$ dure /.test(out)
      for (const name of parts) await check([...line, name], shown)
      if (parts.length > 0) return
      commands++
      assert.ok(shown, line.join(' '))
    }
    await check([], false)
    assert.ok(commands >= 60, `${commands}`)
  })
})

const openEmpty = async (): Promise<Doorway> => {
  const door = await openDoor()
  after(() => door.close())
  return door
}
