/** What entries of each kind say, to bytes and back. */
import {
  type Certificate,
  decodeCertificate,
  decodeEdit,
  decodeGenesis,
  decodeManifest,
  decodePost,
  decodeRevocation,
  decodeRotation,
  decodeWithdrawal,
  type Edit,
  encodeCertificate,
  encodeEdit,
  encodeGenesis,
  encodeManifest,
  encodePost,
  encodeRevocation,
  encodeRotation,
  encodeWithdrawal,
  type Genesis,
  type Manifest,
  type Post,
  type Revocation,
  type Rotation,
  type Withdrawal,
} from '../../protocols/channel/index.ts'
import { command, type Commands } from '../command.ts'
import { bytes, list, oneOf, optional, record, type Shape, text, variant, whole } from '../fields.ts'

const HASH = bytes(32)
const media = record({ hash: HASH, size: whole(), type: oneOf('png', 'jpeg', 'webp', 'gif'), width: whole(), height: whole(), alt: text })
const target = record({ log: HASH, seq: whole(), id: HASH })
const keys = { rootKey: HASH, nextRoot: HASH }

export const manifestShape = {
  name: text,
  description: text,
  logo: optional(media),
  languages: list(text),
  region: optional(text),
  links: list(text),
  hours: optional(text),
  domain: optional(text),
  rate: whole(),
}
const postShape = {
  title: text,
  text,
  links: list(text),
  media: list(media),
  event: optional(record({ start: whole(), end: whole(), place: text })),
  offer: optional(record({ from: whole(), until: whole(), terms: text })),
}
const SHAPES = {
  genesis: { ...keys, manifest: record(manifestShape) },
  manifest: manifestShape,
  certificate: { key: HASH, name: text, scope: whole(), firstSeq: whole(), endSeq: whole(), notBefore: whole(), notAfter: whole() },
  revocation: { log: HASH, size: whole(), root: HASH, reason: text },
  rotation: keys,
  post: postShape,
  edit: { target, post: record(postShape) },
  withdrawal: { target, reason: text },
} as const satisfies Readonly<Record<string, Shape>>

type Body = { [K in keyof Bodies]: Bodies[K] & { readonly of: K } }[keyof Bodies]
interface Bodies {
  genesis: Genesis
  manifest: Manifest
  certificate: Certificate
  revocation: Revocation
  rotation: Rotation
  post: Post
  edit: Edit
  withdrawal: Withdrawal
}

function encoded(body: Body): Uint8Array {
  switch (body.of) {
    case 'genesis':
      return encodeGenesis(body)
    case 'manifest':
      return encodeManifest(body)
    case 'certificate':
      return encodeCertificate(body)
    case 'revocation':
      return encodeRevocation(body)
    case 'rotation':
      return encodeRotation(body)
    case 'post':
      return encodePost(body)
    case 'edit':
      return encodeEdit(body)
    case 'withdrawal':
      return encodeWithdrawal(body)
  }
}

const DECODERS: { readonly [K in keyof Bodies]: (bytes: Uint8Array) => Bodies[K] } = {
  genesis: decodeGenesis,
  manifest: decodeManifest,
  certificate: decodeCertificate,
  revocation: decodeRevocation,
  rotation: decodeRotation,
  post: decodePost,
  edit: decodeEdit,
  withdrawal: decodeWithdrawal,
}

export const channelBodies: Commands = {
  body: command({ body: variant('of', SHAPES) }, (asked) => ({ bytes: encoded(asked.body as unknown as Body) })),
  readBody: command({ of: oneOf(...(Object.keys(SHAPES) as (keyof Bodies)[])), bytes: bytes() }, ({ of, ...asked }) => ({ body: { of, ...DECODERS[of](asked.bytes) } })),
}
