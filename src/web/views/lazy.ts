/** Views whose code is fetched when they are shown for the first time. */
export const lazy = {
  firstRun: () => import('./start/FirstRun.svelte'),
  contact: () => import('./contact/Contact.svelte'),
  safetyNumber: () => import('./contact/SafetyNumber.svelte'),
  showCode: () => import('./pairing/ShowCode.svelte'),
  scan: () => import('./pairing/Scan.svelte'),
  search: () => import('./search/Search.svelte'),
  settings: () => import('./settings/Settings.svelte'),
  channel: () => import('./channel/Channel.svelte'),
}
