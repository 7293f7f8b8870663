import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { noble } from '../../../protocols/suite/index.ts'

describe('comparing secrets', () => {
  it('reads every byte wherever the first difference is (attack 107)', () => {
    for (const differsAt of [0, 15, 31, undefined]) {
      const a = new Uint8Array(32).fill(7)
      const b = a.slice()
      if (differsAt !== undefined) b[differsAt] = 8
      let reads = 0
      const watched = new Proxy(a, {
        get(target, key) {
          if (typeof key === 'string' && /^\d+$/.test(key)) reads++
          return Reflect.get(target, key) as unknown
        },
      })
      assert.equal(noble.equal(watched, b), differsAt === undefined)
      assert.equal(reads, 32)
    }
  })

  it('is left to OpenSSL in the engine of the node (attack 107)', () => {
    const source = readFileSync(path.join(import.meta.dirname, '../../../src/crypto/openssl.ts'), 'utf8')
    assert.match(source, /timingSafeEqual/)
  })
})
