/** Ports that were left open, as they were chosen. */

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
