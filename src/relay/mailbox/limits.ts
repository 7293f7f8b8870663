/** Every number that bounds what strangers and users can cost an operator's mailboxes, each with its reason (attack 61). */
import { BODY } from '../../../protocols/mailbox/index.ts'
import type { StoreSize } from './ports.ts'

const MIB = 1024 * 1024
const MINUTE = 60_000

/** What mailboxes may fill of the disk when the operator says nothing: 60,000 blocks. */
export const QUOTA = 1024 * MIB
/** An empty queue with its indexes, counted against the quota. */
export const QUEUE_BYTES = 2 * 1024
/** A block with its pages. */
export const BLOCK_BYTES = BODY + 512
/** What counts against the quota. */
export const bytesOf = ({ queues, blocks }: StoreSize): number => queues * QUEUE_BYTES + blocks * BLOCK_BYTES

/** Queues one host may make: a person has one for each contact, and one for each invite. */
export const QUEUES_PER_HOST_PER_DAY = 20
/** By its recipient, and as many by its sender: a MiB a minute, or 64 blocks fetched in two seconds. */
export const COMMANDS_PER_QUEUE_PER_MINUTE = 60
/** Commands cost an agreement each, whoever asks. A person's node comes back with hundreds of queues at once. */
export const COMMANDS_PER_HOST_PER_SECOND = 50
export const COMMANDS_PER_HOST_BURST = 2_000
/** Who is remembered for the budgets above; the one untouched longest is forgotten first. */
export const MAX_REMEMBERED = 65_536

/** Queues one stream may listen to: everybody a person knows. Each may have a window of pushes waiting, 100 bytes each until it leaves. */
export const MAX_QUEUES_PER_STREAM = 1_024

export const SWEEP_INTERVAL = 10 * MINUTE
/** Queues looked through in one turn of the event loop. */
export const SWEEP_STEP = 64
