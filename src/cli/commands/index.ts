/** Every command, in the order the help lists them. */
import type { Register } from '../command.ts'
import { accept } from './accept.ts'
import { block } from './block.ts'
import { channel } from './channel/index.ts'
import { chat } from './chat.ts'
import { contacts } from './contacts.ts'
import { remove } from './delete.ts'
import { edit } from './edit.ts'
import { exportArchive } from './export.ts'
import { history } from './history.ts'
import { id } from './id.ts'
import { importArchive } from './import.ts'
import { inbox } from './inbox.ts'
import { init } from './init.ts'
import { invite } from './invite.ts'
import { message } from './message.ts'
import { open } from './open.ts'
import { pair } from './pair.ts'
import { passphrase } from './passphrase.ts'
import { profile } from './profile.ts'
import { react } from './react.ts'
import { refuse } from './refuse.ts'
import { relay } from './relay/index.ts'
import { rename } from './rename.ts'
import { reply } from './reply.ts'
import { requests } from './requests.ts'
import { salvage } from './salvage.ts'
import { search } from './search.ts'
import { send } from './send.ts'
import { settings } from './settings.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'
import { timer } from './timer.ts'
import { token } from './token.ts'
import { unblock } from './unblock.ts'
import { verify } from './verify.ts'
import { watch } from './watch.ts'

export const registers: readonly Register[] = [
  init,
  start,
  open,
  stop,
  status,
  id,
  invite,
  pair,
  requests,
  accept,
  refuse,
  contacts,
  verify,
  rename,
  block,
  unblock,
  chat,
  send,
  reply,
  edit,
  remove,
  react,
  timer,
  history,
  message,
  search,
  inbox,
  watch,
  channel,
  relay,
  profile,
  settings,
  passphrase,
  token,
  exportArchive,
  importArchive,
  salvage,
]
