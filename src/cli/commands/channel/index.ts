/** `dure channel ...`, in the order the help lists them. */
import type { Register } from '../../command.ts'
import { create } from './create.ts'
import { domain } from './domain.ts'
import { drafts } from './drafts.ts'
import { edit } from './edit.ts'
import { check, evidence } from './evidence.ts'
import { exportChannel } from './export.ts'
import { follow } from './follow.ts'
import { importChannel } from './import.ts'
import { invite } from './invite.ts'
import { list } from './list.ts'
import { limit, mute, rename } from './mute.ts'
import { post } from './post.ts'
import { read } from './read.ts'
import { recover } from './recover.ts'
import { rotate } from './rotate.ts'
import { event, picture } from './save.ts'
import { set } from './set.ts'
import { show } from './show.ts'
import { staff } from './staff.ts'
import { unfollow } from './unfollow.ts'
import { verify } from './verify.ts'
import { withdraw } from './withdraw.ts'
import { words } from './words.ts'

const registers: readonly Register[] = [
  follow, list, show, read, verify, mute, limit, rename, unfollow, picture, event,
  create, post, edit, withdraw, drafts, invite, set, domain, staff, words, rotate, recover,
  exportChannel, importChannel, evidence, check,
]

export const channel: Register = (program, run) => {
  const group = program
    .command('channel')
    .summary('follow channels, or publish one')
    .description('Public channels: signed posts that spread from follower to follower, so that nobody can forge, reorder or silently leave out any.')
  for (const register of registers) register(group, run)
}
