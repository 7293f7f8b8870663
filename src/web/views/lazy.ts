import type { Component } from 'svelte'
import type { ChannelPlace } from '../state/place.ts'

/** Views whose code is fetched when they are shown for the first time. */
export const lazy = {
  firstRun: () => import('./start/FirstRun.svelte'),
  contact: () => import('./contact/Contact.svelte'),
  safetyNumber: () => import('./contact/SafetyNumber.svelte'),
  showCode: () => import('./pairing/ShowCode.svelte'),
  scan: () => import('./pairing/Scan.svelte'),
  search: () => import('./search/Search.svelte'),
  settings: () => import('./settings/Settings.svelte'),
  follow: () => import('./channel/Follow.svelte'),
  share: () => import('./share/Share.svelte'),
  newChannel: () => import('./channel/NewChannel.svelte'),
}

type ChannelRoom = () => Promise<{ default: Component<{ id: string; post?: string | undefined }> }>

export const channelRooms: Readonly<Record<ChannelPlace['at'], ChannelRoom>> = {
  channel: () => import('./channel/Channel.svelte'),
  'channel-about': () => import('./channel/About.svelte'),
  'channel-proof': () => import('./channel/Proof.svelte'),
  'channel-share': () => import('./channel/Share.svelte'),
  'channel-compose': () => import('./channel/Compose.svelte'),
  'channel-run': () => import('./channel/Run.svelte'),
  'channel-staff': () => import('./channel/Staff.svelte'),
  'channel-words': () => import('./channel/Words.svelte'),
}
