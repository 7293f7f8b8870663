/**
 * A small internet of network namespaces: one wire that stands for it, hosts on it, and hosts behind routers that translate addresses with nft.
 * The addresses look public because the policy of dialling is about them; nothing leads out of the namespaces.
 */
import { execFileSync } from 'node:child_process'

/** As RFC 3489 named them; Linux with random ports maps a new port for each destination. */
export type Nat = 'none' | 'full-cone' | 'port-restricted' | 'symmetric'

export interface Host {
  /** what runs a command there */
  readonly launcher: readonly string[]
  /** its address on the wire, or its router's */
  readonly outside: string
}

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })

/** Undefined where namespaces can be made, else what is in the way. */
export function whatPreventsNamespaces(): string | undefined {
  const name = `dure-${process.pid}-try`
  try {
    run('ip', 'netns', 'add', name)
    try {
      run('ip', 'netns', 'exec', name, 'nft', 'add', 'table', 'ip', 'try')
      run('ip', '-n', name, 'link', 'add', 'wire', 'type', 'bridge')
    } finally {
      run('ip', 'netns', 'delete', name)
    }
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n').filter(Boolean).at(-1)
  }
}

export class Network {
  readonly #names: string[] = []
  #hosts = 0
  #counters = 0

  constructor() {
    this.#namespace('wire')
    this.#ip('wire', 'link', 'add', 'wire', 'type', 'bridge')
    this.#ip('wire', 'link', 'set', 'wire', 'up')
  }

  /**
   * A host on the wire, or behind a router of its own.
   * @param block the second number of its address: hosters rent out whole blocks
   */
  host(nat: Nat, block = 9): Host {
    const n = ++this.#hosts
    const outside = `5.${block}.${n}.1`
    const host = `host${n}`
    this.#namespace(host)
    const edge = nat === 'none' ? host : `router${n}`
    if (edge !== host) this.#namespace(edge)
    this.#ip('wire', 'link', 'add', edge, 'type', 'veth', 'peer', 'name', 'wan', 'netns', this.#name(edge))
    this.#ip('wire', 'link', 'set', edge, 'master', 'wire', 'up')
    this.#ip(edge, 'address', 'add', `${outside}/8`, 'dev', 'wan')
    this.#ip(edge, 'link', 'set', 'wan', 'up')
    if (edge !== host) {
      this.#ip(edge, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'lan', 'netns', this.#name(host))
      this.#ip(edge, 'address', 'add', `192.168.${n}.1/24`, 'dev', 'lan')
      this.#ip(edge, 'link', 'set', 'lan', 'up')
      this.#ip(host, 'address', 'add', `192.168.${n}.2/24`, 'dev', 'lan')
      this.#ip(host, 'link', 'set', 'lan', 'up')
      this.#ip(host, 'route', 'add', 'default', 'via', `192.168.${n}.1`)
      run('ip', 'netns', 'exec', this.#name(edge), 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
      execFileSync('ip', ['netns', 'exec', this.#name(edge), 'nft', '-f', '-'], { input: rules(nat, `192.168.${n}.2`) })
    }
    return { launcher: ['ip', 'netns', 'exec', this.#name(host)], outside }
  }

  /** Pulls a host's plug, or its router's; and puts it back. */
  plug(host: Host, connected: boolean): void {
    this.#ip('wire', 'link', 'set', this.#edge(host), connected ? 'up' : 'down')
  }

  /** A host on the wire is at another address from now on, as a telephone that changes networks. Returns the address. */
  move({ outside }: Host): string {
    const next = outside.replace(/\d+$/, (last) => String(Number(last) + 1))
    const name = `host${outside.split('.')[2]}`
    this.#ip(name, 'address', 'flush', 'dev', 'wan')
    this.#ip(name, 'address', 'add', `${next}/8`, 'dev', 'wan')
    return next
  }

  /** From now on so many of 100 packets of a host are lost, each way. */
  lose(host: Host, percent: number): void {
    const edge = this.#edge(host)
    const chain = (hook: string): string => `chain ${hook} { type filter hook ${hook} priority -500; meta ${hook === 'prerouting' ? 'iifname' : 'oifname'} "wan" numgen random mod 100 < ${percent} drop; }`
    execFileSync('ip', ['netns', 'exec', this.#name(edge), 'nft', '-f', '-'], { input: `table ip loss {\n${chain('prerouting')}\n${chain('postrouting')}\n}\n` })
  }

  /** From now on packets that come to a host, or its router, from another's address are counted. Returns how many there were. */
  watch(host: Host, from: Host): () => number {
    const table = `seen${from.outside.replaceAll('.', '_')}`
    const namespace = this.#name(this.#edge(host))
    const input = `table ip ${table} {\nchain prerouting { type filter hook prerouting priority -400; ip saddr ${from.outside} counter; }\n}\n`
    execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input })
    return () => Number(/packets (\d+)/.exec(run('ip', 'netns', 'exec', namespace, 'nft', 'list', 'table', 'ip', table))?.[1] ?? NaN)
  }

  /** From now on what a host itself sends and nft finds to match is counted, whether it gets anywhere or not. Returns how much there was. */
  sent(host: Host, match: string): () => number {
    const table = `sent${++this.#counters}`
    const namespace = host.launcher[3] ?? ''
    const input = `table inet ${table} {\nchain output { type filter hook output priority -400; ${match} counter; }\n}\n`
    execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input })
    return () => Number(/packets (\d+)/.exec(run('ip', 'netns', 'exec', namespace, 'nft', 'list', 'table', 'inet', table))?.[1] ?? NaN)
  }

  remove(): void {
    for (const name of this.#names.splice(0).toReversed()) run('ip', 'netns', 'delete', name)
  }

  /** What is on the wire: the host's router where it has one. */
  #edge({ outside }: Host): string {
    const n = outside.split('.')[2]
    return [`router${n}`, `host${n}`].find((edge) => this.#names.includes(this.#name(edge))) ?? ''
  }

  #name(part: string): string {
    return `dure-${process.pid}-${part}`
  }

  #namespace(part: string): void {
    run('ip', 'netns', 'add', this.#name(part))
    this.#names.push(this.#name(part))
    this.#ip(part, 'link', 'set', 'lo', 'up')
  }

  #ip(part: string, ...args: string[]): void {
    run('ip', '-n', this.#name(part), ...args)
  }
}

/** What comes unasked is dropped without a word, as routers at home do. */
function rules(nat: Nat, inside: string): string {
  return `
    table ip nat {
      chain prerouting {
        type nat hook prerouting priority dstnat
        ${nat === 'full-cone' ? `iifname "wan" meta l4proto tcp dnat to ${inside}` : ''}
      }
      chain postrouting {
        type nat hook postrouting priority srcnat
        oifname "wan" masquerade ${nat === 'symmetric' ? 'fully-random' : ''}
      }
    }
    table ip filter {
      chain input {
        type filter hook input priority filter
        iifname "wan" ct state established,related accept
        iifname "wan" drop
      }
      chain forward {
        type filter hook forward priority filter; policy drop
        iifname "lan" accept
        ct state established,related accept
        ct status dnat accept
      }
    }
  `
}
