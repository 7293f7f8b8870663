/** Rows into views: the only place that decides what a door may see. */
import { toHex } from '../../protocols/suite/index.ts'
import type { Context } from './context.ts'
import type { Contacts } from './contacts.ts'
import { likenessOf } from './likeness.ts'
import type { AccountKey, ContactRow, MessageRow, RequestRow } from './ports.ts'
import type { ContactView, MessageView, RequestView } from './views.ts'

/** The setting that says whether a contact may disturb. */
export const mutedKey = (account: AccountKey): string => `muted:${account}`

/** Characters of a picture's hash that tell one of a contact's pictures from the next. */
const PICTURE_TAG = 16

export class Views {
  readonly #context: Context
  readonly #contacts: Contacts
  readonly #tags = new WeakMap<Uint8Array, string>()

  constructor(context: Context, contacts: Contacts) {
    this.#context = context
    this.#contacts = contacts
  }

  message(row: MessageRow): MessageView {
    return {
      id: row.id,
      contact: row.contact,
      name: this.#contacts.get(row.contact)?.name ?? '',
      direction: row.direction,
      kind: row.kind,
      text: row.text,
      at: row.at,
      replyTo: row.replyTo,
      editedAt: row.editedAt,
      deleted: row.deletedAt !== undefined,
      reactions: Object.entries(row.reactions).map(([by, emoji]) => ({ by, emoji })),
      expiresAt: row.expiresAt,
      delivery: row.delivery,
    }
  }

  contact(row: ContactRow): ContactView {
    const { store, courier } = this.#context
    const last = store.lastMessage(row.account)
    const devices = this.#contacts.list(row.account)?.list.devices ?? []
    return {
      account: row.account,
      name: row.name,
      profileName: row.profileName,
      state: row.state,
      verified: row.verified,
      fingerprint: this.#contacts.fingerprint(row.account),
      online: devices.some((device) => courier.connected(toHex(device.signing))),
      unread: store.unread(row.account),
      muted: store.setting(mutedKey(row.account)) === 'on',
      picture: row.picture && this.#tag(row.picture),
      timer: row.timer,
      devices: devices.map((device) => ({
        device: toHex(device.signing),
        name: device.name,
        addresses: row.addresses[toHex(device.signing)] ?? [],
      })),
      last: last && this.message(last),
      ...likenessOf(row, this.#contacts.all()),
    }
  }

  /** Hashed once, as long as the row holds this very picture. */
  #tag(picture: Uint8Array): string {
    const tag = this.#tags.get(picture) ?? toHex(this.#context.suite.hash(picture)).slice(0, PICTURE_TAG)
    this.#tags.set(picture, tag)
    return tag
  }

  request(row: RequestRow): RequestView {
    const waiting = row.kind === 'new-device' ? this.#context.store.outbox().filter((item) => item.held && item.contact === row.account).length : 0
    const contact = this.#contacts.get(row.account)
    return {
      id: row.id,
      kind: row.kind,
      name: contact?.name ?? '',
      account: row.account,
      code: row.code,
      at: row.at,
      waiting,
      ...(contact && likenessOf(contact, this.#contacts.all())),
    }
  }
}
