export type { Door, Protection } from './routes.ts'
export { type Api, type ApiOptions, serveApi } from './server.ts'
