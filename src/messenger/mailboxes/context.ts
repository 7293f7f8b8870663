import type { Context } from '../context.ts'
import type { Mailboxes } from './ports.ts'

export interface MailboxContext extends Context {
  readonly mailboxes: Mailboxes
}
