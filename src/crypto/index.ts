export { openssl } from './openssl.ts'
export { secureRandom } from './random.ts'
