export { createGossip, type GossipOptions } from './channels/gossip.ts'
export { type CourierOptions, createCourier, DEFAULT_LISTEN, type NetLog, UnsafeEnvironmentError } from './courier.ts'
export { peerIdOf } from './device-key.ts'
