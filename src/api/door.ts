/**
 * The doors of a running node: a Unix socket for programs of the same user and, if wanted, a port on 127.0.0.1 for the page. They are open from the
 * start of the process, before there is a messenger: so a second node on the profile is refused at once, and a person can set up or unlock
 * the profile in the page.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type PagePortOptions, openPagePort } from './page/port.ts'
import type { Api } from './server.ts'
import { problem } from './problem.ts'
import { type Rights, vouch } from './rights.ts'
import { listenOnSocket } from './socket.ts'
import { createWaiting, type FirstRun, type Waiting, WAITING_PATHS } from './waiting.ts'

export interface DoorOptions {
  /** where the socket is wanted; see `bindablePath` for the one it gets */
  readonly socketPath: string
  /** undefined: no page */
  readonly page: Omit<PagePortOptions, 'answer' | 'scopesOf'> | undefined
  /** somebody asked that the node stops */
  readonly onStop: () => void
}

export interface Door {
  readonly socketPath: string
  /** where the page is, without a ticket; undefined when none is served */
  readonly origin: string | undefined
  /** An address that opens the page once. */
  link(): string | undefined
  /**
   * Waits until somebody has set up an identity in the page.
   * @param make may reject with words for the person, who then tries again
   */
  firstRun<T>(make: (input: FirstRun) => Promise<{ readonly made: T; readonly words?: string }>): Promise<T>
  /** Waits until somebody has given the right passphrase. @param open rejects while it is a wrong one */
  unlock<T>(open: (passphrase: string) => Promise<T>): Promise<T>
  /** From now on the api answers what is asked. */
  serve(api: Api): void
  close(): Promise<void>
}

/** @throws ConfigError when another process has the profile's socket, or the port */
export async function openDoor({ socketPath, page, onStop }: DoorOptions): Promise<Door> {
  const waiting: Waiting = { state: 'starting', setUp: undefined, unlock: undefined }
  let link: () => string | undefined = () => undefined
  const before = await createWaiting({ waiting, onStop, link: () => link() })
  let api: Api | undefined

  const answer = (request: IncomingMessage, response: ServerResponse, rights: Rights): void => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    vouch(request, rights)
    if (api !== undefined && !WAITING_PATHS.has(path)) api.answer(request, response)
    else if (rights === 'person') before.routing(request, response)
    else refuseToken(response)
  }
  // Whoever can open the socket is the person.
  const socket = await listenOnSocket(createServer((request, response) => answer(request, response, 'person')), socketPath)
  const port = page && (await openPagePort({ ...page, answer, scopesOf: (token) => api?.scopesOf(token) }).catch(async (error: unknown) => {
    await socket.close()
    throw error
  }))
  if (port) link = () => port.link()

  return {
    socketPath: socket.socketPath,
    origin: port?.origin,
    link: () => link(),
    firstRun: (make) =>
      new Promise((resolve) => {
        waiting.state = 'new'
        waiting.setUp = async (input) => {
          waiting.setUp = undefined
          try {
            const { made, words } = await make(input)
            waiting.state = 'starting'
            resolve(made)
            return words === undefined ? {} : { words }
          } catch (error) {
            waiting.setUp = again
            throw error
          }
        }
        const again = waiting.setUp
      }),
    unlock: (open) =>
      new Promise((resolve) => {
        waiting.state = 'locked'
        waiting.unlock = async (passphrase) => {
          waiting.unlock = undefined
          waiting.state = 'starting'
          try {
            resolve(await open(passphrase))
          } catch (error) {
            waiting.state = 'locked'
            waiting.unlock = again
            throw error
          }
        }
        const again = waiting.unlock
      }),
    serve(running) {
      api = running
      waiting.state = 'running'
    },
    async close() {
      await Promise.all([socket.close(), port?.close()])
      await before.close()
    },
  }
}

function refuseToken(response: ServerResponse): void {
  const refusal = problem(403, 'not-allowed', 'this token may not do that', 'only the person may')
  response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(refusal))
}
