/**
 * The schema, as the steps that lead to it; `user_version` counts the steps taken. A step is never changed once it was
 * released: a change of the schema is another step at the end. The README describes the tables.
 */
import type { Connection } from './database.ts'
import { StoreError } from './errors.ts'

const FIRST = `
  CREATE TABLE party (ref INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE) STRICT;
  CREATE TABLE profile (
    one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, rolled_back INTEGER NOT NULL, indexed_up_to INTEGER NOT NULL
  ) STRICT;
  INSERT INTO profile VALUES (1, 0, 0, 0);
  CREATE TABLE self (
    one INTEGER PRIMARY KEY CHECK (one = 1), entropy BLOB NOT NULL, device BLOB NOT NULL, device_list BLOB NOT NULL,
    name TEXT NOT NULL, picture BLOB
  ) STRICT;
  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE contact (
    place INTEGER PRIMARY KEY, account BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('asked', 'asking', 'accepted', 'refused', 'blocked')),
    profile_name TEXT NOT NULL, name TEXT NOT NULL, picture BLOB, device_list BLOB NOT NULL, addresses TEXT NOT NULL,
    verified INTEGER NOT NULL, scanned INTEGER NOT NULL, timer INTEGER NOT NULL, added_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE request (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL CHECK (kind IN ('pairing', 'new-device')),
    account BLOB NOT NULL, device BLOB NOT NULL, code TEXT, at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE invite (
    place INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, role TEXT NOT NULL CHECK (role IN ('inviter', 'scanner')),
    expires INTEGER NOT NULL, state BLOB NOT NULL
  ) STRICT;
  CREATE TABLE prekey (id INTEGER PRIMARY KEY, account BLOB NOT NULL, expires INTEGER NOT NULL, secrets BLOB NOT NULL) STRICT;
  CREATE TABLE session (device INTEGER PRIMARY KEY REFERENCES party, record BLOB NOT NULL) STRICT;
  CREATE TABLE message (
    seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, contact INTEGER NOT NULL REFERENCES party,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')), kind TEXT NOT NULL CHECK (kind IN ('text', 'notice', 'unknown')),
    at INTEGER NOT NULL, stored_at INTEGER NOT NULL, reply_to BLOB, edited_at INTEGER, deleted_at INTEGER,
    expire_after INTEGER NOT NULL, expires_at INTEGER, read_at INTEGER,
    receipt TEXT NOT NULL CHECK (receipt IN ('none', 'delivered', 'read')),
    delivery TEXT CHECK (delivery IN ('queued', 'held', 'sent', 'delivered', 'read')),
    reactions TEXT, raw BLOB, indexed INTEGER NOT NULL, text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX message_of_contact ON message (contact, seq);
  CREATE INDEX message_unread ON message (contact, seq) WHERE direction = 'in' AND read_at IS NULL;
  CREATE INDEX message_owed ON message (seq) WHERE direction = 'in' AND receipt = 'none' AND kind <> 'notice';
  CREATE INDEX message_expiring ON message (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX message_scanned ON message (seq) WHERE kind = 'text' AND indexed = 0 AND text <> '';
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY, id BLOB NOT NULL, device INTEGER NOT NULL REFERENCES party, contact INTEGER NOT NULL REFERENCES party,
    held INTEGER NOT NULL, queued_at INTEGER NOT NULL, content BLOB NOT NULL, envelope BLOB, UNIQUE (id, device)
  ) STRICT;
  CREATE INDEX outbox_of_device ON outbox (device, seq);
  CREATE TABLE ledger (
    message BLOB NOT NULL, device INTEGER NOT NULL REFERENCES party,
    state TEXT NOT NULL CHECK (state IN ('queued', 'held', 'sent', 'delivered', 'read')), at INTEGER NOT NULL,
    PRIMARY KEY (message, device)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE unindex (seq INTEGER PRIMARY KEY, contact INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE VIRTUAL TABLE gram USING fts5 (grams, content='', detail=none, columnsize=0, tokenize='ascii');
  INSERT INTO gram (gram, rank) VALUES ('secure-delete', 1), ('pgsz', 1000);
`

/** Public channels. A channel whose `id` is NULL was removed: what hangs on it is swept in small steps. */
const CHANNELS = `
  CREATE TABLE channel (
    ref INTEGER PRIMARY KEY, id BLOB UNIQUE, name TEXT NOT NULL, following TEXT CHECK (following IN ('open', 'private')),
    muted INTEGER NOT NULL, daily_limit INTEGER NOT NULL, domain TEXT, domain_checked_at INTEGER, domain_proven_at INTEGER,
    newest_at INTEGER NOT NULL, added_at INTEGER NOT NULL, hints TEXT NOT NULL, state BLOB NOT NULL
  ) STRICT;
  CREATE TABLE channel_log (
    ref INTEGER PRIMARY KEY, channel INTEGER NOT NULL REFERENCES channel, log BLOB NOT NULL, floor INTEGER, state BLOB, UNIQUE (channel, log)
  ) STRICT;
  CREATE TABLE entry (
    place INTEGER PRIMARY KEY, channel INTEGER NOT NULL, log INTEGER NOT NULL REFERENCES channel_log, seq INTEGER NOT NULL,
    kind INTEGER NOT NULL, time INTEGER NOT NULL, unread INTEGER NOT NULL, id BLOB NOT NULL, about BLOB, bytes BLOB NOT NULL,
    UNIQUE (log, seq)
  ) STRICT;
  CREATE INDEX entry_kind ON entry (channel, kind, time, id);
  CREATE INDEX entry_about ON entry (channel, about, time, id) WHERE about IS NOT NULL;
  CREATE INDEX entry_unread ON entry (channel) WHERE unread = 1;
  CREATE TABLE node (
    log INTEGER NOT NULL REFERENCES channel_log, level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (log, level, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE channel_key (
    channel BLOB NOT NULL, role TEXT NOT NULL CHECK (role IN ('root', 'posting')), secret BLOB NOT NULL, entropy BLOB,
    PRIMARY KEY (channel, role)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE draft (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel BLOB NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE staff (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel BLOB NOT NULL, role TEXT NOT NULL CHECK (role IN ('offered', 'invited')),
    account BLOB NOT NULL, at INTEGER NOT NULL, terms BLOB NOT NULL
  ) STRICT;
  CREATE TABLE evidence (
    place INTEGER PRIMARY KEY, channel BLOB NOT NULL, id TEXT NOT NULL, bytes BLOB NOT NULL, UNIQUE (channel, id)
  ) STRICT;
  CREATE TABLE media (ref INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, size INTEGER NOT NULL) STRICT;
  CREATE TABLE media_chunk (
    ref INTEGER PRIMARY KEY, media INTEGER NOT NULL REFERENCES media, place INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (media, place)
  ) STRICT;
  CREATE TABLE media_channel (
    channel INTEGER NOT NULL REFERENCES channel, media INTEGER NOT NULL REFERENCES media, PRIMARY KEY (channel, media)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX media_channel_of_media ON media_channel (media);
`

/**
 * Mailboxes. That something is with one is a column of its own beside the state `queued`: the list of states is part of the tables, which
 * would have to be written anew, row by row.
 */
const MAILBOXES = `
  ALTER TABLE message ADD COLUMN with_mailbox INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE ledger ADD COLUMN with_mailbox INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE queue (
    place INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, contact BLOB NOT NULL, node BLOB NOT NULL, addresses TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('asked', 'open', 'leaving', 'doomed')), since INTEGER NOT NULL, secrets BLOB NOT NULL, view BLOB
  ) STRICT;
  CREATE TABLE announcement (place INTEGER PRIMARY KEY, device BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE sender (place INTEGER PRIMARY KEY, queue BLOB NOT NULL UNIQUE, device BLOB NOT NULL, state BLOB NOT NULL) STRICT;
  CREATE TABLE handed (
    device BLOB NOT NULL, id BLOB NOT NULL, queue BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (device, id, queue)
  ) STRICT, WITHOUT ROWID;
`

/** Which relays took a message, and when: NULL for all that none took, and so nothing on disk for most. */
const LEFT_WITH = 'ALTER TABLE ledger ADD COLUMN mailboxes TEXT'

/** Prekeys of bundles that lie in mailboxes are counted apart from those handed out directly, and looked for at every visit to a node. */
const LAID_OUT = `
  ALTER TABLE prekey ADD COLUMN laid_out INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX prekey_account ON prekey (account, expires);
`

/** What came late stands above what its author said afterwards: NULL for all that stand where they came, and so nothing on disk for most. */
const PLACE = `
  ALTER TABLE message ADD COLUMN place REAL;
  DROP INDEX message_of_contact;
  CREATE INDEX message_of_contact ON message (contact, coalesce(place, seq));
`

/** No table changes: session records remember messages from here on, and are read in both forms. Who cannot read the new one refuses the profile whole. */
const REMEMBERED = ''

/** One phase more: the list of phases is part of the table. */
const FORMER_QUEUES = `
  ALTER TABLE queue RENAME TO queue_before;
  CREATE TABLE queue (
    place INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, contact BLOB NOT NULL, node BLOB NOT NULL, addresses TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('asked', 'open', 'former', 'leaving', 'doomed')), since INTEGER NOT NULL, secrets BLOB NOT NULL, view BLOB
  ) STRICT;
  INSERT INTO queue SELECT place, id, contact, node, addresses, phase, since, secrets, view FROM queue_before;
  DROP TABLE queue_before;
`

const STEPS: readonly string[] = [FIRST, CHANNELS, MAILBOXES, LEFT_WITH, LAID_OUT, PLACE, REMEMBERED, FORMER_QUEUES]
const SCHEMA_VERSION = STEPS.length

/** @throws StoreError `newer-schema`; then nothing was written */
export function refuseNewer(db: Connection): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > SCHEMA_VERSION) {
    throw new StoreError('newer-schema', `a newer version of Dure wrote this profile (schema ${version}, this one knows ${SCHEMA_VERSION})`, 'update Dure')
  }
}

/** Takes the steps that are missing up to a version, each whole or not at all. */
export function migrate(db: Connection, to = SCHEMA_VERSION): void {
  refuseNewer(db)
  for (let version = db.pragma('user_version', { simple: true }) as number; version < to; version++) {
    db.transaction(() => {
      db.exec(STEPS[version] ?? '')
      db.pragma(`user_version = ${version + 1}`)
    }).exclusive()
  }
}
