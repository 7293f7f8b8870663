export type { Door, Protection } from './routes.ts'
export { problem } from './problem.ts'
export { type ApiOptions, serveApi } from './server.ts'
export { type Api, serveOnSocket } from './socket.ts'
