/** Puts the channels together: ports in, the face the doors see out. */
import { KIND } from '../../../protocols/channel/index.ts'
import type { Contacts } from '../contacts.ts'
import type { Step } from '../context.ts'
import type { Outgoing } from '../outgoing.ts'
import type { ContactRow } from '../ports.ts'
import type { Self } from '../self.ts'
import { Certainty } from './certainty.ts'
import type { ChannelContext } from './context.ts'
import { Digest } from './digest.ts'
import { DomainProofs } from './domain-proof.ts'
import { exportEvidence, readEvidence } from './evidence-export.ts'
import { exportChannel } from './export.ts'
import type { Channels } from './face.ts'
import { Following } from './following.ts'
import { Follows } from './follows.ts'
import { Founding } from './founding.ts'
import { Import } from './import.ts'
import { ChannelKeys } from './keys.ts'
import { ChannelViews } from './present.ts'
import { Publishing } from './publishing.ts'
import { Reading } from './reading.ts'
import { createReplica } from './replica.ts'
import { Root } from './root.ts'
import { Staff, type StaffContent } from './staff.ts'
import { Telling } from './telling.ts'
import { Verifying } from './verifying.ts'
import { Waiting } from './waiting.ts'

/** Newest entries of a log a person keeps: some hundred days of a channel that posts as often as the default rate lets it. */
const KEEP = 10_000

/** The face, and what the rest of the messenger does with it. */
export interface RunningChannels extends Channels {
  start(): Promise<void>
  stop(): Promise<void>
  /** What a contact says about posting, inside the encryption. */
  staffSaid(step: Step, contact: ContactRow, content: StaffContent): void
  readonly follows: Follows
}

export function createChannels(context: ChannelContext, people: { self: Self; contacts: Contacts; outgoing: Outgoing }): RunningChannels {
  const replica = createReplica(context, { keep: KEEP, lists: 'dure channel list', appeared: (id) => publishing.peer(id) })
  const { shelf, peers, pictures, keeping, arrivals, network, catchUp } = replica
  const digest = new Digest(context, shelf)
  const views = new ChannelViews(context, { shelf, contacts: people.contacts, pictures })
  const telling = new Telling(context, { shelf, digest, views })
  const keys = new ChannelKeys(context)
  const following = new Following(context, { shelf, network, catchUp, digest, views, keys })
  const reading = new Reading(context, { shelf, catchUp, views, pictures })
  const verifying = new Verifying(context, { shelf, catchUp })

  const certainty = new Certainty(context, { shelf, peers, catchUp: (id) => catchUp.round(id) })
  const publishing = new Publishing(context, { shelf, views, keys, certainty, keeping, arrivals })
  const waiting = new Waiting(context, shelf, publishing)
  const founding = new Founding(context, { shelf, keys, views, network, certainty, keeping })
  const follow = (link: string, name?: string): Promise<unknown> => following.follow(link, { private: false, ...(name !== undefined && { name: shelf.freeName(name) }) })
  const root = new Root(context, { shelf, keys, views, publishing, follow })
  const staff = new Staff(context, {
    ...people, shelf, keys, publishing, certainty, follow, link: (name) => following.link(name), view: (id) => views.channel(shelf.find(id)),
  })
  const importing = new Import(context, { shelf, keeping, network })
  const domains = new DomainProofs(context, shelf, (id) => {
    const known = shelf.get(id)
    if (known) context.events.emit({ type: 'channel', channel: views.channel(known) })
  })

  keeping.onKept((step, id, entries) => {
    if (entries.some(({ kind }) => kind === KIND.genesis || kind === KIND.manifest)) {
      step.afterwards.push(() => void domains.manifestRead(id).catch(() => context.log.warn('a domain was not checked; tried again later')))
    }
    // A certificate may be ours, which drafts wait for.
    if (entries.some(({ kind }) => kind === KIND.certificate)) step.afterwards.push(() => publishing.peer(id))
  })
  keeping.onKept((step, id, entries) => telling.kept(step, id, entries))
  context.store.onRollback(() => digest.reload())

  return {
    async start() {
      await certainty.start()
      await replica.start()
      digest.start()
      domains.start()
      publishing.start()
    },
    async stop() {
      publishing.stop()
      domains.stop()
      digest.stop()
      await replica.stop()
    },
    staffSaid: (step, contact, content) => staff.said(step, contact, content),
    follows: new Follows(context, { shelf, network, link: (id) => following.link(id) }),

    list: () => shelf.all().map((known) => views.channel(known)),
    channel: (name) => views.channel(shelf.find(name)),
    link: (name) => following.link(name),
    read: (name, page) => reading.read(name, page),
    markRead: (name) => following.markRead(name),
    post: (name, id) => reading.post(name, id),
    media: (name, hash) => reading.media(name, hash),
    async verify(name, options) {
      const { row } = shelf.find(name)
      // Who follows in private asks the web server only when a person asks.
      if (row.following === 'private') await domains.check(row.id)
      return verifying.verify(row.id, options)
    },
    evidence: (name) => exportEvidence(context, shelf, name),
    exportChannel: (name) => exportChannel(context, shelf.findOpened(name), pictures),
    importChannel: (lines, options) => importing.read(lines, options),
    checkEvidence: (bytes) => readEvidence(context, bytes),

    follow: (link, options) => following.follow(link, options),
    unfollow: (name) => following.unfollow(name),
    rename: (name, next) => following.rename(name, next),
    mute: (name, muted) => following.mute(name, muted),
    setDailyLimit: (name, posts) => following.setDailyLimit(name, posts),

    create: (manifest) => founding.create(manifest),
    words: (name, options) => root.words(name, options),
    recover: (link, words) => root.recover(link, words),
    setManifest: (name, manifest) => publishing.setManifest(name, manifest),
    publish: (name, post) => publishing.publish(name, post),
    edit: (name, post, next) => publishing.edit(name, post, next),
    withdraw: (name, post, reason) => publishing.withdraw(name, post, reason),
    drafts: (name) => waiting.drafts(name),
    discardDraft: (name, draft) => waiting.discard(name, draft),
    rotate: (name, words) => root.rotate(name, words),
    staff: (name) => staff.staff(name),
    addStaff: (name, input) => staff.add(name, input),
    revokeStaff: (name, who, reason) => staff.revoke(name, who, reason),
    invitations: () => staff.invitations(),
    acceptInvitation: (id) => staff.accept(id),
    refuseInvitation: (id) => staff.refuse(id),
  }
}
