/** Puts the messenger together: ports in, the face the doors see out. */
import type { Suite } from '../../protocols/suite/index.ts'
import { Acquaintance } from './acquaintance.ts'
import { exportArchive, importArchive } from './archive.ts'
import { createChannels } from './channels/channels.ts'
import type { Gossip, Web } from './channels/ports.ts'
import { commit, type Context, type Log, newStep } from './context.ts'
import { Contacts } from './contacts.ts'
import { Devices } from './devices.ts'
import { MessengerError } from './errors.ts'
import { Events } from './events.ts'
import { Expiry } from './expiry.ts'
import { inbox } from './inbox.ts'
import { Incoming, type PairingByMail } from './incoming.ts'
import { Invites } from './invites.ts'
import { Inviting } from './inviting.ts'
import { Ledger } from './ledger.ts'
import { createMailboxes, type RunningMailboxes } from './mailboxes/mailboxes.ts'
import type { Mailboxes } from './mailboxes/ports.ts'
import type { Messenger } from './messenger.ts'
import { recoveryWords, wordsWaiting } from './identity.ts'
import { Notes } from './notes.ts'
import { Notices } from './notices.ts'
import { Outbox } from './outbox.ts'
import { Outgoing } from './outgoing.ts'
import { pageOf } from './pages.ts'
import { People } from './people.ts'
import { type Clock, type Courier, CourierError, type DeviceKey, type NetworkKind, type Random, type RelaySearch, type Store } from './ports.ts'
import { Presence } from './presence.ts'
import { Views } from './present.ts'
import { Profile } from './profile.ts'
import { Receipts } from './receipts.ts'
import { Relays } from './relays.ts'
import { Requests } from './requests.ts'
import { Scanning } from './scanning.ts'
import { Self } from './self.ts'
import { Sessions } from './sessions.ts'

export interface MessengerParts {
  readonly suite: Suite
  readonly store: Store
  readonly courier: Courier
  readonly gossip: Gossip
  readonly web: Web
  readonly mailboxes: Mailboxes
  /** undefined: nobody is asked there */
  readonly relaySearch: (network: NetworkKind) => RelaySearch | undefined
  /** what this run keeps to, whatever the profile says */
  readonly network: NetworkKind | undefined
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** how the network names a device key */
  readonly peerIdOf: (device: Uint8Array) => string
  readonly protection: 'passphrase' | 'key file'
}

/** @throws MessengerError 'not-found' when the store holds no identity */
export function createMessenger(parts: MessengerParts): Messenger {
  const { store, courier, clock } = parts
  const context: Context = { ...parts, events: new Events(clock) }
  const row = store.self()
  if (!row) throw new MessengerError('not-found', 'there is no identity here', 'dure init makes one')

  const self = new Self(context, row, parts.peerIdOf)
  const contacts = new Contacts(context)
  const views = new Views(context, contacts)
  const sessions = new Sessions(context, self)
  const notices = new Notices(context, views)
  const expiry = new Expiry(context)
  const ledger = new Ledger(context, contacts, views, expiry)
  const devices = new Devices(context, self, contacts, sessions, notices, views)
  const outbox = new Outbox(context, contacts, sessions, ledger, notices, renew, (device) => scanning.isMeeting(device))
  devices.join(outbox)
  const outgoing = new Outgoing(context, self, contacts, outbox, views)
  const receipts = new Receipts(context, contacts, outgoing, expiry)
  const profile = new Profile(context, { self, outgoing, listRenewed: (step) => devices.layOutAnew(step, () => mailboxes.sync()) })
  const relays = new Relays(context, { mailboxes: parts.mailboxes, mailboxesAt: (peer) => mailboxes.at(peer), peerIdOf: parts.peerIdOf, searchIn: parts.relaySearch, network: parts.network, changed: () => mailboxes.sync() })
  const invites = new Invites(context, self, outbox, () => mailboxes.invites)
  const acquaintance = new Acquaintance(context, { self, contacts, outgoing, outbox, notices, views })
  const scanning: Scanning = new Scanning(context, { self, contacts, sessions, devices, invites, acquaintance, outbox, mailboxes: () => mailboxes.invites, views })
  const inviting = new Inviting(context, { self, contacts, sessions, devices, invites, acquaintance, outbox, mailboxes: () => mailboxes, views })
  const requests = new Requests(context, { contacts, outbox, outgoing, acquaintance, views })
  const channels = createChannels({ ...context, gossip: parts.gossip, web: parts.web }, { self, contacts, outgoing })
  const pairing: PairingByMail = { left: (bytes) => inviting.left(bytes), answered: (device, bytes) => scanning.answered(device, bytes) }
  const incoming = new Incoming(context, { contacts, sessions, devices, ledger, receipts, notices, acquaintance, channels, mailboxes: () => mailboxes, pairing, views, outbox })
  const people = new People(context, { self, contacts, outbox, notices, views })
  const notes = new Notes(context)
  const presence = new Presence(context, { contacts, sessions, outbox, outgoing })
  const mailboxes: RunningMailboxes = createMailboxes(
    { ...context, mailboxes: parts.mailboxes },
    { contacts, outbox, outgoing, ledger, relays: () => relays.used(), incoming: () => incoming, devices },
  )
  outbox.join({
    wake: (device) => mailboxes.wake(device),
    get hidden() {
      return relays.hideAddress
    },
  })

  async function renew(device: DeviceKey): Promise<void> {
    try {
      await devices.renew(device)
    } catch (error) {
      const found = error instanceof CourierError ? await mailboxes.bundlesOf(device) : []
      if (found.length === 0) throw error
      await devices.renewWith(device, found)
    }
    const contact = contacts.ownerOf(device)
    if (contact?.state !== 'accepted') return
    const step = newStep()
    mailboxes.sessionRenewed(step, contact.account)
    receipts.sayAgain(step, contact.account)
    if (step.changes.length > 0) await commit(context, step)
  }

  store.onRollback(() => {
    contacts.reload()
    sessions.clear()
    self.reload()
    // After the promises of the failed transaction have rejected.
    queueMicrotask(() => unlessClosed(() => outbox.reload()))
    context.events.emit({ type: 'warning', code: 'store-failed', text: 'something could not be stored; nothing was sent. Is the disk full?' })
  })
  courier.serve({
    admits: (device) => {
      const state = contacts.ownerOf(device)?.state
      return state === 'accepted' || state === 'asked' || state === 'asking'
    },
    envelope: (from, envelope) => incoming.receive(from, envelope),
    pairing: (from, request) => inviting.asked(from, request),
    appeared: (device) => presence.appeared(device),
    vanished: (device) => presence.vanished(device),
    networkChanged() {
      outbox.retry()
      mailboxes.retry()
      relays.retry()
    },
    addressesChanged() {
      presence.announce().catch(() => context.log.warn('addresses were not announced'))
    },
  })

  return {
    async start() {
      await Promise.all([presence.renewAfterRollback(), mailboxes.renewAfterRollback()])
      outbox.start()
      receipts.start()
      expiry.start()
      await invites.start()
      await relays.start()
      await courier.start()
      await profile.start()
      await presence.announce()
      await mailboxes.start()
      await channels.start()
    },
    async stop() {
      await channels.stop()
      await mailboxes.stop()
      profile.stop()
      outbox.stop()
      receipts.stop()
      expiry.stop()
      invites.stop()
      relays.stop()
      await courier.stop()
    },

    id: () => self.view(),
    status: () => ({
      ...self.view(),
      addresses: courier.addresses(),
      peers: courier.peerCount(),
      contacts: contacts.all().filter((each) => each.state === 'accepted').length,
      requests: store.requests().length,
      waiting: store.outbox().length,
      readReceipts: profile.readReceipts,
      hideAddress: relays.hideAddress,
      network: relays.network,
      relays: {
        reserved: relays.list().filter(({ state }) => state === 'reserved').length,
        used: relays.list().length,
        found: relays.list().filter(({ found }) => found).length,
      },
      mailboxes: mailboxes.reachable(),
      protection: parts.protection,
      wordsWaiting: wordsWaiting(store),
    }),
    async rename(name) {
      await profile.rename(name)
      return self.view()
    },
    setPicture: (picture) => profile.setPicture(picture),
    setReadReceipts: (on) => profile.setReadReceipts(on),
    recoveryWords: (forget) => recoveryWords(store, forget),
    note: (key) => notes.read(key),
    setNote: (key, text) => notes.write(key, text),

    relays: () => relays.list(),
    async useRelay(link) {
      const used = await relays.use(link)
      await mailboxes.sync()
      return used
    },
    async forgetRelay(id) {
      await relays.forget(id)
      await mailboxes.sync()
    },
    findRelays: () => relays.find(),
    setHideAddress: (on) => relays.setHideAddress(on),
    setNetwork: (network) => relays.setNetwork(network),

    async invite(options) {
      relays.needAddress()
      return invites.create(options)
    },
    pair: (link, options) => scanning.pair(link, options),
    requests: () => store.requests().map((request) => views.request(request)),
    accept: (id) => requests.accept(id),
    refuse: (id) => requests.refuse(id),

    contacts: () => contacts.all().filter((each) => each.state !== 'refused').map((each) => views.contact(each)),
    contact: (name) => views.contact(contacts.find(name)),
    renameContact: (name, next) => people.rename(name, next),
    block: (name) => people.block(name),
    unblock: (name) => people.unblock(name),
    safetyNumber: (name) => people.safetyNumber(name),
    verify: (name, verified) => people.verify(name, verified),
    setTimer: async (name, seconds) => views.contact(await outgoing.setTimer(name, seconds)),
    mute: (name, muted) => people.mute(name, muted),
    picture: (name) => (name === undefined ? self.picture : contacts.find(name).picture),

    send: (name, text, options) => outgoing.send(name, text, options),
    edit: (id, text) => outgoing.edit(id, text),
    remove: (id) => outgoing.remove(id),
    react: (id, emoji) => outgoing.react(id, emoji),
    typing: (name, active) => presence.typing(name, active),
    markRead: (name, upTo) => receipts.read(contacts.find(name).account, upTo, profile.readReceipts),
    history: (name, page) => pageOf(store, contacts.find(name).account, page).map((each) => views.message(each)),
    message(id) {
      const found = store.message(id)
      if (!found) throw new MessengerError('not-found', 'there is no such message')
      return { ...views.message(found), ledger: ledger.lines(id, (device) => mailboxes.keepers(device, id)) }
    },
    search(text, { contact, limit }) {
      if (text.trim() === '') throw new MessengerError('bad-input', 'there is nothing to search for')
      return store
        .search(text, { limit, ...(contact !== undefined && { contact: contacts.find(contact).account }) })
        .map((each) => views.message(each))
    },

    inbox: () => inbox(contacts.all().map((each) => views.contact(each)), channels.list()),
    channels,

    exportArchive: () => exportArchive(context, self, contacts, channels.follows),
    async importArchive(lines) {
      const counted = await importArchive(context, self, contacts, channels.follows, lines)
      await presence.announce(true)
      await mailboxes.sync()
      return counted
    },

    on: (listener) => context.events.on(listener),
    since: (id) => context.events.since(id),
  }
}

/** A store that was closed in the same moment has nothing to read again. */
function unlessClosed(read: () => void): void {
  try {
    read()
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'closed') throw error
  }
}
