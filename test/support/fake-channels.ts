/** Channels that only remember: what the doors are tested against. */
import type { Channels } from '../../src/messenger/channels/face.ts'
import type { ChannelProofView, ChannelView, PostInput, PostView, StaffInvitationView, StaffView } from '../../src/messenger/channels/views.ts'
import { MessengerError } from '../../src/messenger/errors.ts'

type Kept<T> = { -readonly [K in keyof T]: T[K] }

export interface FakeChannels extends Channels {
  readonly calls: string[]
  /** a channel that is followed */
  stock(name: string, changed?: Partial<ChannelView>): ChannelView
  /** something it published */
  say(name: string, text: string, changed?: Partial<PostView>): PostView
  invited(changed?: Partial<StaffInvitationView>): StaffInvitationView
}

export const CHANNEL_LINK = 'DURE:AEBQ2CHANNEL'
export const WORDS = 'abandon '.repeat(23) + 'art'
const START = Date.UTC(2026, 10, 21, 18, 0, 0)
const hex = (n: number): string => n.toString(16).padStart(64, '0')

export function fakeChannels(): FakeChannels {
  const calls: string[] = []
  const kept: Kept<ChannelView>[] = []
  const posts: Kept<PostView>[] = []
  const invitations: StaffInvitationView[] = []
  let clock = START
  let counter = 0

  function find(asking: string): Kept<ChannelView> {
    const found = kept.find((one) => one.name === asking || one.id === asking) ?? kept.find((one) => one.name.startsWith(asking))
    if (!found) throw new MessengerError('not-found', `you have no channel named ${asking}`, '`dure channel list` shows them')
    return found
  }

  function stock(name: string, changed: Partial<ChannelView> = {}): ChannelView {
    const channel: Kept<ChannelView> = {
      id: `${kept.length}`.padStart(52, 'c'),
      name,
      description: '',
      role: 'follower',
      following: 'open',
      muted: false,
      dailyLimit: 10,
      unread: 0,
      entries: 3,
      held: 3,
      languages: [],
      region: undefined,
      links: [],
      hours: undefined,
      domain: undefined,
      logo: undefined,
      rate: 50,
      peers: 1,
      waiting: 0,
      frozen: undefined,
      lookalike: undefined,
      last: undefined,
      ...changed,
    }
    kept.push(channel)
    return channel
  }

  function say(name: string, text: string, changed: Partial<PostView> = {}): PostView {
    const channel = find(name)
    const post: PostView = {
      id: hex(++counter),
      channel: channel.id,
      channelName: channel.name,
      author: 'Mina',
      log: hex(900),
      seq: counter - 1,
      at: (clock += 60_000),
      kind: 'post',
      title: undefined,
      text,
      links: [],
      media: [],
      event: undefined,
      offer: undefined,
      editedAt: undefined,
      withdrawn: undefined,
      unread: false,
      ...changed,
    }
    posts.push(post)
    channel.last = post
    if (post.unread) channel.unread++
    return post
  }

  function published(name: string, { text, title, links, media = [], event, offer }: PostInput): { post: PostView; waiting: undefined } {
    const post = say(name, text, {
      title,
      links: links ?? [],
      media: media.map(({ bytes, alt }) => ({ hash: hex(bytes.length), size: bytes.length, type: 'image/png', width: 1, height: 1, alt, held: true })),
      event,
      offer: offer && { ...offer, state: 'valid' },
    })
    return { post, waiting: undefined }
  }

  function postOf(name: string, id: string): Kept<PostView> {
    const { id: channel } = find(name)
    const found = posts.find((one) => one.channel === channel && one.id === id)
    if (!found) throw new MessengerError('not-found', 'there is no such post', '`dure channel read CHANNEL --ids` shows the ids')
    return found
  }

  const staffOf = (name: string): StaffView[] => [
    { name: `${find(name).name} desk`, log: hex(900), state: 'active', scope: ['text', 'pictures'], entries: 2, notAfter: START + 86_400_000 },
  ]

  const proof = (name: string): ChannelProofView => {
    const channel = find(name)
    return {
      id: channel.id,
      name: channel.name,
      entries: channel.entries,
      held: channel.held,
      missing: [],
      authors: staffOf(name),
      rootKey: hex(77),
      rotations: 0,
      domain: channel.domain,
      frozen: channel.frozen,
      lines: [`${channel.entries} entries, none missing`],
    }
  }

  const change = (name: string, changed: Partial<ChannelView>): ChannelView => Object.assign(find(name), changed)

  return {
    calls,
    stock,
    say,
    invited(changed = {}) {
      const invitation: StaffInvitationView = {
        id: 'sta234', channel: 'c'.repeat(52), channelName: 'Seoul Bakery', from: 'Bob', scope: ['text'], notAfter: START + 86_400_000, at: START, ...changed,
      }
      invitations.push(invitation)
      return invitation
    },
    list: () => kept.map((one) => ({ ...one })),
    channel: (name) => ({ ...find(name) }),
    link: (name) => `${CHANNEL_LINK}${find(name).id.slice(-1)}`,
    async read(name, { before, limit }) {
      const { id } = find(name)
      const all = posts.filter((one) => one.channel === id).reverse()
      const from = before === undefined ? 0 : all.findIndex((one) => one.id === before) + 1
      return { posts: all.slice(from, from + limit), more: all.length > from + limit }
    },
    async markRead(name) {
      calls.push(`read ${find(name).name}`)
      change(name, { unread: 0 })
    },
    post: (name, id) => ({ ...postOf(name, id) }),
    async media(name, hash) {
      calls.push(`media ${find(name).name} ${hash.slice(-4)}`)
      return new Uint8Array([0x89, 0x50, 0x4e, 0x47])
    },
    async verify(name, { all }) {
      calls.push(`verify ${find(name).name} ${all ? 'all' : 'held'}`)
      return proof(name)
    },
    evidence: (name) => (find(name).frozen === undefined ? [] : [{ id: hex(5), text: 'two entries number 12 by Mina', bytes: new Uint8Array([1, 2, 3]) }]),
    *exportChannel(name) {
      yield JSON.stringify({ kind: 'dure-channel', version: 1, channel: find(name).id })
      for (const post of posts) yield JSON.stringify({ kind: 'entry', id: post.id })
    },
    async importChannel(lines, { keep }) {
      calls.push(`import ${[...lines].length} ${keep ? 'keep' : 'look'}`)
      return proof(kept[0]?.name ?? '')
    },
    checkEvidence: (bytes) => ({ text: `a fork, in ${bytes.length} bytes`, channel: 'c'.repeat(52) }),
    async follow(link, options) {
      calls.push(`follow ${link} ${options.private ? 'private' : 'open'}`)
      if (!link.toUpperCase().startsWith('DURE:')) throw new MessengerError('invite-invalid', 'this is not a Dure link', 'a link begins with DURE:')
      return stock(options.name ?? 'Seoul Bakery', { following: options.private ? 'private' : 'open' })
    },
    unfollow: async (name) => void kept.splice(kept.indexOf(find(name)), 1),
    rename: async (name, next) => change(name, { name: next }),
    mute: async (name, muted) => change(name, { muted }),
    setDailyLimit: async (name, posts) => change(name, { dailyLimit: posts }),
    async create({ name, description = '', logo }) {
      calls.push(`create ${name} ${logo?.length ?? 'no logo'}`)
      return { channel: stock(name, { description, role: 'owner', following: undefined }), words: WORDS }
    },
    async words(name, { forget }) {
      calls.push(`words ${find(name).name} ${forget ? 'forget' : 'show'}`)
      return WORDS
    },
    async recover(link, words) {
      calls.push(`recover ${link} ${words === WORDS ? 'right' : 'wrong'}`)
      return stock('Seoul Bakery', { role: 'owner' })
    },
    setManifest: async (name, { logo: _, domain, ...manifest }) =>
      change(name, { ...manifest, ...(domain !== undefined && { domain: { domain, state: 'claimed', provenAt: undefined, suspicious: undefined } }) }),
    publish: async (name, post) => published(name, post),
    async edit(name, id, next) {
      Object.assign(postOf(name, id), { text: next.text, editedAt: clock })
      return { post: postOf(name, id), waiting: undefined }
    },
    async withdraw(name, id, reason) {
      Object.assign(postOf(name, id), { text: '', withdrawn: { at: clock, reason } })
      return { post: postOf(name, id), waiting: undefined }
    },
    async rotate(name, words) {
      calls.push(`rotate ${find(name).name} ${words === undefined ? 'here' : 'typed'}`)
      return find(name)
    },
    drafts: (name) => (find(name).waiting === 0 ? [] : [{ id: '7'.repeat(32), at: START, kind: 'post', text: 'soon', waiting: 'nobody has shown the head of your log' }]),
    async discardDraft(name, draft) {
      calls.push(`discard ${find(name).name} ${draft.slice(0, 4)}`)
    },
    staff: staffOf,
    async addStaff(name, { contact, scope, entries }) {
      calls.push(`staff ${find(name).name} ${contact} ${scope.join('+')} ${entries ?? 'any'}`)
    },
    async revokeStaff(name, staff, reason) {
      calls.push(`revoke ${find(name).name} ${staff} ${reason}`)
      return { ...staffOf(name)[0]!, state: 'revoked' }
    },
    invitations: () => [...invitations],
    async acceptInvitation(id) {
      const invitation = invitations.find((one) => one.id === id)
      if (!invitation) throw new MessengerError('not-found', `no invitation ${id} is waiting`, '`dure channel staff invitations` lists them')
      return stock(invitation.channelName, { role: 'staff' })
    },
    async refuseInvitation(id) {
      calls.push(`refuse ${id}`)
    },
  }
}
