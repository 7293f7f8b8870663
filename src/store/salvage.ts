/** What can still be read of a damaged profile, into a new one (attack 100). */
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { type Connection, makeDurable, openDamaged, openDatabase, storeError } from './database.ts'
import { copyDamaged } from './damaged.ts'
import { StoreError } from './errors.ts'
import { ensureOwnerFile, prepareHome, type ProfileFiles, profileFiles, replaceFile } from './files.ts'
import { readKey, type Unlock } from './key.ts'
import { lockForReading } from './lock.ts'
import { migrate, refuseNewer } from './migrations.ts'
import { profileExists } from './open.ts'

/** In this order, so that parties are there before what names them. The search index is built anew. */
const BY_ROWID = [
  'party', 'self', 'contact', 'request', 'invite', 'prekey', 'session', 'message', 'outbox',
  'channel', 'channel_log', 'entry', 'draft', 'staff', 'evidence', 'media', 'media_chunk', 'queue', 'announcement', 'sender',
] as const
const BY_KEY = ['setting', 'ledger', 'node', 'channel_key', 'media_channel', 'handed'] as const
/** Rows tried one by one after a damaged page: more than an inner page of the message table spans. Then in steps that grow with what is lost. */
const TRIED_SINGLY = 20_000
/** Of what is lost, that much more may be stepped over behind it: a table whose end is gone costs a second or two. */
const STEPPED_OVER = 0.0005
/** Beyond every row number in use. */
const LAST_ROW = 2 ** 40

/** Rows that name what was lost, and media that nothing names any more; those the check of foreign keys gives no row number of, or too many. */
const ORPHANS = `
  DELETE FROM ledger WHERE device NOT IN (SELECT ref FROM party);
  DELETE FROM channel_log WHERE channel NOT IN (SELECT ref FROM channel);
  DELETE FROM entry WHERE log NOT IN (SELECT ref FROM channel_log);
  DELETE FROM node WHERE log NOT IN (SELECT ref FROM channel_log);
  DELETE FROM media_channel WHERE media NOT IN (SELECT ref FROM media) OR channel NOT IN (SELECT ref FROM channel);
  DELETE FROM media WHERE ref NOT IN (SELECT media FROM media_channel);
  DELETE FROM media_chunk WHERE media NOT IN (SELECT ref FROM media);
`
/** A log holds everything from its floor on: where entries were lost it begins above them, and the rest is fetched again. */
const FLOORS = `
  UPDATE channel_log SET floor = max(floor, coalesce((
    SELECT max(seq) FROM entry WHERE log = ref AND NOT EXISTS (SELECT 1 FROM entry AS before WHERE before.log = entry.log AND before.seq = entry.seq - 1)
  ), floor)) WHERE floor IS NOT NULL;
`

/**
 * A message that was on its way and whose copy to send was lost: nothing sends it again, as the person may have decided about the contact since, and
 * nothing is known of how far it came.
 */
const STRANDED = `
  UPDATE message SET delivery = NULL WHERE direction = 'out' AND delivery IN ('queued', 'held') AND with_mailbox = 0 AND id NOT IN (SELECT id FROM outbox);
`
const STRANDED_LINES = `
  DELETE FROM ledger WHERE state IN ('queued', 'held') AND with_mailbox = 0 AND message NOT IN (SELECT id FROM outbox);
`

/** Rows recovered, by table, and how many messages had not arrived and will not be sent again. */
export type Salvaged = Readonly<Record<(typeof BY_ROWID)[number] | (typeof BY_KEY)[number], number>> & { readonly stranded: number }

/**
 * Copies every readable row of the profile in `home` into a new profile in the empty directory `out`, which keeps the
 * key and its protection. Sessions are marked as rolled back: they may be older than what their peers saw. Nothing in
 * `home` is written; for a while `out` holds a copy of the database as well, and after a failure nothing.
 * @throws StoreError `corrupt` when nothing of it can be read, `bad-home` when `out` is in use, and as `openStore`
 */
export async function salvage(options: { home: string; unlock: Unlock; out: string }): Promise<Salvaged> {
  const files = profileFiles(options.out)
  if (profileExists(options.out) || existsSync(files.database)) throw new StoreError('bad-home', `there is a profile in ${options.out}`, 'choose an empty directory')
  const from = profileFiles(realpathSync(options.home))
  let release: (() => void) | undefined
  try {
    release = lockForReading(from)
    const key = await readKey(from, options.unlock)
    if (!existsSync(from.database)) throw new StoreError('corrupt', 'the database of this profile is missing', 'put dure.db back, or restore a backup into another directory')
    prepareHome(options.out, false)
    const damaged = copyDamaged(from, options.out)
    try {
      const saved = salvageInto(files, key, damaged.files.database)
      if (Object.values(saved).every((count) => count === 0)) throw nothingReadable()
      replaceFile(files.key, readFileSync(from.key, 'utf8'))
      return saved
    } catch (error) {
      for (const file of [files.database, files.wal]) rmSync(file, { force: true })
      const known = storeError(error)
      throw known.code === 'corrupt' ? nothingReadable(known) : known
    } finally {
      damaged.remove()
    }
  } catch (error) {
    throw storeError(error)
  } finally {
    release?.()
  }
}

const nothingReadable = (cause?: unknown): StoreError =>
  new StoreError('corrupt', 'nothing of the database can be read', 'restore a backup into another directory', cause)

function salvageInto(files: ProfileFiles, key: Uint8Array, damaged: string): Salvaged {
  const source = openDamaged(damaged, key)
  try {
    refuseNewer(source)
    return copyInto(files, key, source)
  } finally {
    source.close()
  }
}

function copyInto(files: ProfileFiles, key: Uint8Array, source: Connection): Salvaged {
  ensureOwnerFile(files.database)
  const target = openDatabase(files.database, key)
  try {
    makeDurable(target)
    migrate(target)
    target.pragma('foreign_keys = OFF')
    const copied = target.transaction(() => {
      target.exec('UPDATE profile SET rolled_back = 1')
      const known = (table: string): boolean => (source.pragma(`table_info("${table}")`) as unknown[]).length > 0
      // A profile of an older version has no table for what it did not know.
      const counts = BY_ROWID.map((table) => [table, known(table) ? copy(target, table, readable(source, table)) : 0] as const)
      const keyed = BY_KEY.map((table) => [table, known(table) ? copy(target, table, bothEnds(source, table)) : 0] as const)
      return Object.fromEntries([...counts, ...keyed]) as Omit<Salvaged, 'stranded'>
    })()
    target.exec(ORPHANS)
    // A row whose account or device was lost names nobody.
    for (const { table, rowid } of target.pragma('foreign_key_check') as { table: string; rowid: number | null }[]) {
      if (rowid !== null) target.prepare(`DELETE FROM "${table}" WHERE rowid = ?`).run(rowid)
    }
    target.exec(FLOORS)
    const stranded = target.prepare(STRANDED).run().changes
    target.exec(STRANDED_LINES)
    return { ...copied, stranded }
  } finally {
    target.close()
  }
}

type Row = Record<string, unknown>

function copy(target: Connection, table: string, rows: Iterable<Row>): number {
  let copied = 0
  for (const row of rows) {
    const columns = Object.keys(row)
    const insert = target.prepare(`INSERT OR IGNORE INTO "${table}" (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
    copied += insert.run(...Object.values(row)).changes
  }
  return copied
}

/** Every row a damaged table still gives, going on behind what it does not. */
function* readable(source: Connection, table: string): IterableIterator<Row> {
  const next = source.prepare<[number], Row & { salvage_at: number }>(
    `SELECT rowid AS salvage_at, * FROM "${table}" WHERE rowid > ? ORDER BY rowid LIMIT 1`,
  )
  let lost = 0
  for (let at = -1; at < LAST_ROW; ) {
    let found: (Row & { salvage_at: number }) | undefined
    try {
      found = next.get(at)
    } catch {
      const step = lost < TRIED_SINGLY ? 1 : Math.ceil(lost * STEPPED_OVER)
      lost += step
      at += step
      continue
    }
    if (found === undefined) return
    lost = 0
    const { salvage_at: rowid, ...row } = found
    at = rowid
    yield row
  }
}

/** Tables without row numbers: from the front to the damage, then from the back. */
function* bothEnds(source: Connection, table: string): IterableIterator<Row> {
  const key = (source.pragma(`table_info("${table}")`) as { name: string; pk: number }[]).filter((column) => column.pk > 0)
  for (const direction of ['ASC', 'DESC']) {
    const order = key.map(({ name }) => `${name} ${direction}`).join(', ')
    try {
      yield* source.prepare<[], Row>(`SELECT * FROM "${table}" ORDER BY ${order}`).iterate()
      return
    } catch {
      // The other end is tried, and what both could not give is lost.
    }
  }
}
