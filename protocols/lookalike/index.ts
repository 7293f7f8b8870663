export { type DomainSuspicion, suspiciousDomain } from './domain.ts'
export { appearances, lookalikeOf } from './names.ts'
export { mixedScript } from './scripts.ts'
export { skeleton } from './skeleton.ts'
