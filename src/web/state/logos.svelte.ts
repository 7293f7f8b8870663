/** Logos of channels, fetched once and shown as blobs: an <img> cannot show the node its session. */
import { SvelteMap } from 'svelte/reactivity'
import type { ChannelView } from '../../messenger/channels/views.ts'
import { isShowable } from './picture-sizes.ts'
import { node } from './node.svelte.ts'

const urls = new SvelteMap<string, string>()
const asked = new Set<string>()

/** @returns an address once it is here */
export function logoOf({ id, logo }: ChannelView): string | undefined {
  if (!logo || !isShowable(logo)) return undefined
  if (!asked.has(logo.hash)) {
    asked.add(logo.hash)
    node.dure.channels.picture(id, logo).then(
      (blob) => urls.set(logo.hash, URL.createObjectURL(blob)),
      () => asked.delete(logo.hash),
    )
  }
  return urls.get(logo.hash)
}
