// generated from wire.proto by `npm run wire`; not edited by hand
import type { Codec, DecodeOptions } from 'protons-runtime';
import type { Uint8ArrayList } from 'uint8arraylist';
export interface Content {
    id: Uint8Array;
    at: number;
    expireAfter: number;
    text?: Text;
    edit?: Edit;
    delete?: Delete;
    reaction?: Reaction;
    receipt?: Receipt;
    typing?: Typing;
    timer?: Timer;
    profile?: Profile;
    addresses?: Addresses;
    pairing?: Pairing;
    deviceList?: DeviceList;
    staffOffer?: StaffOffer;
    staffKey?: StaffKey;
    staffRefused?: StaffRefused;
    mailboxes?: Mailboxes;
    taken?: Taken;
}
export declare namespace Content {
    const codec: () => Codec<Content>;
    interface ContentIdFieldEvent {
        field: '$.id';
        value: Uint8Array;
    }
    interface ContentAtFieldEvent {
        field: '$.at';
        value: number;
    }
    interface ContentExpireAfterFieldEvent {
        field: '$.expireAfter';
        value: number;
    }
    interface ContentTextTextFieldEvent {
        field: '$.text.text';
        value: Uint8Array;
    }
    interface ContentTextReplyToFieldEvent {
        field: '$.text.replyTo';
        value: Uint8Array;
    }
    interface ContentEditTargetFieldEvent {
        field: '$.edit.target';
        value: Uint8Array;
    }
    interface ContentEditTextFieldEvent {
        field: '$.edit.text';
        value: Uint8Array;
    }
    interface ContentDeleteTargetFieldEvent {
        field: '$.delete.target';
        value: Uint8Array;
    }
    interface ContentReactionTargetFieldEvent {
        field: '$.reaction.target';
        value: Uint8Array;
    }
    interface ContentReactionEmojiFieldEvent {
        field: '$.reaction.emoji';
        value: Uint8Array;
    }
    interface ContentReceiptStateFieldEvent {
        field: '$.receipt.state';
        value: Receipt.State;
    }
    interface ContentReceiptIdsFieldEvent {
        field: '$.receipt.ids[]';
        index: number;
        value: Uint8Array;
    }
    interface ContentTypingActiveFieldEvent {
        field: '$.typing.active';
        value: boolean;
    }
    interface ContentTimerSecondsFieldEvent {
        field: '$.timer.seconds';
        value: number;
    }
    interface ContentProfileNameFieldEvent {
        field: '$.profile.name';
        value: Uint8Array;
    }
    interface ContentProfilePictureFieldEvent {
        field: '$.profile.picture';
        value: Uint8Array;
    }
    interface ContentAddressesAddressesFieldEvent {
        field: '$.addresses.addresses[]';
        index: number;
        value: Uint8Array;
    }
    interface ContentPairingStepFieldEvent {
        field: '$.pairing.step';
        value: Pairing.Step;
    }
    interface ContentPairingNameFieldEvent {
        field: '$.pairing.name';
        value: Uint8Array;
    }
    interface ContentPairingPictureFieldEvent {
        field: '$.pairing.picture';
        value: Uint8Array;
    }
    interface ContentPairingAddressesFieldEvent {
        field: '$.pairing.addresses[]';
        index: number;
        value: Uint8Array;
    }
    interface ContentPairingMailboxesFieldEvent {
        field: '$.pairing.mailboxes';
        value: Uint8Array;
    }
    interface ContentDeviceListBytesFieldEvent {
        field: '$.deviceList.bytes';
        value: Uint8Array;
    }
    interface ContentStaffOfferLinkFieldEvent {
        field: '$.staffOffer.link';
        value: Uint8Array;
    }
    interface ContentStaffOfferNameFieldEvent {
        field: '$.staffOffer.name';
        value: Uint8Array;
    }
    interface ContentStaffOfferScopeFieldEvent {
        field: '$.staffOffer.scope';
        value: number;
    }
    interface ContentStaffOfferNotAfterFieldEvent {
        field: '$.staffOffer.notAfter';
        value: number;
    }
    interface ContentStaffOfferEntriesFieldEvent {
        field: '$.staffOffer.entries';
        value: number;
    }
    interface ContentStaffOfferAuthorFieldEvent {
        field: '$.staffOffer.author';
        value: Uint8Array;
    }
    interface ContentStaffKeyChannelFieldEvent {
        field: '$.staffKey.channel';
        value: Uint8Array;
    }
    interface ContentStaffKeyKeyFieldEvent {
        field: '$.staffKey.key';
        value: Uint8Array;
    }
    interface ContentStaffKeyProofFieldEvent {
        field: '$.staffKey.proof';
        value: Uint8Array;
    }
    interface ContentStaffRefusedChannelFieldEvent {
        field: '$.staffRefused.channel';
        value: Uint8Array;
    }
    interface ContentMailboxesBytesFieldEvent {
        field: '$.mailboxes.bytes';
        value: Uint8Array;
    }
    interface ContentTakenIdsFieldEvent {
        field: '$.taken.ids[]';
        index: number;
        value: Uint8Array;
    }
    function encode(obj: Partial<Content>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Content>): Content;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Content>): Generator<ContentIdFieldEvent | ContentAtFieldEvent | ContentExpireAfterFieldEvent | ContentTextTextFieldEvent | ContentTextReplyToFieldEvent | ContentEditTargetFieldEvent | ContentEditTextFieldEvent | ContentDeleteTargetFieldEvent | ContentReactionTargetFieldEvent | ContentReactionEmojiFieldEvent | ContentReceiptStateFieldEvent | ContentReceiptIdsFieldEvent | ContentTypingActiveFieldEvent | ContentTimerSecondsFieldEvent | ContentProfileNameFieldEvent | ContentProfilePictureFieldEvent | ContentAddressesAddressesFieldEvent | ContentPairingStepFieldEvent | ContentPairingNameFieldEvent | ContentPairingPictureFieldEvent | ContentPairingAddressesFieldEvent | ContentPairingMailboxesFieldEvent | ContentDeviceListBytesFieldEvent | ContentStaffOfferLinkFieldEvent | ContentStaffOfferNameFieldEvent | ContentStaffOfferScopeFieldEvent | ContentStaffOfferNotAfterFieldEvent | ContentStaffOfferEntriesFieldEvent | ContentStaffOfferAuthorFieldEvent | ContentStaffKeyChannelFieldEvent | ContentStaffKeyKeyFieldEvent | ContentStaffKeyProofFieldEvent | ContentStaffRefusedChannelFieldEvent | ContentMailboxesBytesFieldEvent | ContentTakenIdsFieldEvent>;
}
export interface Text {
    text: Uint8Array;
    replyTo: Uint8Array;
}
export declare namespace Text {
    const codec: () => Codec<Text>;
    interface TextTextFieldEvent {
        field: '$.text';
        value: Uint8Array;
    }
    interface TextReplyToFieldEvent {
        field: '$.replyTo';
        value: Uint8Array;
    }
    function encode(obj: Partial<Text>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Text>): Text;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Text>): Generator<TextTextFieldEvent | TextReplyToFieldEvent>;
}
export interface Edit {
    target: Uint8Array;
    text: Uint8Array;
}
export declare namespace Edit {
    const codec: () => Codec<Edit>;
    interface EditTargetFieldEvent {
        field: '$.target';
        value: Uint8Array;
    }
    interface EditTextFieldEvent {
        field: '$.text';
        value: Uint8Array;
    }
    function encode(obj: Partial<Edit>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Edit>): Edit;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Edit>): Generator<EditTargetFieldEvent | EditTextFieldEvent>;
}
export interface Delete {
    target: Uint8Array;
}
export declare namespace Delete {
    const codec: () => Codec<Delete>;
    interface DeleteTargetFieldEvent {
        field: '$.target';
        value: Uint8Array;
    }
    function encode(obj: Partial<Delete>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Delete>): Delete;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Delete>): Generator<DeleteTargetFieldEvent>;
}
export interface Reaction {
    target: Uint8Array;
    emoji: Uint8Array;
}
export declare namespace Reaction {
    const codec: () => Codec<Reaction>;
    interface ReactionTargetFieldEvent {
        field: '$.target';
        value: Uint8Array;
    }
    interface ReactionEmojiFieldEvent {
        field: '$.emoji';
        value: Uint8Array;
    }
    function encode(obj: Partial<Reaction>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Reaction>): Reaction;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Reaction>): Generator<ReactionTargetFieldEvent | ReactionEmojiFieldEvent>;
}
export interface Receipt {
    state: Receipt.State;
    ids: Uint8Array[];
}
export declare namespace Receipt {
    enum State {
        NONE = "NONE",
        DELIVERED = "DELIVERED",
        READ = "READ"
    }
    namespace State {
        const codec: () => Codec<State>;
    }
    const codec: () => Codec<Receipt>;
    interface ReceiptStateFieldEvent {
        field: '$.state';
        value: Receipt.State;
    }
    interface ReceiptIdsFieldEvent {
        field: '$.ids[]';
        index: number;
        value: Uint8Array;
    }
    function encode(obj: Partial<Receipt>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Receipt>): Receipt;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Receipt>): Generator<ReceiptStateFieldEvent | ReceiptIdsFieldEvent>;
}
export interface Typing {
    active: boolean;
}
export declare namespace Typing {
    const codec: () => Codec<Typing>;
    interface TypingActiveFieldEvent {
        field: '$.active';
        value: boolean;
    }
    function encode(obj: Partial<Typing>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Typing>): Typing;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Typing>): Generator<TypingActiveFieldEvent>;
}
export interface Timer {
    seconds: number;
}
export declare namespace Timer {
    const codec: () => Codec<Timer>;
    interface TimerSecondsFieldEvent {
        field: '$.seconds';
        value: number;
    }
    function encode(obj: Partial<Timer>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Timer>): Timer;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Timer>): Generator<TimerSecondsFieldEvent>;
}
export interface Profile {
    name: Uint8Array;
    picture: Uint8Array;
}
export declare namespace Profile {
    const codec: () => Codec<Profile>;
    interface ProfileNameFieldEvent {
        field: '$.name';
        value: Uint8Array;
    }
    interface ProfilePictureFieldEvent {
        field: '$.picture';
        value: Uint8Array;
    }
    function encode(obj: Partial<Profile>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Profile>): Profile;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Profile>): Generator<ProfileNameFieldEvent | ProfilePictureFieldEvent>;
}
export interface Addresses {
    addresses: Uint8Array[];
}
export declare namespace Addresses {
    const codec: () => Codec<Addresses>;
    interface AddressesAddressesFieldEvent {
        field: '$.addresses[]';
        index: number;
        value: Uint8Array;
    }
    function encode(obj: Partial<Addresses>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Addresses>): Addresses;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Addresses>): Generator<AddressesAddressesFieldEvent>;
}
export interface Pairing {
    step: Pairing.Step;
    name: Uint8Array;
    picture: Uint8Array;
    addresses: Uint8Array[];
    mailboxes: Uint8Array;
}
export declare namespace Pairing {
    enum Step {
        NONE = "NONE",
        HELLO = "HELLO",
        PENDING = "PENDING",
        ACCEPTED = "ACCEPTED",
        REFUSED = "REFUSED"
    }
    namespace Step {
        const codec: () => Codec<Step>;
    }
    const codec: () => Codec<Pairing>;
    interface PairingStepFieldEvent {
        field: '$.step';
        value: Pairing.Step;
    }
    interface PairingNameFieldEvent {
        field: '$.name';
        value: Uint8Array;
    }
    interface PairingPictureFieldEvent {
        field: '$.picture';
        value: Uint8Array;
    }
    interface PairingAddressesFieldEvent {
        field: '$.addresses[]';
        index: number;
        value: Uint8Array;
    }
    interface PairingMailboxesFieldEvent {
        field: '$.mailboxes';
        value: Uint8Array;
    }
    function encode(obj: Partial<Pairing>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Pairing>): Pairing;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Pairing>): Generator<PairingStepFieldEvent | PairingNameFieldEvent | PairingPictureFieldEvent | PairingAddressesFieldEvent | PairingMailboxesFieldEvent>;
}
export interface DeviceList {
    bytes: Uint8Array;
}
export declare namespace DeviceList {
    const codec: () => Codec<DeviceList>;
    interface DeviceListBytesFieldEvent {
        field: '$.bytes';
        value: Uint8Array;
    }
    function encode(obj: Partial<DeviceList>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DeviceList>): DeviceList;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DeviceList>): Generator<DeviceListBytesFieldEvent>;
}
export interface StaffOffer {
    link: Uint8Array;
    name: Uint8Array;
    scope: number;
    notAfter: number;
    entries: number;
    author: Uint8Array;
}
export declare namespace StaffOffer {
    const codec: () => Codec<StaffOffer>;
    interface StaffOfferLinkFieldEvent {
        field: '$.link';
        value: Uint8Array;
    }
    interface StaffOfferNameFieldEvent {
        field: '$.name';
        value: Uint8Array;
    }
    interface StaffOfferScopeFieldEvent {
        field: '$.scope';
        value: number;
    }
    interface StaffOfferNotAfterFieldEvent {
        field: '$.notAfter';
        value: number;
    }
    interface StaffOfferEntriesFieldEvent {
        field: '$.entries';
        value: number;
    }
    interface StaffOfferAuthorFieldEvent {
        field: '$.author';
        value: Uint8Array;
    }
    function encode(obj: Partial<StaffOffer>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StaffOffer>): StaffOffer;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StaffOffer>): Generator<StaffOfferLinkFieldEvent | StaffOfferNameFieldEvent | StaffOfferScopeFieldEvent | StaffOfferNotAfterFieldEvent | StaffOfferEntriesFieldEvent | StaffOfferAuthorFieldEvent>;
}
export interface StaffKey {
    channel: Uint8Array;
    key: Uint8Array;
    proof: Uint8Array;
}
export declare namespace StaffKey {
    const codec: () => Codec<StaffKey>;
    interface StaffKeyChannelFieldEvent {
        field: '$.channel';
        value: Uint8Array;
    }
    interface StaffKeyKeyFieldEvent {
        field: '$.key';
        value: Uint8Array;
    }
    interface StaffKeyProofFieldEvent {
        field: '$.proof';
        value: Uint8Array;
    }
    function encode(obj: Partial<StaffKey>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StaffKey>): StaffKey;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StaffKey>): Generator<StaffKeyChannelFieldEvent | StaffKeyKeyFieldEvent | StaffKeyProofFieldEvent>;
}
export interface StaffRefused {
    channel: Uint8Array;
}
export declare namespace StaffRefused {
    const codec: () => Codec<StaffRefused>;
    interface StaffRefusedChannelFieldEvent {
        field: '$.channel';
        value: Uint8Array;
    }
    function encode(obj: Partial<StaffRefused>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StaffRefused>): StaffRefused;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StaffRefused>): Generator<StaffRefusedChannelFieldEvent>;
}
export interface Mailboxes {
    bytes: Uint8Array;
}
export declare namespace Mailboxes {
    const codec: () => Codec<Mailboxes>;
    interface MailboxesBytesFieldEvent {
        field: '$.bytes';
        value: Uint8Array;
    }
    function encode(obj: Partial<Mailboxes>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Mailboxes>): Mailboxes;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Mailboxes>): Generator<MailboxesBytesFieldEvent>;
}
export interface Taken {
    ids: Uint8Array[];
}
export declare namespace Taken {
    const codec: () => Codec<Taken>;
    interface TakenIdsFieldEvent {
        field: '$.ids[]';
        index: number;
        value: Uint8Array;
    }
    function encode(obj: Partial<Taken>): Uint8Array;
    function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Taken>): Taken;
    function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Taken>): Generator<TakenIdsFieldEvent>;
}
