/** A post as it is typed: how it is kept as a draft, and what the node is told of it. */
import type { PostView } from '../../messenger/channels/views.ts'
import type { PostBody } from '../api/channels.ts'

/** As form fields have it: `2026-12-24T18:00`, local time. */
export interface EventForm {
  start: string
  end: string
  place: string
}

/** Whole days, `2026-12-24`, the last included. */
export interface OfferForm {
  from: string
  until: string
  terms: string
}

export interface PostForm {
  title: string
  text: string
  /** one a line */
  links: string
  event: EventForm | undefined
  offer: OfferForm | undefined
}

export type Fault = 'faultEmpty' | 'faultEvent' | 'faultOffer' | 'faultLink'

export const emptyForm = (): PostForm => ({ title: '', text: '', links: '', event: undefined, offer: undefined })
export const emptyEvent = (): EventForm => ({ start: '', end: '', place: '' })
export const emptyOffer = (): OfferForm => ({ from: '', until: '', terms: '' })

const two = (n: number): string => String(n).padStart(2, '0')

/** Local, to the minute. '' for what no calendar has. */
export function momentField(ms: number): string {
  const at = new Date(ms)
  if (Number.isNaN(at.getTime())) return ''
  return `${dayField(ms)}T${two(at.getHours())}:${two(at.getMinutes())}`
}

export function dayField(ms: number): string {
  const at = new Date(ms)
  if (Number.isNaN(at.getTime())) return ''
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** ms since the epoch; undefined for what is no time. */
function momentOf(field: string): number | undefined {
  const ms = field === '' ? Number.NaN : new Date(field).getTime()
  return Number.isNaN(ms) || ms < 0 ? undefined : ms
}

/** @returns the last second of the day when `end` */
function dayOf(field: string, end: boolean): number | undefined {
  return field === '' ? undefined : momentOf(`${field}T${end ? '23:59:59' : '00:00:00'}`)
}

export function formOf({ title, text, links, event, offer }: PostView): PostForm {
  return {
    title: title ?? '',
    text,
    links: links.join('\n'),
    event: event && { start: momentField(event.start), end: momentField(event.end), place: event.place },
    offer: offer && { from: dayField(offer.from), until: dayField(offer.until), terms: offer.terms },
  }
}

const linksOf = (links: string): string[] => links.split('\n').map((line) => line.trim()).filter((line) => line !== '')

export const isEmpty = ({ title, text, links, event, offer }: PostForm): boolean =>
  title.trim() === '' && text.trim() === '' && linksOf(links).length === 0 && event === undefined && offer === undefined

/** What the node is told, but for the pictures; or what is wrong, which the person is told. */
export function bodyOf(form: PostForm, pictures: number): { readonly body: PostBody } | { readonly fault: Fault } {
  if (isEmpty(form) && pictures === 0) return { fault: 'faultEmpty' }
  const links = linksOf(form.links)
  if (!links.every((link) => /^(https?:\/\/|dure:)/i.test(link))) return { fault: 'faultLink' }
  const event = form.event && eventOf(form.event)
  if (form.event && !event) return { fault: 'faultEvent' }
  const offer = form.offer && offerOf(form.offer)
  if (form.offer && !offer) return { fault: 'faultOffer' }
  return { body: { title: form.title.trim(), text: form.text, links, ...(event && { event }), ...(offer && { offer }) } }
}

/** One without an end takes no time. */
function eventOf({ start, end, place }: EventForm): PostBody['event'] {
  const from = momentOf(start)
  const to = end === '' ? from : momentOf(end)
  return from === undefined || to === undefined || to < from ? undefined : { start: from, end: to, place: place.trim() }
}

function offerOf({ from, until, terms }: OfferForm): PostBody['offer'] {
  const [first, last] = [dayOf(from, false), dayOf(until, true)]
  return first === undefined || last === undefined || last < first ? undefined : { from: first, until: last, terms: terms.trim() }
}

/** As a note of the node; '' for one in which nothing stands. */
export const draftOf = (form: PostForm): string => (isEmpty(form) ? '' : JSON.stringify(form))

/** Only this page writes them; what an older one of it wrote may lack something. */
export function formOfDraft(draft: string): PostForm {
  const form = emptyForm()
  try {
    const kept = JSON.parse(draft) as Partial<Record<keyof PostForm, unknown>>
    const field = (value: unknown): string => (typeof value === 'string' ? value : '')
    const part = <T extends Record<keyof T, string>>(value: unknown, empty: T): T | undefined => {
      if (typeof value !== 'object' || value === null) return undefined
      const filled = Object.keys(empty).map((key) => [key, field((value as Record<string, unknown>)[key])])
      return Object.fromEntries(filled) as T
    }
    form.title = field(kept.title)
    form.text = field(kept.text)
    form.links = field(kept.links)
    form.event = part(kept.event, emptyEvent())
    form.offer = part(kept.offer, emptyOffer())
  } catch {
    // no draft, or none of ours
  }
  return form
}
