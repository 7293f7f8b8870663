/** A conversation as the terminal shows it. Pure: events in, next state out. */
import type { ContactView, EventView, MessageView } from '../../messenger/views.ts'

export interface ChatState {
  readonly contact: ContactView
  /** oldest first */
  readonly messages: readonly MessageView[]
  /** when they were last heard typing */
  readonly typingAt: number | undefined
  /** false while the node does not answer */
  readonly connected: boolean
  /** a passing line for the person */
  readonly note: string
  /** lines scrolled up from the newest */
  readonly scroll: number
}

/** A "typing" that is never taken back fades. */
export const TYPING_FADES_MS = 8_000

export const newChat = (contact: ContactView, messages: readonly MessageView[]): ChatState => ({
  contact,
  messages,
  typingAt: undefined,
  connected: true,
  note: '',
  scroll: 0,
})

export const isTyping = (state: ChatState, now: number): boolean => state.typingAt !== undefined && now - state.typingAt < TYPING_FADES_MS

/** Same id: replaces; new: at the end. */
export function withMessage(state: ChatState, message: MessageView): ChatState {
  if (message.contact !== state.contact.account) return state
  const at = state.messages.findLastIndex((one) => one.id === message.id)
  const typingAt = message.direction === 'in' ? undefined : state.typingAt
  return { ...state, typingAt, messages: at < 0 ? [...state.messages, message] : state.messages.with(at, message) }
}

export function happened(state: ChatState, event: EventView, now: number): ChatState {
  const { account } = state.contact
  switch (event.type) {
    case 'message':
      return withMessage(state, event.message)
    case 'changed':
      return state.messages.some((one) => one.id === event.message.id) ? withMessage(state, event.message) : state
    case 'removed':
      return { ...state, messages: state.messages.filter((one) => one.id !== event.message) }
    case 'contact':
      return event.contact.account === account ? { ...state, contact: event.contact } : state
    case 'typing':
      return event.contact === account ? { ...state, typingAt: event.active ? now : undefined } : state
    case 'online':
      return event.contact === account ? { ...state, contact: { ...state.contact, online: event.online } } : state
    case 'request':
      return { ...state, note: event.request.account === account ? 'They have a new device, see: dure requests' : 'Someone waits for your answer, see: dure requests' }
    case 'warning':
      return { ...state, note: event.text }
    // channels have no place in a conversation
    case 'post':
    case 'channel':
    case 'digest':
    case 'invitation':
      return state
  }
}

/** The nth message from the end of one side that is no notice and not deleted. */
export const messageBack = (state: ChatState, direction: 'in' | 'out', back: number): MessageView | undefined =>
  state.messages.filter((one) => one.direction === direction && one.kind === 'text' && !one.deleted).at(-back)

export const lastIncoming = (state: ChatState): MessageView | undefined => state.messages.findLast((one) => one.direction === 'in' && one.kind !== 'notice')
