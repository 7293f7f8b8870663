/** The posts of a channel that are in the page: a run from the newest on, which grows at its end as one scrolls back. */
import type { PostView } from '../../messenger/channels/views.ts'
import type { PostsPage } from '../api/channels.ts'

export const PAGE = 20
/** What is read anew at once: more than anybody has scrolled through, less than a request can hold. */
const MOST_ANEW = 200

export const NONE: PostsPage = { posts: [], more: false }

/** How many to ask for so that what is shown is read anew. */
export const anew = ({ posts }: PostsPage): number => Math.min(MOST_ANEW, Math.max(PAGE, posts.length))

/** The newest page takes the place of what was there of it. What lies behind it stays, when it still follows on it. */
export function renewed(before: PostsPage, page: PostsPage): PostsPage {
  const last = page.posts.at(-1)
  const end = last === undefined ? -1 : before.posts.findIndex(({ id }) => id === last.id)
  const behind = end < 0 ? [] : before.posts.slice(end + 1)
  return behind.length === 0 ? page : { posts: [...page.posts, ...behind], more: before.more }
}

export function withOlder(before: PostsPage, page: PostsPage): PostsPage {
  const known = new Set(before.posts.map(({ id }) => id))
  return { posts: [...before.posts, ...page.posts.filter(({ id }) => !known.has(id))], more: page.more }
}

/** One that came, or that says something else now. It stands where its time wants it. */
export function withPost({ posts, more }: PostsPage, post: PostView): PostsPage {
  if (posts.some(({ id }) => id === post.id)) return { posts: posts.map((one) => (one.id === post.id ? post : one)), more }
  const older = posts.findIndex(({ at }) => at <= post.at)
  if (older < 0) return more ? { posts, more } : { posts: [...posts, post], more }
  return { posts: posts.toSpliced(older, 0, post), more }
}

/** As the time is now: the node's own word is as old as its answer. */
export function offerState({ from, until }: NonNullable<PostView['offer']>, now: number): 'coming' | 'valid' | 'over' {
  if (now < from) return 'coming'
  return now <= until ? 'valid' : 'over'
}
