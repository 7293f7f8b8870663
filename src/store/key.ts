/**
 * The database key and how it is kept: 32 random bytes in `key.json`, wrapped under a passphrase or in the clear for
 * its owner only. Changing the protection wraps the same key again; the database is not touched.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { LABEL, labelled, u32, utf8 } from '../../protocols/suite/index.ts'
import { StoreError } from './errors.ts'
import { type ProfileFiles, profileFiles, replaceFile, replaceSecretFile } from './files.ts'

export type Protection = 'passphrase' | 'key file'
export type Unlock = { readonly passphrase: string } | 'key-file'

/** 128 MiB and about 0.4 s a guess: the OWASP recommendation for scrypt, still fit for a small computer. */
const SCRYPT = { N: 131_072, r: 8, p: 1 } as const
/** Bounds for parameters read from a file, so that a planted one can neither stall us nor weaken the next wrap. */
const SCRYPT_MIN_N = 16_384
const SCRYPT_MAX_N = 1_048_576
const SCRYPT_MAX_RP = 32
const KEY_BYTES = 32
const SALT_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Larger than any key file we write. */
const MAX_FILE = 4_096

type Scrypt = { readonly N: number; readonly r: number; readonly p: number }
type KeyFile =
  | { readonly version: 1; readonly protection: 'key file'; readonly key: string }
  | {
      readonly version: 1
      readonly protection: 'passphrase'
      readonly scrypt: Scrypt
      readonly salt: string
      readonly nonce: string
      readonly wrapped: string
    }

const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt)

export function newDatabaseKey(): Uint8Array {
  return new Uint8Array(randomBytes(KEY_BYTES))
}

export function keyFileProtection(files: ProfileFiles): Protection | 'none' {
  return existsSync(files.key) ? readKeyFile(files).protection : 'none'
}

/** @throws StoreError `wrong-passphrase` for an empty one */
export async function writeKey(files: ProfileFiles, key: Uint8Array, unlock: Unlock): Promise<void> {
  const text = JSON.stringify(unlock === 'key-file' ? plain(key) : await wrap(key, unlock.passphrase), undefined, 2) + '\n'
  if (existsSync(files.key)) replaceSecretFile(files.key, text)
  else replaceFile(files.key, text)
}

/** @throws StoreError `wrong-passphrase`, `other-protection`, `bad-key-file` */
export async function readKey(files: ProfileFiles, unlock: Unlock): Promise<Uint8Array> {
  const file = readKeyFile(files)
  if (file.protection === 'key file') {
    if (unlock !== 'key-file') {
      throw new StoreError('other-protection', 'this profile has no passphrase', 'open it without one, and set one if you want it protected')
    }
    return bytes(file.key, KEY_BYTES)
  }
  if (unlock === 'key-file') throw new StoreError('other-protection', 'this profile is protected by a passphrase', 'give the passphrase')
  const salt = bytes(file.salt, SALT_BYTES)
  const wrapped = bytes(file.wrapped, KEY_BYTES + TAG_BYTES)
  const kek = await stretch(unlock.passphrase, salt, file.scrypt)
  const decipher = createDecipheriv('chacha20-poly1305', kek, bytes(file.nonce, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(bound(file.scrypt, salt), { plaintextLength: KEY_BYTES })
  decipher.setAuthTag(wrapped.subarray(KEY_BYTES))
  const key = decipher.update(wrapped.subarray(0, KEY_BYTES))
  try {
    decipher.final()
  } catch {
    throw new StoreError('wrong-passphrase', 'the passphrase does not open this profile', 'try again; nothing was changed')
  }
  return new Uint8Array(key)
}

/**
 * Wraps the key of the profile again: sets, changes or removes the passphrase. Possible while the profile is open.
 * @throws StoreError as `readKey`; then nothing changed
 */
export async function changeProtection(options: { home: string; from: Unlock; to: Unlock }): Promise<void> {
  const files = profileFiles(options.home)
  await writeKey(files, await readKey(files, options.from), options.to)
}

const plain = (key: Uint8Array): KeyFile => ({ version: 1, protection: 'key file', key: Buffer.from(key).toString('hex') })

async function wrap(key: Uint8Array, passphrase: string): Promise<KeyFile> {
  const salt = randomBytes(SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('chacha20-poly1305', await stretch(passphrase, salt, SCRYPT), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(bound(SCRYPT, salt), { plaintextLength: KEY_BYTES })
  const wrapped = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()])
  const [saltHex, nonceHex, wrappedHex] = [salt.toString('hex'), nonce.toString('hex'), wrapped.toString('hex')]
  return { version: 1, protection: 'passphrase', scrypt: SCRYPT, salt: saltHex, nonce: nonceHex, wrapped: wrappedHex }
}

/** A passphrase is what the person typed, whichever way their keyboard composes it. */
async function stretch(passphrase: string, salt: Uint8Array, { N, r, p }: Scrypt): Promise<Buffer> {
  if (passphrase === '') throw new StoreError('wrong-passphrase', 'the passphrase is empty', 'type at least one character')
  return derive(passphrase.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r + 256 * r * p })
}

/** The parameters are authenticated with the key: nobody makes them cheaper unseen. */
const bound = ({ N, r, p }: Scrypt, salt: Uint8Array): Uint8Array => labelled(LABEL.storeKey, utf8('scrypt'), u32(N), u32(r), u32(p), salt)

function readKeyFile(files: ProfileFiles): KeyFile {
  if (!existsSync(files.key)) throw new StoreError('no-profile', `there is no profile in ${files.home}`, 'run: dure init')
  const text = readFileSync(files.key, 'utf8')
  let file: Partial<KeyFile> | null
  try {
    file = text.length > MAX_FILE ? null : (JSON.parse(text) as KeyFile | null)
  } catch (error) {
    throw badKeyFile('is damaged', error)
  }
  if (typeof file !== 'object' || file === null) throw badKeyFile('is damaged')
  if (file.version !== 1) throw badKeyFile('is of a version this program does not know')
  if (file.protection === 'passphrase') {
    if (!isBounded(file.scrypt)) throw badKeyFile('has parameters out of bounds')
  } else if (file.protection !== 'key file') throw badKeyFile('names an unknown protection')
  return file as KeyFile
}

function isBounded(parameters: Partial<Scrypt> | undefined): boolean {
  const { N = 0, r = 0, p = 0 } = parameters ?? {}
  const powerOfTwo = Number.isInteger(N) && N >= SCRYPT_MIN_N && N <= SCRYPT_MAX_N && (N & (N - 1)) === 0
  return powerOfTwo && Number.isInteger(r) && Number.isInteger(p) && r > 0 && p > 0 && r * p <= SCRYPT_MAX_RP
}

function bytes(hex: unknown, length: number): Buffer {
  const decoded = Buffer.from(typeof hex === 'string' ? hex : '', 'hex')
  if (decoded.length !== length) throw badKeyFile('is damaged')
  return decoded
}

const badKeyFile = (what: string, cause?: unknown): StoreError =>
  new StoreError('bad-key-file', `key.json ${what}`, 'put back a copy of key.json; without it the database cannot be opened', cause)
