/** What every Store promises of channels: one suite, run on the encrypted database and on its in-memory twin. */
import assert from 'node:assert/strict'
import type { ChannelChange, ChannelKeyRow, DraftRow, StaffRow } from '../../../src/messenger/channels/ports.ts'
import type { Store } from '../../../src/messenger/ports.ts'
import { ALICE, BOB, channelRow, entryRow, key, logRow, type Subject, subjects } from './support.ts'

const BAKERY = key(0xba)
const RADIO = key(0x7ad10)
const ROOT = BAKERY
const MINA = key(0x11)
const JUN = key(0x22)
const PICTURE = key(0x91c)
const EDIT = 17

const add = (...row: Parameters<typeof entryRow>): ChannelChange => ({ add: 'entry', row: entryRow(...row) })
const node = (channel: string, log: string, level: number, index: number): ChannelChange => ({
  put: 'node', row: { channel, log, level, index, hash: new Uint8Array(32).fill(level + index) },
})
const chunk = (channel: string, index: number, size = 5, bytes = new Uint8Array([index, 1])): ChannelChange => ({
  add: 'media-chunk', channel, hash: PICTURE, size, index, bytes,
})
const draft = (id: string, channel: string, body: number): DraftRow => ({ id, channel, kind: 16, body: new Uint8Array([body]), at: 9 })
const staff = (id: string, channel: string, role: StaffRow['role']): StaffRow => ({ id, channel, role, account: ALICE, terms: new Uint8Array([3]), at: 8 })
const rootKey: ChannelKeyRow = { channel: BAKERY, role: 'root', secret: new Uint8Array(32).fill(1), entropy: new Uint8Array(32).fill(2) }
const postingKey: ChannelKeyRow = { channel: BAKERY, role: 'posting', secret: new Uint8Array(32).fill(3) }

/** Everything that can be asked of a channel. */
const all = (store: Store, channel: string) => ({
  logs: store.channelLogs(channel),
  entries: [ROOT, MINA, JUN].flatMap((log) => store.entries(channel, log, 0, 1_000)),
  newest: store.newestEntries(channel, { kinds: [1, 16, EDIT], limit: 1_000 }),
  nodes: [ROOT, MINA, JUN].map((log) => store.node(channel, log, 8, 0)),
  unread: store.unreadEntries(channel),
  keys: store.channelKeys(channel),
  drafts: store.drafts(channel),
  staff: store.staff().filter((row) => row.channel === channel),
  evidence: store.evidence(channel),
})
const NOTHING = { logs: [], entries: [], newest: [], nodes: [undefined, undefined, undefined], unread: 0, keys: [], drafts: [], staff: [], evidence: [] }

for (const [name, open] of Object.entries(subjects)) {
  describe(`channels in ${name}`, () => {
    let subject: Subject
    let store: Store
    beforeEach(async () => {
      subject = await open()
      store = subject.store
    })
    afterEach(() => store.close())

    const times = (rows: { time: number }[]): number[] => rows.map((row) => row.time)
    const seqs = (rows: { seq: number }[]): number[] => rows.map((row) => row.seq)

    it('are none at first, and nothing is found of one that is not here, whatever it is called', () => {
      assert.deepEqual([store.channels(), store.staff()], [[], []])
      for (const channel of [BAKERY, 'not an id', '']) assert.deepEqual(all(store, channel), NOTHING)
      assert.equal(store.entry(BAKERY, MINA, 0), undefined)
      assert.equal(store.entryById(BAKERY, 'not an id'), undefined)
      assert.deepEqual(store.entriesAbout(BAKERY, key(1)), [])
      assert.deepEqual(store.entryIds(BAKERY, MINA, 0, 9), new Uint8Array())
      assert.deepEqual([store.media(PICTURE), store.mediaChunk(PICTURE, 0), store.mediaChunks(PICTURE)], [undefined, undefined, []])
    })

    it('are given back with every kind of row as it was put, before and after it is durable', async () => {
      const bakery = channelRow(BAKERY, 'Seoul Bakery', {
        muted: true, hints: [{ peer: key(9), addresses: ['/ip4/127.0.0.1/tcp/1'] }], domain: { domain: 'example.com', checkedAt: 4, provenAt: 3 },
      })
      const radio = channelRow(RADIO, 'Radio', { following: undefined, domain: { domain: 'radio.example', checkedAt: 4, provenAt: undefined } })
      const log = logRow(BAKERY, MINA, { floor: 3 })
      const post = entryRow(BAKERY, MINA, 3, { unread: true, bytes: new Uint8Array(60_000).fill(5) })
      const edit = entryRow(BAKERY, JUN, 0, { kind: EDIT, about: post.id })
      const asked = staff('abc234', BAKERY, 'offered')
      const durable = store.commit([
        { put: 'channel', row: bakery }, { put: 'channel', row: radio }, { put: 'channel-log', row: log }, { add: 'entry', row: post },
        { add: 'entry', row: edit }, node(BAKERY, MINA, 8, 0), { put: 'channel-key', row: rootKey }, { put: 'channel-key', row: postingKey },
        { put: 'draft', row: draft('d1', BAKERY, 1) }, { put: 'staff', row: asked },
        { add: 'evidence', channel: BAKERY, id: 'e1', bytes: new Uint8Array([6]) }, chunk(BAKERY, 0), chunk(BAKERY, 2),
      ])
      const look = (): void => {
        assert.deepEqual(store.channels(), [bakery, radio])
        assert.deepEqual(store.channelLogs(BAKERY), [log])
        assert.deepEqual(store.entry(BAKERY, MINA, 3), post)
        assert.deepEqual(store.entryById(BAKERY, post.id), post)
        assert.equal(store.entryById(RADIO, post.id), undefined)
        assert.deepEqual(store.entriesAbout(BAKERY, post.id), [edit])
        assert.deepEqual(store.node(BAKERY, MINA, 8, 0), new Uint8Array(32).fill(8))
        assert.equal(store.unreadEntries(BAKERY), 1)
        assert.deepEqual(store.channelKeys(BAKERY), [postingKey, rootKey])
        assert.deepEqual(store.drafts(BAKERY), [draft('d1', BAKERY, 1)])
        assert.deepEqual(store.staff(), [asked])
        assert.deepEqual(store.evidence(BAKERY), [new Uint8Array([6])])
        assert.deepEqual(store.media(PICTURE), { hash: PICTURE, size: 5, chunks: 2, channels: [BAKERY] })
        assert.deepEqual(store.mediaChunk(PICTURE, 2), new Uint8Array([2, 1]))
        assert.deepEqual(store.mediaChunks(PICTURE), [0, 2])
      }
      look()
      await durable
      look()
    })

    it('replace by put, keep the first by add, and forget by remove', async () => {
      await store.commit([
        { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, { put: 'channel', row: channelRow(RADIO, 'Radio') },
        { put: 'channel-log', row: logRow(BAKERY, MINA) }, add(BAKERY, MINA, 0), { add: 'evidence', channel: BAKERY, id: 'e', bytes: new Uint8Array([1]) },
        { put: 'channel-key', row: rootKey }, { put: 'channel-key', row: postingKey },
        { put: 'draft', row: draft('d1', BAKERY, 1) }, { put: 'draft', row: draft('d2', BAKERY, 2) },
        { put: 'staff', row: staff('s1', BAKERY, 'invited') }, { put: 'staff', row: staff('s2', BAKERY, 'offered') }, chunk(BAKERY, 0),
      ])
      const forgotten: ChannelKeyRow = { ...rootKey, entropy: undefined }
      await store.commit([
        { put: 'channel', row: channelRow(BAKERY, 'Bakery renamed', { following: 'private' }) },
        { put: 'channel-log', row: logRow(BAKERY, MINA, { floor: 2, state: new Uint8Array([8]) }) },
        add(BAKERY, MINA, 0, { id: key(99), bytes: new Uint8Array([9]) }), { add: 'evidence', channel: BAKERY, id: 'e', bytes: new Uint8Array([2]) },
        { put: 'channel-key', row: forgotten }, { remove: 'channel-key', channel: BAKERY, role: 'posting' },
        { put: 'draft', row: draft('d1', BAKERY, 3) }, { remove: 'draft', id: 'd2' },
        { put: 'staff', row: { ...staff('s1', BAKERY, 'invited'), account: BOB } }, { remove: 'staff', id: 's2' },
        chunk(BAKERY, 0, 5, new Uint8Array([7])),
        { remove: 'channel', id: key(1) }, { remove: 'channel-key', channel: RADIO, role: 'root' }, { remove: 'draft', id: 'none' },
        { remove: 'staff', id: 'none' }, { remove: 'media', hash: key(2) },
      ])
      assert.deepEqual(store.channels().map((row) => [row.name, row.following]), [['Bakery renamed', 'private'], ['Radio', 'open']])
      assert.deepEqual(store.channelLogs(BAKERY).map((row) => [row.floor, row.state[0]]), [[2, 8]])
      assert.deepEqual(store.entries(BAKERY, MINA, 0, 9), [entryRow(BAKERY, MINA, 0)])
      assert.equal(store.entryById(BAKERY, key(99)), undefined)
      assert.deepEqual(store.evidence(BAKERY), [new Uint8Array([1])])
      assert.deepEqual(store.channelKeys(BAKERY), [forgotten])
      assert.deepEqual(store.drafts(BAKERY), [draft('d1', BAKERY, 3)])
      assert.deepEqual(store.staff().map((row) => [row.id, row.account]), [['s1', BOB]])
      assert.deepEqual(store.mediaChunk(PICTURE, 0), new Uint8Array([0, 1]))
      await store.commit([{ remove: 'media', hash: PICTURE }])
      assert.deepEqual([store.media(PICTURE), store.mediaChunk(PICTURE, 0)], [undefined, undefined])
    })

    it('give the entries of one log by number, holes and all, apart from those of other logs and channels', async () => {
      await store.commit([
        { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, { put: 'channel', row: channelRow(RADIO, 'Radio') },
        ...[7, 4, 5, 9].map((seq) => add(BAKERY, MINA, seq)), add(BAKERY, JUN, 6), add(RADIO, MINA, 8, { id: key(8) }),
      ])
      assert.deepEqual(seqs(store.entries(BAKERY, MINA, 0, 9)), [4, 5, 7, 9])
      assert.deepEqual(seqs(store.entries(BAKERY, MINA, 5, 2)), [5, 7])
      assert.deepEqual(store.entries(BAKERY, MINA, 0, 0), [])
      const ids = [5, 7].map((seq) => entryRow(BAKERY, MINA, seq).id).join('')
      assert.equal(Buffer.from(store.entryIds(BAKERY, MINA, 5, 9)).toString('hex'), ids)
      assert.deepEqual(store.entry(RADIO, MINA, 8)?.id, key(8))
    })

    it('page through posts of all logs by time and id without gap or repeat', async () => {
      const rows = Array.from({ length: 40 }, (_, n) => entryRow(BAKERY, n % 3 === 0 ? MINA : JUN, n, {
        time: 500 + Math.floor(n / 4), id: key((n * 7) % 41), kind: n % 10 === 9 ? EDIT : n % 10 === 8 ? 19 : 16,
      }))
      await store.commit([{ put: 'channel', row: channelRow(BAKERY, 'Bakery') }, ...rows.map((row): ChannelChange => ({ add: 'entry', row }))])
      const kinds = [16, 19, 255]
      const expected = rows.filter((row) => kinds.includes(row.kind)).sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1))
      const seen: unknown[] = []
      for (let page = store.newestEntries(BAKERY, { kinds, limit: 7 }); page.length > 0; ) {
        seen.push(...page)
        const last = page.at(-1)
        page = store.newestEntries(BAKERY, { kinds, limit: 7, ...(last && { before: { time: last.time, id: last.id } }) })
      }
      assert.deepEqual(seen, expected)
      assert.deepEqual(store.newestEntries(BAKERY, { kinds: [], limit: 7 }), [])
      assert.deepEqual(store.newestEntries(BAKERY, { kinds, limit: 0 }), [])
      assert.deepEqual(store.newestEntries(RADIO, { kinds, limit: 7 }), [])
    })

    it('give what was said about an entry in order of time, whatever log says it', async () => {
      const about = key(77)
      await store.commit([
        { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, add(BAKERY, MINA, 0, { about, time: 30 }), add(BAKERY, JUN, 0, { about, time: 10 }),
        add(BAKERY, JUN, 1, { about: key(78), time: 20 }), add(BAKERY, JUN, 2, { about, time: 20 }),
      ])
      assert.deepEqual(times(store.entriesAbout(BAKERY, about)), [10, 20, 30])
    })

    it('count what the person has not seen until it is read', async () => {
      await store.commit([
        { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, { put: 'channel', row: channelRow(RADIO, 'Radio') },
        add(BAKERY, MINA, 0, { unread: true }), add(BAKERY, JUN, 0, { unread: true }), add(BAKERY, JUN, 1), add(RADIO, MINA, 0, { unread: true }),
      ])
      assert.deepEqual([store.unreadEntries(BAKERY), store.unreadEntries(RADIO)], [2, 1])
      await store.commit([{ put: 'channel-read', channel: BAKERY }])
      assert.deepEqual([store.unreadEntries(BAKERY), store.unreadEntries(RADIO)], [0, 1])
      assert.equal(store.entry(BAKERY, MINA, 0)?.unread, false)
    })

    it('lose a cut end of a log with the nodes over it, and take other entries there', async () => {
      await store.commit([
        { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, ...[0, 1, 255, 256, 600].map((seq) => add(BAKERY, MINA, seq, { unread: true })),
        add(BAKERY, JUN, 300), node(BAKERY, MINA, 8, 0), node(BAKERY, MINA, 8, 1), node(BAKERY, MINA, 16, 0), node(BAKERY, JUN, 8, 0),
      ])
      await store.commit([{ cut: 'entries', channel: BAKERY, log: MINA, from: 256 }, add(BAKERY, MINA, 256, { id: key(5) })])
      assert.deepEqual(seqs(store.entries(BAKERY, MINA, 0, 9)), [0, 1, 255, 256])
      assert.equal(store.entry(BAKERY, MINA, 256)?.id, key(5))
      assert.deepEqual(seqs(store.entries(BAKERY, JUN, 0, 9)), [300])
      assert.equal(store.unreadEntries(BAKERY), 3)
      assert.deepEqual([[8, 0], [8, 1], [16, 0]].map(([level = 0, index = 0]) => store.node(BAKERY, MINA, level, index)?.length), [32, undefined, undefined])
      assert.ok(store.node(BAKERY, JUN, 8, 0))
      await store.commit([{ cut: 'entries', channel: BAKERY, log: MINA, from: 255 }, { cut: 'entries', channel: RADIO, log: MINA, from: 0 }])
      assert.equal(store.node(BAKERY, MINA, 8, 0), undefined)
    })

    it('leave nothing behind when they are removed but what others name, and begin anew when followed again', async () => {
      const row = channelRow(BAKERY, 'Bakery')
      const filled: ChannelChange[] = [
        { put: 'channel', row }, { put: 'channel-log', row: logRow(BAKERY, MINA) }, add(BAKERY, MINA, 0, { unread: true }), node(BAKERY, MINA, 8, 0),
        { put: 'channel-key', row: rootKey }, { put: 'draft', row: draft('d', BAKERY, 1) }, { put: 'staff', row: staff('s', BAKERY, 'offered') },
        { add: 'evidence', channel: BAKERY, id: 'e', bytes: new Uint8Array([1]) }, chunk(BAKERY, 0),
      ]
      const own: ChannelChange = { add: 'media-chunk', channel: BAKERY, hash: key(3), size: 2, index: 0, bytes: new Uint8Array([1, 2]) }
      await store.commit([...filled, own, { put: 'channel', row: channelRow(RADIO, 'Radio') }, chunk(RADIO, 0), add(RADIO, MINA, 0)])
      const other = all(store, RADIO)
      assert.deepEqual(store.media(PICTURE)?.channels, [BAKERY, RADIO])
      const gone = store.commit([{ remove: 'channel', id: BAKERY }])
      for (let look = 0; look < 2; look++) {
        assert.deepEqual(store.channels().map(({ name: called }) => called), ['Radio'])
        assert.deepEqual(all(store, BAKERY), NOTHING)
        assert.equal(store.entryById(BAKERY, entryRow(BAKERY, MINA, 0).id), undefined)
        assert.deepEqual(all(store, RADIO), other)
        assert.deepEqual(store.media(PICTURE), { hash: PICTURE, size: 5, chunks: 1, channels: [RADIO] })
        assert.deepEqual([store.media(key(3)), store.mediaChunk(key(3), 0), store.mediaChunks(key(3))], [undefined, undefined, []])
        await gone
      }
      await store.commit([{ put: 'channel', row }, add(BAKERY, MINA, 0, { id: key(4) })])
      assert.deepEqual(store.entries(BAKERY, MINA, 0, 9).map((entry) => entry.id), [key(4)])
      assert.deepEqual([store.channelLogs(BAKERY), store.unreadEntries(BAKERY), store.channelKeys(BAKERY)], [[], 0, []])
    })

    it('take nothing in for a channel that is not here any more', async () => {
      await store.commit([{ put: 'channel', row: channelRow(BAKERY, 'Bakery') }, { put: 'channel', row: channelRow(RADIO, 'Radio') }])
      await store.commit([
        { remove: 'channel', id: BAKERY }, { put: 'channel-log', row: logRow(BAKERY, MINA) }, add(BAKERY, MINA, 0), node(BAKERY, MINA, 8, 0),
        chunk(BAKERY, 0), { put: 'channel-read', channel: BAKERY }, { cut: 'entries', channel: BAKERY, log: MINA, from: 0 }, add(RADIO, MINA, 0),
      ])
      await store.commit([{ put: 'channel', row: channelRow(BAKERY, 'Bakery') }])
      assert.deepEqual(all(store, BAKERY), NOTHING)
      assert.equal(store.media(PICTURE), undefined)
      assert.equal(store.entries(RADIO, MINA, 0, 9).length, 1)
    })

    it('keep keys, drafts and staff that come before their channel', async () => {
      await store.commit([
        { put: 'channel-key', row: postingKey }, { put: 'draft', row: draft('d', BAKERY, 1) }, { put: 'staff', row: staff('s', BAKERY, 'invited') },
      ])
      assert.deepEqual([store.channelKeys(BAKERY).length, store.drafts(BAKERY).length, store.staff().length], [1, 1, 1])
    })

    it('begin media anew when their size was a lie, unless they are complete', async () => {
      await store.commit([{ put: 'channel', row: channelRow(BAKERY, 'Bakery') }, chunk(BAKERY, 0, 900), chunk(BAKERY, 1, 900)])
      await store.commit([chunk(BAKERY, 1, 4)])
      assert.deepEqual(store.media(PICTURE), { hash: PICTURE, size: 4, chunks: 1, channels: [BAKERY] })
      assert.deepEqual(store.mediaChunks(PICTURE), [1])
      await store.commit([chunk(BAKERY, 0, 4)])
      await store.commit([chunk(BAKERY, 0, 900), chunk(BAKERY, 5, 900)])
      assert.deepEqual(store.media(PICTURE), { hash: PICTURE, size: 4, chunks: 2, channels: [BAKERY] })
    })

    it('come back whole when a commit fails', async () => {
      await store.commit([
        { put: 'channel', row: channelRow(BAKERY, 'Bakery') }, { put: 'channel-log', row: logRow(BAKERY, MINA) }, add(BAKERY, MINA, 0, { unread: true }),
        { put: 'channel-key', row: rootKey }, chunk(BAKERY, 0),
      ])
      const before = all(store, BAKERY)
      const calls = [
        store.commit([
          add(BAKERY, MINA, 1), add(BAKERY, JUN, 0), { put: 'channel-log', row: logRow(BAKERY, MINA, { floor: 9 }) }, { put: 'channel-read', channel: BAKERY },
          { put: 'channel', row: channelRow(RADIO, 'Radio') }, add(RADIO, JUN, 0), chunk(RADIO, 1),
        ]),
        store.commit([{ remove: 'channel', id: BAKERY }]),
        subject.fail(),
      ]
      for (const call of calls) await assert.rejects(call, { code: 'bad-row' })
      assert.deepEqual(all(store, BAKERY), before)
      assert.deepEqual(all(store, RADIO), NOTHING)
      assert.deepEqual(store.media(PICTURE), { hash: PICTURE, size: 5, chunks: 1, channels: [BAKERY] })
      await store.commit([add(BAKERY, JUN, 0), add(BAKERY, MINA, 1)])
      assert.equal(store.newestEntries(BAKERY, { kinds: [16], limit: 9 }).length, 3)
    })
  })
}
