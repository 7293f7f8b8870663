import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { PostView } from '../../../src/messenger/channels/views.ts'
import { anew, NONE, offerState, PAGE, renewed, withOlder, withPost } from '../../../src/web/state/posts.ts'
import { postOf } from './support.ts'

/** Newest first, each a minute older. */
const run = (from: number, to: number): PostView[] => Array.from({ length: to - from }, (_, index) => postOf({ id: `post ${from + index}`, at: 1_000_000_000 - (from + index) * 60_000 }))
const ids = (page: { posts: readonly PostView[] }): string[] => page.posts.map(({ id }) => id)

describe('the posts of a channel in the page', () => {
  it('reach the first of a long channel page by page, each once and in order', () => {
    const all = run(0, 500)
    let page = renewed(NONE, { posts: all.slice(0, PAGE), more: true })
    while (page.more) {
      const end = all.findIndex(({ id }) => id === page.posts.at(-1)?.id) + 1
      page = withOlder(page, { posts: all.slice(end, end + PAGE), more: end + PAGE < all.length })
    }
    assert.deepEqual(ids(page), ids({ posts: all }))
  })

  it('keep what was scrolled to when the newest are read anew', () => {
    const before = { posts: run(0, 60), more: true }
    const page = renewed(before, { posts: [postOf({ id: 'fresh', at: 2_000_000_000 }), ...run(0, 19)], more: true })
    assert.deepEqual(ids(page), ['fresh', ...ids({ posts: run(0, 60) })])
    assert.equal(page.more, true)
  })

  it('begin anew when more came than was read: nothing shown as next to each other is not', () => {
    const page = renewed({ posts: run(100, 140), more: false }, { posts: run(0, 20), more: true })
    assert.deepEqual(ids(page), ids({ posts: run(0, 20) }))
    assert.equal(page.more, true)
  })

  it('take one that comes where its time wants it, and change one where it stands', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 30, size: 'max' }), fc.integer({ min: 0, max: 1_000 }), (times, at) => {
        const sorted = [...times].sort((a, b) => b - a)
        const before = { posts: sorted.map((each, index) => postOf({ id: `${index}`, at: each })), more: false }
        const { posts } = withPost(before, postOf({ id: 'new', at }))
        assert.deepEqual(posts.map((post) => post.at), [...sorted, at].sort((a, b) => b - a))
        assert.deepEqual(ids(withPost({ posts, more: false }, postOf({ id: 'new', at, text: 'changed' }))), ids({ posts }))
      }),
    )
  })

  it('do not take one that is older than all of them while there are others in between', () => {
    assert.deepEqual(withPost({ posts: run(0, 3), more: true }, postOf({ id: 'old', at: 0 })).posts.length, 3)
  })

  it('are read anew as far as somebody has scrolled, within what one request can hold', () => {
    assert.equal(anew(NONE), PAGE)
    assert.equal(anew({ posts: run(0, 70), more: true }), 70)
    assert.equal(anew({ posts: run(0, 900), more: true }), 200)
  })

  it('say of an offer what holds now, both its ends included', () => {
    const offer = { from: 100, until: 200, terms: '', state: 'coming' } as const
    assert.deepEqual([99, 100, 200, 201].map((now) => offerState(offer, now)), ['coming', 'valid', 'valid', 'over'])
  })
})
