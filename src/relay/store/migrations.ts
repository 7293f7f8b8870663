/** The schema of a relay's store, one step a version. A step that was released is never changed. */
import type { Connection } from '../../store/database.ts'
import { StoreError } from '../../store/errors.ts'

/**
 * `queue.keys` is a queue's state with nothing in it, for who may command it; `state` changes with every block. Bodies lie by their queue, so
 * that one queue is read and deleted in one place.
 */
const FIRST = `
  CREATE TABLE queue (
    ref INTEGER PRIMARY KEY, recipient BLOB NOT NULL UNIQUE, sender BLOB NOT NULL UNIQUE, recipient_key BLOB NOT NULL UNIQUE, keys BLOB NOT NULL
  ) STRICT;
  CREATE TABLE state (queue INTEGER PRIMARY KEY REFERENCES queue, due INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
  CREATE INDEX state_due ON state (due);
  CREATE TABLE block (queue INTEGER NOT NULL REFERENCES queue, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (queue, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE total (one INTEGER PRIMARY KEY CHECK (one = 1), queues INTEGER NOT NULL, blocks INTEGER NOT NULL) STRICT;
  INSERT INTO total VALUES (1, 0, 0);
`

const STEPS: readonly string[] = [FIRST]

/** Takes the steps that are missing, each whole or not at all. @throws StoreError `newer-schema`; then nothing was written */
export function migrate(db: Connection): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > STEPS.length) {
    throw new StoreError('newer-schema', `a newer version of Dure wrote these mailboxes (schema ${version}, this one knows ${STEPS.length})`, 'update Dure')
  }
  for (let step = version; step < STEPS.length; step++) {
    db.transaction(() => {
      db.exec(STEPS[step] ?? '')
      db.pragma(`user_version = ${step + 1}`)
    }).exclusive()
  }
}
