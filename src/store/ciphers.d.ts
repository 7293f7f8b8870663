/** The library is better-sqlite3 with one more method; its package names its types where `nodenext` does not look. */
declare module 'better-sqlite3-multiple-ciphers' {
  import type Plain from 'better-sqlite3'

  namespace Ciphers {
    interface Database extends Plain.Database {
      /** The key of the file, before anything is read of it. */
      key(key: Buffer): number
    }
    type SqliteError = Plain.SqliteError
  }
  const Ciphers: {
    new (path: string, options?: Plain.Options): Ciphers.Database
    SqliteError: typeof Plain.SqliteError
  }
  export = Ciphers
}
