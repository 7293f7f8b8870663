/** Asks web servers for the one file a channel's domain proof needs. HTTPS lives only here. */
export { createWeb, type WebOptions } from './web.ts'
