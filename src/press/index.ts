/** A channel as files the rest of the world reads: an Atom feed, a web page, a calendar, a poster. Pure: views in, text out. */
export { atomFeed } from './atom.ts'
export { calendar } from './calendar.ts'
export { type PageOptions, webPage } from './page.ts'
