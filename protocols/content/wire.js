// generated from wire.proto by `npm run wire`; not edited by hand
import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime';
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc';
export var Content;
(function (Content) {
    let _codec;
    Content.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                obj = { ...obj };
                if (obj.taken != null) {
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.mailboxes != null) {
                    obj.taken = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.staffRefused != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.staffKey != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.staffOffer != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.deviceList != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.pairing != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.addresses != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.profile != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.timer != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.typing != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.receipt != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.reaction != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.delete != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.edit = undefined;
                    obj.text = undefined;
                }
                if (obj.edit != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.text = undefined;
                }
                if (obj.text != null) {
                    obj.taken = undefined;
                    obj.mailboxes = undefined;
                    obj.staffRefused = undefined;
                    obj.staffKey = undefined;
                    obj.staffOffer = undefined;
                    obj.deviceList = undefined;
                    obj.pairing = undefined;
                    obj.addresses = undefined;
                    obj.profile = undefined;
                    obj.timer = undefined;
                    obj.typing = undefined;
                    obj.receipt = undefined;
                    obj.reaction = undefined;
                    obj.delete = undefined;
                    obj.edit = undefined;
                }
                if ((obj.id != null && obj.id.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.id);
                }
                if ((obj.at != null && obj.at !== 0)) {
                    w.uint32(16);
                    w.uint64Number(obj.at);
                }
                if ((obj.expireAfter != null && obj.expireAfter !== 0)) {
                    w.uint32(24);
                    w.uint32(obj.expireAfter);
                }
                if (obj.text != null) {
                    w.uint32(130);
                    Text.codec().encode(obj.text, w);
                }
                if (obj.edit != null) {
                    w.uint32(138);
                    Edit.codec().encode(obj.edit, w);
                }
                if (obj.delete != null) {
                    w.uint32(146);
                    Delete.codec().encode(obj.delete, w);
                }
                if (obj.reaction != null) {
                    w.uint32(154);
                    Reaction.codec().encode(obj.reaction, w);
                }
                if (obj.receipt != null) {
                    w.uint32(162);
                    Receipt.codec().encode(obj.receipt, w);
                }
                if (obj.typing != null) {
                    w.uint32(170);
                    Typing.codec().encode(obj.typing, w);
                }
                if (obj.timer != null) {
                    w.uint32(178);
                    Timer.codec().encode(obj.timer, w);
                }
                if (obj.profile != null) {
                    w.uint32(186);
                    Profile.codec().encode(obj.profile, w);
                }
                if (obj.addresses != null) {
                    w.uint32(194);
                    Addresses.codec().encode(obj.addresses, w);
                }
                if (obj.pairing != null) {
                    w.uint32(202);
                    Pairing.codec().encode(obj.pairing, w);
                }
                if (obj.deviceList != null) {
                    w.uint32(210);
                    DeviceList.codec().encode(obj.deviceList, w);
                }
                if (obj.staffOffer != null) {
                    w.uint32(218);
                    StaffOffer.codec().encode(obj.staffOffer, w);
                }
                if (obj.staffKey != null) {
                    w.uint32(226);
                    StaffKey.codec().encode(obj.staffKey, w);
                }
                if (obj.staffRefused != null) {
                    w.uint32(234);
                    StaffRefused.codec().encode(obj.staffRefused, w);
                }
                if (obj.mailboxes != null) {
                    w.uint32(242);
                    Mailboxes.codec().encode(obj.mailboxes, w);
                }
                if (obj.taken != null) {
                    w.uint32(250);
                    Taken.codec().encode(obj.taken, w);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    id: uint8ArrayAlloc(0),
                    at: 0,
                    expireAfter: 0
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.id = reader.bytes();
                            break;
                        }
                        case 2: {
                            obj.at = reader.uint64Number();
                            break;
                        }
                        case 3: {
                            obj.expireAfter = reader.uint32();
                            break;
                        }
                        case 16: {
                            obj.text = Text.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.text
                            });
                            break;
                        }
                        case 17: {
                            obj.edit = Edit.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.edit
                            });
                            break;
                        }
                        case 18: {
                            obj.delete = Delete.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.delete
                            });
                            break;
                        }
                        case 19: {
                            obj.reaction = Reaction.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.reaction
                            });
                            break;
                        }
                        case 20: {
                            obj.receipt = Receipt.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.receipt
                            });
                            break;
                        }
                        case 21: {
                            obj.typing = Typing.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.typing
                            });
                            break;
                        }
                        case 22: {
                            obj.timer = Timer.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.timer
                            });
                            break;
                        }
                        case 23: {
                            obj.profile = Profile.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.profile
                            });
                            break;
                        }
                        case 24: {
                            obj.addresses = Addresses.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.addresses
                            });
                            break;
                        }
                        case 25: {
                            obj.pairing = Pairing.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.pairing
                            });
                            break;
                        }
                        case 26: {
                            obj.deviceList = DeviceList.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.deviceList
                            });
                            break;
                        }
                        case 27: {
                            obj.staffOffer = StaffOffer.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.staffOffer
                            });
                            break;
                        }
                        case 28: {
                            obj.staffKey = StaffKey.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.staffKey
                            });
                            break;
                        }
                        case 29: {
                            obj.staffRefused = StaffRefused.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.staffRefused
                            });
                            break;
                        }
                        case 30: {
                            obj.mailboxes = Mailboxes.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.mailboxes
                            });
                            break;
                        }
                        case 31: {
                            obj.taken = Taken.codec().decode(reader, reader.uint32(), {
                                limits: opts.limits?.taken
                            });
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                if (obj.taken != null) {
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.mailboxes != null) {
                    delete obj.taken;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.staffRefused != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.staffKey != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.staffOffer != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.deviceList != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.pairing != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.addresses != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.profile != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.timer != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.typing != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.receipt != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.reaction != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.delete;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.delete != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.edit;
                    delete obj.text;
                }
                if (obj.edit != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.text;
                }
                if (obj.text != null) {
                    delete obj.taken;
                    delete obj.mailboxes;
                    delete obj.staffRefused;
                    delete obj.staffKey;
                    delete obj.staffOffer;
                    delete obj.deviceList;
                    delete obj.pairing;
                    delete obj.addresses;
                    delete obj.profile;
                    delete obj.timer;
                    delete obj.typing;
                    delete obj.receipt;
                    delete obj.reaction;
                    delete obj.delete;
                    delete obj.edit;
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.id`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.at`,
                                value: reader.uint64Number()
                            };
                            break;
                        }
                        case 3: {
                            yield {
                                field: `${prefix}.expireAfter`,
                                value: reader.uint32()
                            };
                            break;
                        }
                        case 16: {
                            yield* Text.codec().stream(reader, reader.uint32(), `${prefix}.text`, {
                                limits: opts.limits?.text
                            });
                            break;
                        }
                        case 17: {
                            yield* Edit.codec().stream(reader, reader.uint32(), `${prefix}.edit`, {
                                limits: opts.limits?.edit
                            });
                            break;
                        }
                        case 18: {
                            yield* Delete.codec().stream(reader, reader.uint32(), `${prefix}.delete`, {
                                limits: opts.limits?.delete
                            });
                            break;
                        }
                        case 19: {
                            yield* Reaction.codec().stream(reader, reader.uint32(), `${prefix}.reaction`, {
                                limits: opts.limits?.reaction
                            });
                            break;
                        }
                        case 20: {
                            yield* Receipt.codec().stream(reader, reader.uint32(), `${prefix}.receipt`, {
                                limits: opts.limits?.receipt
                            });
                            break;
                        }
                        case 21: {
                            yield* Typing.codec().stream(reader, reader.uint32(), `${prefix}.typing`, {
                                limits: opts.limits?.typing
                            });
                            break;
                        }
                        case 22: {
                            yield* Timer.codec().stream(reader, reader.uint32(), `${prefix}.timer`, {
                                limits: opts.limits?.timer
                            });
                            break;
                        }
                        case 23: {
                            yield* Profile.codec().stream(reader, reader.uint32(), `${prefix}.profile`, {
                                limits: opts.limits?.profile
                            });
                            break;
                        }
                        case 24: {
                            yield* Addresses.codec().stream(reader, reader.uint32(), `${prefix}.addresses`, {
                                limits: opts.limits?.addresses
                            });
                            break;
                        }
                        case 25: {
                            yield* Pairing.codec().stream(reader, reader.uint32(), `${prefix}.pairing`, {
                                limits: opts.limits?.pairing
                            });
                            break;
                        }
                        case 26: {
                            yield* DeviceList.codec().stream(reader, reader.uint32(), `${prefix}.deviceList`, {
                                limits: opts.limits?.deviceList
                            });
                            break;
                        }
                        case 27: {
                            yield* StaffOffer.codec().stream(reader, reader.uint32(), `${prefix}.staffOffer`, {
                                limits: opts.limits?.staffOffer
                            });
                            break;
                        }
                        case 28: {
                            yield* StaffKey.codec().stream(reader, reader.uint32(), `${prefix}.staffKey`, {
                                limits: opts.limits?.staffKey
                            });
                            break;
                        }
                        case 29: {
                            yield* StaffRefused.codec().stream(reader, reader.uint32(), `${prefix}.staffRefused`, {
                                limits: opts.limits?.staffRefused
                            });
                            break;
                        }
                        case 30: {
                            yield* Mailboxes.codec().stream(reader, reader.uint32(), `${prefix}.mailboxes`, {
                                limits: opts.limits?.mailboxes
                            });
                            break;
                        }
                        case 31: {
                            yield* Taken.codec().stream(reader, reader.uint32(), `${prefix}.taken`, {
                                limits: opts.limits?.taken
                            });
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Content.codec());
    }
    Content.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Content.codec(), opts);
    }
    Content.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Content.codec(), opts);
    }
    Content.stream = stream;
})(Content || (Content = {}));
export var Text;
(function (Text) {
    let _codec;
    Text.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.text != null && obj.text.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.text);
                }
                if ((obj.replyTo != null && obj.replyTo.byteLength > 0)) {
                    w.uint32(18);
                    w.bytes(obj.replyTo);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    text: uint8ArrayAlloc(0),
                    replyTo: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.text = reader.bytes();
                            break;
                        }
                        case 2: {
                            obj.replyTo = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.text`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.replyTo`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Text.codec());
    }
    Text.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Text.codec(), opts);
    }
    Text.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Text.codec(), opts);
    }
    Text.stream = stream;
})(Text || (Text = {}));
export var Edit;
(function (Edit) {
    let _codec;
    Edit.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.target != null && obj.target.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.target);
                }
                if ((obj.text != null && obj.text.byteLength > 0)) {
                    w.uint32(18);
                    w.bytes(obj.text);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    target: uint8ArrayAlloc(0),
                    text: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.target = reader.bytes();
                            break;
                        }
                        case 2: {
                            obj.text = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.target`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.text`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Edit.codec());
    }
    Edit.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Edit.codec(), opts);
    }
    Edit.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Edit.codec(), opts);
    }
    Edit.stream = stream;
})(Edit || (Edit = {}));
export var Delete;
(function (Delete) {
    let _codec;
    Delete.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.target != null && obj.target.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.target);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    target: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.target = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.target`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Delete.codec());
    }
    Delete.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Delete.codec(), opts);
    }
    Delete.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Delete.codec(), opts);
    }
    Delete.stream = stream;
})(Delete || (Delete = {}));
export var Reaction;
(function (Reaction) {
    let _codec;
    Reaction.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.target != null && obj.target.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.target);
                }
                if ((obj.emoji != null && obj.emoji.byteLength > 0)) {
                    w.uint32(18);
                    w.bytes(obj.emoji);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    target: uint8ArrayAlloc(0),
                    emoji: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.target = reader.bytes();
                            break;
                        }
                        case 2: {
                            obj.emoji = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.target`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.emoji`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Reaction.codec());
    }
    Reaction.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Reaction.codec(), opts);
    }
    Reaction.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Reaction.codec(), opts);
    }
    Reaction.stream = stream;
})(Reaction || (Reaction = {}));
export var Receipt;
(function (Receipt) {
    let State;
    (function (State) {
        State["NONE"] = "NONE";
        State["DELIVERED"] = "DELIVERED";
        State["READ"] = "READ";
    })(State = Receipt.State || (Receipt.State = {}));
    let __StateValues;
    (function (__StateValues) {
        __StateValues[__StateValues["NONE"] = 0] = "NONE";
        __StateValues[__StateValues["DELIVERED"] = 1] = "DELIVERED";
        __StateValues[__StateValues["READ"] = 2] = "READ";
    })(__StateValues || (__StateValues = {}));
    (function (State) {
        State.codec = () => {
            return enumeration(__StateValues);
        };
    })(State = Receipt.State || (Receipt.State = {}));
    let _codec;
    Receipt.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if (obj.state != null && __StateValues[obj.state] !== 0) {
                    w.uint32(8);
                    Receipt.State.codec().encode(obj.state, w);
                }
                if (obj.ids != null && obj.ids.length > 0) {
                    for (const value of obj.ids) {
                        w.uint32(18);
                        w.bytes(value);
                    }
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    state: State.NONE,
                    ids: []
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.state = Receipt.State.codec().decode(reader);
                            break;
                        }
                        case 2: {
                            if (opts.limits?.ids != null && obj.ids.length === opts.limits.ids) {
                                throw new MaxLengthError('Decode error - repeated field "ids" had too many elements');
                            }
                            obj.ids.push(reader.bytes());
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const obj = {
                    ids: 0
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.state`,
                                value: Receipt.State.codec().decode(reader)
                            };
                            break;
                        }
                        case 2: {
                            if (opts.limits?.ids != null && obj.ids === opts.limits.ids) {
                                throw new MaxLengthError('Streaming decode error - repeated field "ids" had too many elements');
                            }
                            yield {
                                field: `${prefix}.ids[]`,
                                index: obj.ids,
                                value: reader.bytes()
                            };
                            obj.ids++;
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Receipt.codec());
    }
    Receipt.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Receipt.codec(), opts);
    }
    Receipt.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Receipt.codec(), opts);
    }
    Receipt.stream = stream;
})(Receipt || (Receipt = {}));
export var Typing;
(function (Typing) {
    let _codec;
    Typing.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.active != null && obj.active !== false)) {
                    w.uint32(8);
                    w.bool(obj.active);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    active: false
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.active = reader.bool();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.active`,
                                value: reader.bool()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Typing.codec());
    }
    Typing.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Typing.codec(), opts);
    }
    Typing.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Typing.codec(), opts);
    }
    Typing.stream = stream;
})(Typing || (Typing = {}));
export var Timer;
(function (Timer) {
    let _codec;
    Timer.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.seconds != null && obj.seconds !== 0)) {
                    w.uint32(8);
                    w.uint32(obj.seconds);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    seconds: 0
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.seconds = reader.uint32();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.seconds`,
                                value: reader.uint32()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Timer.codec());
    }
    Timer.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Timer.codec(), opts);
    }
    Timer.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Timer.codec(), opts);
    }
    Timer.stream = stream;
})(Timer || (Timer = {}));
export var Profile;
(function (Profile) {
    let _codec;
    Profile.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.name != null && obj.name.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.name);
                }
                if ((obj.picture != null && obj.picture.byteLength > 0)) {
                    w.uint32(18);
                    w.bytes(obj.picture);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    name: uint8ArrayAlloc(0),
                    picture: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.name = reader.bytes();
                            break;
                        }
                        case 2: {
                            obj.picture = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.name`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.picture`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Profile.codec());
    }
    Profile.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Profile.codec(), opts);
    }
    Profile.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Profile.codec(), opts);
    }
    Profile.stream = stream;
})(Profile || (Profile = {}));
export var Addresses;
(function (Addresses) {
    let _codec;
    Addresses.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if (obj.addresses != null && obj.addresses.length > 0) {
                    for (const value of obj.addresses) {
                        w.uint32(10);
                        w.bytes(value);
                    }
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    addresses: []
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements');
                            }
                            obj.addresses.push(reader.bytes());
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const obj = {
                    addresses: 0
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements');
                            }
                            yield {
                                field: `${prefix}.addresses[]`,
                                index: obj.addresses,
                                value: reader.bytes()
                            };
                            obj.addresses++;
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Addresses.codec());
    }
    Addresses.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Addresses.codec(), opts);
    }
    Addresses.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Addresses.codec(), opts);
    }
    Addresses.stream = stream;
})(Addresses || (Addresses = {}));
export var Pairing;
(function (Pairing) {
    let Step;
    (function (Step) {
        Step["NONE"] = "NONE";
        Step["HELLO"] = "HELLO";
        Step["PENDING"] = "PENDING";
        Step["ACCEPTED"] = "ACCEPTED";
        Step["REFUSED"] = "REFUSED";
    })(Step = Pairing.Step || (Pairing.Step = {}));
    let __StepValues;
    (function (__StepValues) {
        __StepValues[__StepValues["NONE"] = 0] = "NONE";
        __StepValues[__StepValues["HELLO"] = 1] = "HELLO";
        __StepValues[__StepValues["PENDING"] = 2] = "PENDING";
        __StepValues[__StepValues["ACCEPTED"] = 3] = "ACCEPTED";
        __StepValues[__StepValues["REFUSED"] = 4] = "REFUSED";
    })(__StepValues || (__StepValues = {}));
    (function (Step) {
        Step.codec = () => {
            return enumeration(__StepValues);
        };
    })(Step = Pairing.Step || (Pairing.Step = {}));
    let _codec;
    Pairing.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if (obj.step != null && __StepValues[obj.step] !== 0) {
                    w.uint32(8);
                    Pairing.Step.codec().encode(obj.step, w);
                }
                if ((obj.name != null && obj.name.byteLength > 0)) {
                    w.uint32(18);
                    w.bytes(obj.name);
                }
                if ((obj.picture != null && obj.picture.byteLength > 0)) {
                    w.uint32(26);
                    w.bytes(obj.picture);
                }
                if (obj.addresses != null && obj.addresses.length > 0) {
                    for (const value of obj.addresses) {
                        w.uint32(34);
                        w.bytes(value);
                    }
                }
                if ((obj.mailboxes != null && obj.mailboxes.byteLength > 0)) {
                    w.uint32(42);
                    w.bytes(obj.mailboxes);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    step: Step.NONE,
                    name: uint8ArrayAlloc(0),
                    picture: uint8ArrayAlloc(0),
                    addresses: [],
                    mailboxes: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.step = Pairing.Step.codec().decode(reader);
                            break;
                        }
                        case 2: {
                            obj.name = reader.bytes();
                            break;
                        }
                        case 3: {
                            obj.picture = reader.bytes();
                            break;
                        }
                        case 4: {
                            if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements');
                            }
                            obj.addresses.push(reader.bytes());
                            break;
                        }
                        case 5: {
                            obj.mailboxes = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const obj = {
                    addresses: 0
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.step`,
                                value: Pairing.Step.codec().decode(reader)
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.name`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 3: {
                            yield {
                                field: `${prefix}.picture`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 4: {
                            if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements');
                            }
                            yield {
                                field: `${prefix}.addresses[]`,
                                index: obj.addresses,
                                value: reader.bytes()
                            };
                            obj.addresses++;
                            break;
                        }
                        case 5: {
                            yield {
                                field: `${prefix}.mailboxes`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Pairing.codec());
    }
    Pairing.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Pairing.codec(), opts);
    }
    Pairing.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Pairing.codec(), opts);
    }
    Pairing.stream = stream;
})(Pairing || (Pairing = {}));
export var DeviceList;
(function (DeviceList) {
    let _codec;
    DeviceList.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.bytes != null && obj.bytes.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.bytes);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    bytes: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.bytes = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.bytes`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, DeviceList.codec());
    }
    DeviceList.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, DeviceList.codec(), opts);
    }
    DeviceList.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, DeviceList.codec(), opts);
    }
    DeviceList.stream = stream;
})(DeviceList || (DeviceList = {}));
export var StaffOffer;
(function (StaffOffer) {
    let _codec;
    StaffOffer.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.link != null && obj.link.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.link);
                }
                if ((obj.name != null && obj.name.byteLength > 0)) {
                    w.uint32(18);
                    w.bytes(obj.name);
                }
                if ((obj.scope != null && obj.scope !== 0)) {
                    w.uint32(24);
                    w.uint32(obj.scope);
                }
                if ((obj.notAfter != null && obj.notAfter !== 0)) {
                    w.uint32(32);
                    w.uint64Number(obj.notAfter);
                }
                if ((obj.entries != null && obj.entries !== 0)) {
                    w.uint32(40);
                    w.uint32(obj.entries);
                }
                if ((obj.author != null && obj.author.byteLength > 0)) {
                    w.uint32(50);
                    w.bytes(obj.author);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    link: uint8ArrayAlloc(0),
                    name: uint8ArrayAlloc(0),
                    scope: 0,
                    notAfter: 0,
                    entries: 0,
                    author: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.link = reader.bytes();
                            break;
                        }
                        case 2: {
                            obj.name = reader.bytes();
                            break;
                        }
                        case 3: {
                            obj.scope = reader.uint32();
                            break;
                        }
                        case 4: {
                            obj.notAfter = reader.uint64Number();
                            break;
                        }
                        case 5: {
                            obj.entries = reader.uint32();
                            break;
                        }
                        case 6: {
                            obj.author = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.link`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.name`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 3: {
                            yield {
                                field: `${prefix}.scope`,
                                value: reader.uint32()
                            };
                            break;
                        }
                        case 4: {
                            yield {
                                field: `${prefix}.notAfter`,
                                value: reader.uint64Number()
                            };
                            break;
                        }
                        case 5: {
                            yield {
                                field: `${prefix}.entries`,
                                value: reader.uint32()
                            };
                            break;
                        }
                        case 6: {
                            yield {
                                field: `${prefix}.author`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, StaffOffer.codec());
    }
    StaffOffer.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, StaffOffer.codec(), opts);
    }
    StaffOffer.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, StaffOffer.codec(), opts);
    }
    StaffOffer.stream = stream;
})(StaffOffer || (StaffOffer = {}));
export var StaffKey;
(function (StaffKey) {
    let _codec;
    StaffKey.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.channel != null && obj.channel.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.channel);
                }
                if ((obj.key != null && obj.key.byteLength > 0)) {
                    w.uint32(18);
                    w.bytes(obj.key);
                }
                if ((obj.proof != null && obj.proof.byteLength > 0)) {
                    w.uint32(26);
                    w.bytes(obj.proof);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    channel: uint8ArrayAlloc(0),
                    key: uint8ArrayAlloc(0),
                    proof: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.channel = reader.bytes();
                            break;
                        }
                        case 2: {
                            obj.key = reader.bytes();
                            break;
                        }
                        case 3: {
                            obj.proof = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.channel`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 2: {
                            yield {
                                field: `${prefix}.key`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        case 3: {
                            yield {
                                field: `${prefix}.proof`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, StaffKey.codec());
    }
    StaffKey.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, StaffKey.codec(), opts);
    }
    StaffKey.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, StaffKey.codec(), opts);
    }
    StaffKey.stream = stream;
})(StaffKey || (StaffKey = {}));
export var StaffRefused;
(function (StaffRefused) {
    let _codec;
    StaffRefused.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.channel != null && obj.channel.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.channel);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    channel: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.channel = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.channel`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, StaffRefused.codec());
    }
    StaffRefused.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, StaffRefused.codec(), opts);
    }
    StaffRefused.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, StaffRefused.codec(), opts);
    }
    StaffRefused.stream = stream;
})(StaffRefused || (StaffRefused = {}));
export var Mailboxes;
(function (Mailboxes) {
    let _codec;
    Mailboxes.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if ((obj.bytes != null && obj.bytes.byteLength > 0)) {
                    w.uint32(10);
                    w.bytes(obj.bytes);
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    bytes: uint8ArrayAlloc(0)
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            obj.bytes = reader.bytes();
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            yield {
                                field: `${prefix}.bytes`,
                                value: reader.bytes()
                            };
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Mailboxes.codec());
    }
    Mailboxes.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Mailboxes.codec(), opts);
    }
    Mailboxes.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Mailboxes.codec(), opts);
    }
    Mailboxes.stream = stream;
})(Mailboxes || (Mailboxes = {}));
export var Taken;
(function (Taken) {
    let _codec;
    Taken.codec = () => {
        if (_codec == null) {
            _codec = message((obj, w, opts = {}) => {
                if (opts.lengthDelimited !== false) {
                    w.fork();
                }
                if (obj.ids != null && obj.ids.length > 0) {
                    for (const value of obj.ids) {
                        w.uint32(10);
                        w.bytes(value);
                    }
                }
                if (opts.lengthDelimited !== false) {
                    w.ldelim();
                }
            }, (reader, length, opts = {}) => {
                const obj = {
                    ids: []
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            if (opts.limits?.ids != null && obj.ids.length === opts.limits.ids) {
                                throw new MaxLengthError('Decode error - repeated field "ids" had too many elements');
                            }
                            obj.ids.push(reader.bytes());
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
                return obj;
            }, function* (reader, length, prefix, opts = {}) {
                const obj = {
                    ids: 0
                };
                const end = length == null ? reader.len : reader.pos + length;
                while (reader.pos < end) {
                    const tag = reader.uint32();
                    switch (tag >>> 3) {
                        case 1: {
                            if (opts.limits?.ids != null && obj.ids === opts.limits.ids) {
                                throw new MaxLengthError('Streaming decode error - repeated field "ids" had too many elements');
                            }
                            yield {
                                field: `${prefix}.ids[]`,
                                index: obj.ids,
                                value: reader.bytes()
                            };
                            obj.ids++;
                            break;
                        }
                        default: {
                            reader.skipType(tag & 7);
                            break;
                        }
                    }
                }
            });
        }
        return _codec;
    };
    function encode(obj) {
        return encodeMessage(obj, Taken.codec());
    }
    Taken.encode = encode;
    function decode(buf, opts) {
        return decodeMessage(buf, Taken.codec(), opts);
    }
    Taken.decode = decode;
    function stream(buf, opts) {
        return streamMessage(buf, Taken.codec(), opts);
    }
    Taken.stream = stream;
})(Taken || (Taken = {}));
