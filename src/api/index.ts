export type { Door, Protection } from './routes.ts'
export { problem, type Problem, problemOf } from './problem.ts'
export { type ApiOptions, serveApi } from './server.ts'
export { type Api, serveOnSocket } from './socket.ts'
