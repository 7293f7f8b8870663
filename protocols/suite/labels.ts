/**
 * Every domain-separation string of the project, in one place so that no two purposes can share one. A hash, KDF or
 * signature input is `labelled(LABEL.x, field, field, ...)`: length-prefixed, so no two inputs read the same.
 */
export const LABEL = {
  identityRoot: 'dure/v1/identity/root',
  deviceList: 'dure/v1/identity/device-list',
  deviceListHash: 'dure/v1/identity/device-list-hash',
  safetyNumber: 'dure/v1/identity/safety-number',
  fingerprint: 'dure/v1/identity/fingerprint',
  bundle: 'dure/v1/handshake/bundle',
  bundleHash: 'dure/v1/handshake/bundle-hash',
  transcript: 'dure/v1/handshake/transcript',
  handshakeRoot: 'dure/v1/handshake/root',
  inviteId: 'dure/v1/pairing/invite-id',
  shortCode: 'dure/v1/pairing/short-code',
  nonceCommitment: 'dure/v1/pairing/nonce-commitment',
  hello: 'dure/v1/pairing/hello',
  ratchetRoot: 'dure/v1/ratchet/root',
  ratchetAnnouncement: 'dure/v1/ratchet/announcement',
  ratchetNonce: 'dure/v1/ratchet/nonce',
  ratchetHeader: 'dure/v1/ratchet/header',
  ratchetChain: 'dure/v1/ratchet/chain',
  ratchetMessage: 'dure/v1/ratchet/message',
  ratchetSalt: 'dure/v1/ratchet/salt',
  ratchetNumber: 'dure/v1/ratchet/number',
  ratchetMask: 'dure/v1/ratchet/mask',
  sessionPrevious: 'dure/v1/session/previous',
  sessionBase: 'dure/v1/session/base',
  sessionAssociated: 'dure/v1/session/associated',
  channelId: 'dure/v1/channel/id',
  channelLog: 'dure/v1/channel/log',
  channelEntry: 'dure/v1/channel/entry',
  channelRootKey: 'dure/v1/channel/root-key',
  channelNextRoot: 'dure/v1/channel/next-root',
  channelTopic: 'dure/v1/channel/topic',
  channelProvider: 'dure/v1/channel/provider',
  channelFind: 'dure/v1/channel/find',
  channelPostingKey: 'dure/v1/channel/posting-key',
  storeKey: 'dure/v1/store/key',
  storeGeneration: 'dure/v1/store/generation',
} as const

export type Label = (typeof LABEL)[keyof typeof LABEL]
