/** Pictures of people, fetched once and shown as blobs: an <img> cannot show the node its session. */
import { SvelteMap } from 'svelte/reactivity'
import { node } from './node.svelte.ts'

const urls = new SvelteMap<string, string>()
const asked = new Set<string>()

/** @param tag changes with the picture @returns an address once it is here */
export function pictureOf(account: string, tag: string | undefined): string | undefined {
  if (tag === undefined) return undefined
  const key = `${account} ${tag}`
  if (!asked.has(key)) {
    asked.add(key)
    void load(key, () => node.dure.picture(account))
  }
  return urls.get(key)
}

async function load(key: string, picture: () => Promise<Blob>): Promise<void> {
  try {
    urls.set(key, URL.createObjectURL(await picture()))
  } catch {
    asked.delete(key)
  }
}
