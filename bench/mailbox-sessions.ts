/** Sessions of a relay without the limits by address and queue: what is measured is what comes after them. */
import { openssl as suite, secureRandom as random } from '../src/crypto/index.ts'
import type { MailboxSessions } from '../src/net/index.ts'
import type { MailboxStore } from '../src/relay/mailbox/ports.ts'
import { createSessions } from '../src/relay/mailbox/sessions.ts'

export const NO_QUOTA = 2 ** 50

export const sessionsOver = (store: MailboxStore): MailboxSessions =>
  createSessions({
    suite, random, store, now: Date.now, quota: NO_QUOTA, queuesPerHost: 1e9, commandsPerQueue: 1e9, commandsPerHost: { burst: 1e9, perSecond: 1e9 },
    failed(error) {
      throw error
    },
  })
