/** Ports that were left open, as they were chosen, and those of the mirror beside the relay's. */
import { anyPort } from '../listening.ts'

const ANY_PORT = /^(\/(ip[46])\/[^/]+\/tcp\/)0(\/ws)?$/

/** The wished addresses with the ports the node got, so that the next run has the same. */
export function withPorts(wished: readonly string[], listening: readonly string[]): string[] {
  return wished.map((address) => {
    const [, before, family, after = ''] = ANY_PORT.exec(address) ?? []
    if (before === undefined) return address
    const form = new RegExp(`^/${family}/[^/]+/tcp/(\\d+)${after}$`)
    const port = listening.map((each) => form.exec(each)?.[1]).find(Boolean)
    return port === undefined ? address : `${before}${port}${after}`
  })
}

const PORT = /^(\/ip[46]\/([^/]+)\/tcp\/)(\d+)(\/ws)?$/
/** 4001 and 4002 are the relay's, 4003 and 4004 the mirror's. */
const ABOVE = 2

/** Where the mirror listens when nobody says: at the relay's hosts, two ports above; where that port is open, on one that is chosen now. */
export async function portsBeside(listen: readonly string[]): Promise<string[]> {
  const beside = await Promise.all(
    listen.map(async (address) => {
      const [, before, host = '', port = '', after = ''] = PORT.exec(address) ?? []
      return before === undefined ? undefined : `${before}${port === '0' ? await anyPort(host) : Number(port) + ABOVE}${after}`
    }),
  )
  return beside.filter((address) => address !== undefined)
}

/** The hosts that are announced, with the ports of these addresses. */
export function sameHosts(announce: readonly string[], listen: readonly string[]): string[] {
  const hosts = announce.flatMap((address) => /^\/(?:ip[46]|dns[46]?)\/[^/]+/.exec(address)?.[0] ?? [])
  const ends = listen.flatMap((address) => /\/tcp\/\d+(?:\/ws)?$/.exec(address)?.[0] ?? [])
  return [...new Set(hosts)].flatMap((host) => [...new Set(ends)].map((end) => `${host}${end}`))
}
