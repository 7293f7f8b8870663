export { decodeContent, encodeContent } from './codec.ts'
export type {
  Addresses,
  Content,
  Delete,
  DeviceList,
  Edit,
  Mailboxes,
  Pairing,
  Profile,
  Reaction,
  Receipt,
  StaffKey,
  StaffOffer,
  StaffRefused,
  Taken,
  Text,
  Timer,
  Typing,
  Unknown,
} from './content.ts'
export { ContentError, type ContentErrorCode } from './errors.ts'
export {
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  MAX_CONTENT_BYTES,
  MAX_EMOJI_BYTES,
  MAX_NAME_BYTES,
  MAX_PICTURE_BYTES,
  MAX_RECEIPT_IDS,
  MAX_TEXT_BYTES,
  MAX_TIMER_SECONDS,
} from './limits.ts'
export { shortenName } from './name.ts'
