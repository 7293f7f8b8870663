export { StoreError, type StoreErrorCode } from './errors.ts'
export { changeProtection, type Protection, type Unlock } from './key.ts'
export { homeProtection, openStore, profileExists } from './open.ts'
export type { OpenedStore } from './store.ts'
