/** Lets one event happen in the village. */
import type { MemoryNode } from '../support/memory-mailboxes.ts'
import type { Bazaar } from './bazaar.ts'
import type { Event } from './events.ts'
import type { Meetings } from './meetings.ts'
import type { Village } from './village.ts'
import type { Witness } from './witness.ts'

export interface Stage {
  readonly village: Village
  readonly witness: Witness
  readonly bazaar: Bazaar
  readonly meetings: Meetings
}

/** @param number of the event: what is said in it can be told from everything else */
export async function perform({ village, witness, bazaar, meetings }: Stage, event: Event, number: number): Promise<void> {
  switch (event.do) {
    case 'send': {
      const texts = Array.from({ length: event.times }, (_, nth) => `${event.who} to ${event.to} ${number}.${nth}`)
      await Promise.all(texts.map((text) => village.ask(event.who, ({ messenger }) => messenger.send(event.to, text))))
      return
    }
    case 'read': return void (await village.ask(event.who, ({ messenger }) => messenger.markRead(event.to)))
    case 'edit':
    case 'remove':
    case 'react': return change(village, witness, event, number)
    case 'block': return void (await village.ask(event.who, ({ messenger }) => messenger.block(event.to)))
    case 'unblock': return void (await village.ask(event.who, ({ messenger }) => messenger.unblock(event.to)))
    case 'invite': return meetings.invite(event.who)
    case 'pair': return meetings.pair(event.who, event.to)
    case 'accept': return meetings.accept(event.who)
    case 'wait': return village.settle(event.ms)
    case 'sleep': {
      village.meets('sleep')
      return village.sleep(event.ms)
    }
    case 'skew': {
      village.person(event.who).skew.ms = event.ms
      return village.meets(event.ms === 0 ? 'clock set right' : event.ms < 0 ? 'clock set back' : 'clock set forward')
    }
    case 'restart': return village.restart(event.who)
    case 'kill': return village.kill(event.who)
    case 'die': return village.die(event.who, event.nth, event.moment, event.back)
    case 'busy': return village.busy(event.who, event.turns)
    case 'full': return village.full(event.who)
    case 'damage': return village.damage(event.who)
    case 'lose': return village.lose(event.who)
    case 'misdirect': return village.misdirect(event.who, event.share)
    case 'backUp': return village.backUp(event.who)
    case 'restore': {
      await village.restore(event.who, event.noticed)
      return bazaar.rewound(event.who)
    }
    case 'swap': return village.swap(event.who)
    case 'leave': return village.leave(event.who)
    case 'comeBack': return village.comeBack(event.who)
    case 'unreachable': return village.unreachable(event.who)
    case 'move': return village.world.network.move(village.person(event.who).device)
    case 'part': return village.part(event.side)
    case 'heal': return village.heal()
    case 'deafen': return village.deafen(event.from, event.to)
    case 'meet': return village.world.network.meet(village.person(event.who).device, village.person(event.to).device)
    case 'weather': return village.weather(event)
    case 'cut':
    case 'down':
    case 'replay':
    case 'vanish':
    case 'shuffle':
    case 'fill':
    case 'steal':
    case 'release':
    case 'cheat': return trouble(village, event)
    case 'post': return bazaar.post(event.by, `${event.by} posts ${number}`)
    case 'editPost': return bazaar.edit(event.by, event.nth, `${event.by} posts ${number}, better`)
    case 'withdraw': return bazaar.withdraw(event.by, event.nth)
    case 'prove': return bazaar.prove(event.who)
    case 'follow': return bazaar.follow('Eve')
    case 'certify': return bazaar.certify()
    case 'revoke': return bazaar.revoke()
    case 'rotate': return bazaar.rotate()
    case 'lie': {
      village.liar.lie = event.how === 'none' ? undefined : event.how
      return village.meets(`liar: ${event.how}`)
    }
    case 'echo': return bazaar.echo(event.nth, event.to, event.forged)
  }
}

async function change(village: Village, witness: Witness, event: Extract<Event, { do: 'edit' | 'remove' | 'react' }>, number: number): Promise<void> {
  const id = witness.own(event.who, event.nth)
  if (id === undefined) return
  await village.ask(event.who, async ({ messenger }): Promise<unknown> => {
    if (event.do === 'edit') return messenger.edit(id, `better ${number}`)
    return event.do === 'remove' ? messenger.remove(id) : messenger.react(id, '❤️')
  })
}

/** What a relay does, or what is done to it. */
function trouble(village: Village, event: Extract<Event, { node: string }>): void {
  const node = village.node(event.node)
  village.meets(`mailbox: ${event.do === 'cheat' ? event.how : event.do}`)
  if (event.do !== 'cut' && event.do !== 'down') village.orderly = false
  const queues = [...node.boxes.keys()]
  const queue = queues[village.world.clock.now() % Math.max(1, queues.length)]
  switch (event.do) {
    case 'cut': return node.hangUp()
    case 'down': {
      node.away = !node.away
      return node.hangUp()
    }
    case 'replay': return node.replay()
    case 'release': return node.release()
    case 'vanish': {
      node.vanish()
      node.away = false
      return
    }
    case 'shuffle': return holding(node) > 1 ? node.swap() : undefined
    case 'fill': return queue === undefined ? undefined : node.fill(queue)
    case 'steal': return queue === undefined ? undefined : node.steal(queue)
    case 'cheat': {
      node.lies[event.how] = event.share
      return
    }
  }
}

/** Queues with something in them. */
const holding = (node: MemoryNode): number => [...node.boxes.values()].filter(({ queue }) => queue.items.some(({ kind }) => kind === 'block')).length
