export { type Client, connect, type Given, Refused, type Where } from './client.ts'
export type { Happened, Routes } from './routes.ts'
